"""The folder of uploads never takes more room than it may."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from loops import run_async
from talk import is_a_sentence

from generative.ui.server import request_filter, upload_folder


@pytest.fixture
def uploads(tmp_path, monkeypatch) -> Path:
    """An empty upload folder with room for 1000 bytes."""
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("GRADIO_TEMP_DIR", tmp_path.name)
    monkeypatch.setattr(upload_folder, "MAX_FOLDER_BYTES", 1000)
    return tmp_path


def put(uploads: Path, index: int, size: int) -> Path:
    """Write a file as Gradio would."""
    path = uploads / f"{index:064x}" / "a.png"
    path.parent.mkdir()
    path.write_bytes(bytes(size))
    return path


def has_room(tracker: upload_folder.UploadFolder, more: int) -> bool:
    return run_async(tracker.has_room, more)


def test_bytes_that_arrive_take_room_and_declared_ones_do_not(uploads):
    put(uploads, 1, 600)
    tracker = upload_folder.UploadFolder()
    assert not has_room(tracker, 401)
    assert all(has_room(tracker, 400) for _ in range(3))
    tracker.count(100)
    assert has_room(tracker, 300)


def test_bytes_that_arrive_during_a_measurement_count(uploads, monkeypatch):
    tracker = upload_folder.UploadFolder()

    def measure(*_: object) -> int:
        tracker.count(300)
        return 600

    monkeypatch.setattr(upload_folder, "make_room", measure)
    assert has_room(tracker, 100)
    monkeypatch.setattr(upload_folder, "make_room", lambda *_: pytest.fail("measured again"))
    assert has_room(tracker, 100)


def test_a_full_folder_loses_its_oldest_uploads_and_nothing_else(uploads, monkeypatch):
    shown, first, second, third = (put(uploads, index, 200) for index in range(4))
    broken_off = uploads / "tmpabc_1234"
    broken_off.write_bytes(bytes(100))
    foreign = uploads / "notes.txt"
    foreign.write_bytes(bytes(50))
    link = uploads / f"{9:064x}"
    link.symlink_to(shown.parent)
    ages = {shown: 90, broken_off: 80, foreign: 75, first: 70, second: 65, third: 30}
    now = time.time()

    def found(_folder: str):
        return [
            upload_folder.UploadedFile(str(path), path.stat().st_size, now - age)
            for path, age in ages.items()
            if path.exists()
        ]

    assert {each.path for each in upload_folder.files_in(str(uploads))} == set(map(str, ages))
    monkeypatch.setattr(upload_folder, "files_in", found)
    tracker = upload_folder.UploadFolder(lambda: [str(shown)])
    assert has_room(tracker, 200)
    assert [path.exists() for path in (broken_off, first)] == [False, False]
    assert second.exists()
    assert has_room(tracker, 500)
    assert [path.exists() for path in (first, second, third)] == [False, False, True]
    assert not has_room(tracker, 600)
    assert [path.exists() for path in (shown, foreign, third)] == [True] * 3


def test_an_upload_is_refused_as_soon_as_the_folder_is_full(uploads):
    sent: list[Any] = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        for _ in range(20):
            await receive()
            put(uploads, len(list(uploads.iterdir())), 300)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(300), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": []}
    run_async(request_filter.limit_uploads(upload_folder.UploadFolder())(app), scope, receive, send)
    assert sent[0]["status"] == 507
    assert is_a_sentence(json.loads(sent[1]["body"])["detail"])
    assert len(list(uploads.iterdir())) <= 4
