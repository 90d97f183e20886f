"""The server refuses in one sentence, logs no traceback, and keeps nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import RunningApp
from talk import App, encoded, is_a_sentence, stroke

from generative.ui.server import request_filter, upload_folder, upload_progress


@pytest.fixture(autouse=True)
def no_traceback(running: RunningApp):
    """Fail the test if the app logs a traceback during it."""
    before = running.log.stat().st_size
    yield
    with running.log.open("rb") as log:
        log.seek(before)
        assert b"Traceback" not in log.read()


def ask(app: App, method: str, path: str, body: bytes = b"", **headers: str):
    """Send a request and return status, headers and answer."""
    connection = app.connect()
    try:
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def detail(answer: bytes) -> str:
    return json.loads(answer)["detail"]


def memory(running: RunningApp) -> float:
    """Return the memory of the app's process, MB."""
    status = Path(f"/proc/{running.process.pid}/status")
    if not status.exists():
        pytest.skip("there is no /proc here")
    return int(re.search(r"VmRSS:\s+(\d+)", status.read_text())[1]) / 1024


# --- Unknown things --------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=xx"}
NAMELESS = b'--xx\r\nContent-Disposition: form-data; name="files"\r\n\r\nabc\r\n--xx--\r\n'
NAMED = NAMELESS.replace(b'"files"', b'"files"; filename="a.txt"')
CALL = json.dumps({"data": []}).encode()
JOIN = json.dumps({"data": [], "fn_index": 9999, "session_hash": "unknown"}).encode()

REFUSED: dict[str, tuple[int, str, str, bytes, dict[str, str]]] = {
    "an unknown call": (404, "POST", "/gradio_api/call/nothing", CALL, JSON),
    "an unknown call of version 2": (422, "POST", "/gradio_api/call/v2/nothing", b"{}", JSON),
    "an unknown function": (404, "POST", "/gradio_api/queue/join", JOIN, JSON),
    "an unknown result": (404, "GET", "/gradio_api/call/denoise/0123", b"", {}),
    "no values": (422, "POST", "/gradio_api/call/denoise", b"{}", JSON),
    "an upload without a file": (422, "POST", "/gradio_api/upload", NAMELESS, FORM),
    "a direct call": (404, "POST", "/gradio_api/run/denoise", CALL, JSON),
    "another direct call": (404, "POST", "/gradio_api/api/denoise", CALL, JSON),
    "an unknown direct call": (404, "POST", "/gradio_api/run/nothing", CALL, JSON),
    "figures on the use": (404, "GET", "/monitoring", b"", {}),
    "a summary of them": (404, "GET", "/monitoring/summary", b"", {}),
    "a file of another server": (404, "GET", "/gradio_api/file=https://a.invalid/b", b"", {}),
    "an unknown server function": (422, "POST", "/gradio_api/component_server", NAMELESS, FORM),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unknown_requests_are_refused_in_a_sentence(app, case):
    expected, method, path, body, headers = REFUSED[case]
    status, _, answer = ask(app, method, path, body, **headers)
    assert status == expected, answer
    assert is_a_sentence(detail(answer)), answer


def test_no_widget_keeps_what_it_is_sent(app):
    """Functions of widgets answer outside the queue, and Gradio's editor keeps all that it gets."""
    widgets = json.loads(app.get("/config")[1])["components"]
    assert [each["type"] for each in widgets if each["props"].get("server_fns")] == []
    pictures = [each["id"] for each in widgets if each["type"] == "image"]
    assert pictures
    layer = {"type": "layer", "index": 100_000_000, "file": "x", "id": "0"}
    for widget in pictures:
        call = {"component_id": widget, "fn_name": "accept_blobs", "data": layer}
        body = json.dumps(call | {"session_hash": "blobs"}).encode()
        status, _, answer = ask(app, "POST", "/gradio_api/component_server", body, **JSON)
        assert status == 404, answer
        assert is_a_sentence(detail(answer))


def test_the_stream_of_an_unknown_visitor_ends(app):
    status, _, answer = ask(app, "GET", "/gradio_api/queue/data?session_hash=nobody")
    assert status == 200
    assert b'"session_not_found":true' in answer


def test_a_request_that_is_too_long_is_refused_unread(app):
    for headers, length in (
        (JSON, request_filter.MAX_JSON_BYTES),
        (FORM, request_filter.MAX_UPLOAD_BYTES),
    ):
        claims = {**headers, "Content-Length": str(length + 1)}
        status, _, answer = ask(app, "POST", "/gradio_api/call/denoise", **claims)
        assert status == 413
        assert is_a_sentence(detail(answer).replace("/gradio_api/upload", ""))
    chunked = {**JSON, "Transfer-Encoding": "chunked"}
    status, _, answer = ask(app, "POST", "/gradio_api/call/denoise", b"0\r\n\r\n", **chunked)
    assert status == 411
    assert is_a_sentence(detail(answer))


def handlers(app: App) -> list[dict[str, Any]]:
    return [each for each in app.functions() if each["backend_fn"]]


@pytest.mark.parametrize("event", [{}, {"index": 1}, {"value": 1}, [], "x", 7], ids=repr)
def test_an_event_without_a_position_is_refused_in_a_sentence(app, event):
    wrong = []
    for each in handlers(app):
        if each["collects_event_data"]:
            values = ["mnist"] * len(each["inputs"])
            message = answer_to(app, each["id"], values, event)
            if not is_a_sentence(message):
                wrong.append((each["id"], message))
    assert wrong == []


def test_a_list_instead_of_a_name_is_refused_in_a_sentence(app):
    wrong = []
    for each in handlers(app):
        event = {"index": [1, 2], "value": None}
        for value in (["mnist"], [["mnist"]], {"mnist": 1}):
            message = answer_to(app, each["id"], [value] * len(each["inputs"]), event)
            if message is not None and not is_a_sentence(message):
                wrong.append((each["id"], each["api_name"], value, message))
    assert wrong == []


def answer_to(app: App, function: int, values: list[Any], event: Any) -> str | None:
    """Return the error that a page's handler answers with, if any."""
    session = f"wrong{function}"
    app.join(session, function, values, event)
    for message in app.listen(session):
        if message["msg"] == "process_completed":
            return None if message["success"] else message["output"]["error"]
    raise AssertionError("the stream ended early")


# --- Host names and headers ------------------------------------------------------------------


def test_a_host_name_that_a_stranger_gave_this_machine_is_refused(app):
    for forged in ("evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.x"):
        for origin in ({}, {"Origin": f"http://{forged}"}):
            status, _, answer = ask(app, "GET", "/config", Host=forged, **origin)
            assert (status, "--allowed-host" in detail(answer)) == (403, True), forged
    for own in ("localhost", "LOCALHOST:7860", "127.0.0.1", "[::1]:80", "app.localhost"):
        assert ask(app, "GET", "/config", Host=own)[0] == 200, own


def test_every_response_has_the_security_headers(app):
    paths = ("/", "/config", "/theme.css", "/nowhere", "/monitoring")
    for path, more in (*((path, {}) for path in paths), ("/config", {"Host": "evil.example"})):
        _, headers, _ = ask(app, "GET", path, **more)
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin"
        assert "https://huggingface.co" in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("frame-ancestors 'self' ")


# --- Memory and disk -------------------------------------------------------------------------


def test_calls_without_a_session_leave_nothing_behind(app, running):
    body = json.dumps({"data": [None, "mnist", "gaussian", 0.5, 0]}).encode()

    def growth() -> float:
        before = memory(running)
        for _ in range(100):
            status, _, answer = ask(app, "POST", "/gradio_api/call/denoise", body, **JSON)
            assert status == 200
            assert is_a_sentence(app.read("denoise", json.loads(answer)["event_id"]).error)
        return memory(running) - before

    # Models may be loading, but not for ever. Gradio alone keeps 49 MB per hundred calls.
    assert any(growth() < 20 for _ in range(12))


def test_the_progress_of_the_latest_uploads_alone_is_kept(app):
    def progress(name: str) -> tuple[int, str]:
        return app.get(f"/gradio_api/upload_progress?upload_id={name}")

    for index in range(upload_progress.MAX_TRACKED + 1):
        path = f"/gradio_api/upload?upload_id=upload{index}"
        assert ask(app, "POST", path, NAMED, **FORM)[0] == 200
    assert '"msg": "done"' in progress(f"upload{index}")[1]
    assert progress("upload0")[0] == 404


def test_uploads_declared_but_never_sent_lock_nobody_out(app):
    claims = [("Content-Length", str(request_filter.MAX_UPLOAD_BYTES)), *FORM.items()]
    waiting = []
    try:
        for index in range(upload_folder.MAX_FOLDER_BYTES // request_filter.MAX_UPLOAD_BYTES + 10):
            connection = app.connect()
            connection.putrequest("POST", "/gradio_api/upload", skip_host=True)
            connection.putheader("Host", "evil.example" if index % 2 else "localhost")
            for name, value in claims:
                connection.putheader(name, value)
            connection.endheaders()
            waiting.append(connection)
        assert app.send_file(encoded(stroke()), "a.png")[0] == 200
    finally:
        for connection in waiting:
            connection.close()
