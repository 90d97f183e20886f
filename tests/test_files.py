from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from generative import files
from generative.files import TooLarge, read, write_atomically, writing_atomically

LIMIT = 1000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def age(path: Path, seconds: float) -> Path:
    """Create a file last written `seconds` ago."""
    path.touch()
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


# --- Reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_a_file_of_at_most_the_limit_is_read(tmp_path, size):
    (tmp_path / "file").write_bytes(b"x" * size)
    assert read(tmp_path / "file", LIMIT) == b"x" * size


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read(tmp_path / "link", LIMIT) == b"content"


def test_a_larger_file_is_refused_unread(tmp_path):
    path = tmp_path / "file"
    path.touch()
    os.truncate(path, 2**40)  # More than the memory holds, and nothing on the disk.
    with pytest.raises(TooLarge):
        read(path, LIMIT)


def test_an_endless_device_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="Not a regular file"):
        read(tmp_path / "link", LIMIT)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="Not a regular file"):
        read(tmp_path / "pipe", LIMIT)


def test_anything_but_a_file_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for name in (".", "nothing", "loop"):
        with pytest.raises(OSError):  # noqa: PT011  the system's words differ
            read(tmp_path / name, LIMIT)


# --- Writing ---------------------------------------------------------------------------------


def test_new_content_replaces_the_old(tmp_path):
    for content in (b"old", b"new"):
        write_atomically(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
    assert names(tmp_path) == ["file"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    write_atomically(tmp_path / "file", b"")
    (tmp_path / "usual").touch()
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_until_the_block_ends_the_old_content_is_there(tmp_path):
    write_atomically(tmp_path / "file", b"old")
    with writing_atomically(tmp_path / "file") as file:
        file.write(b"new")
        file.flush()
        assert (tmp_path / "file").read_bytes() == b"old"
        file.seek(0)
        assert file.read() == b"new"
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_block_that_fails_leaves_the_old_content(tmp_path):
    write_atomically(tmp_path / "file", b"old")
    with pytest.raises(TypeError), writing_atomically(tmp_path / "file") as file:
        file.writelines([b"new", None])
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_writers_of_one_path_do_not_interfere(tmp_path):
    # Two blocks of one process; two processes have no more in common than these.
    path = tmp_path / "file"
    with writing_atomically(path) as first:
        with writing_atomically(path) as second:
            first.write(b"first")
            second.write(b"second")
            assert len(names(tmp_path)) == 2
        assert path.read_bytes() == b"second"
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["file"]


def test_threads_that_write_at_once_leave_one_whole_file(tmp_path):
    path, ready, problems = tmp_path / "file", threading.Barrier(8), []

    def write(letter: bytes) -> None:
        ready.wait()
        try:
            for _ in range(20):
                write_atomically(path, letter * 10_000)
        except OSError as error:
            problems.append(error)

    threads = [threading.Thread(target=write, args=(bytes([97 + i]),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    content = path.read_bytes()
    assert content == content[:1] * 10_000
    assert names(tmp_path) == ["file"]


def test_a_missing_folder_is_the_systems_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        write_atomically(tmp_path / "file" / "inner", b"")


# --- Leftovers of killed processes -----------------------------------------------------------

OLD = files.STALE_SECONDS + 60
LEFT = ".card.json." + "0123456789abcdef" * 2


def test_old_leftovers_are_deleted(tmp_path):
    age(tmp_path / LEFT, OLD)
    write_atomically(tmp_path / "card.json", b"")
    assert names(tmp_path) == ["card.json"]


def test_recent_temporary_files_stay(tmp_path):
    left = age(tmp_path / LEFT, files.STALE_SECONDS - 60)
    write_atomically(tmp_path / "card.json", b"")
    assert left.exists()


@pytest.mark.parametrize(
    "other",
    [
        ".card.json.swp",
        ".card.json.bak",
        f"{LEFT}.x",
        LEFT.replace(".json", "Xjson"),
        LEFT.replace("card", "other"),
        LEFT[1:],
    ],
)
def test_files_of_others_stay(tmp_path, other):
    age(tmp_path / other, OLD)
    write_atomically(tmp_path / "card.json", b"")
    assert names(tmp_path) == sorted(["card.json", other])


def test_a_folder_or_a_link_in_the_way_does_no_harm(tmp_path):
    (tmp_path / ".card.json.1").mkdir()
    age(tmp_path / ".card.json.1", OLD)
    age(tmp_path / "target", OLD)
    (tmp_path / ".card.json.2").symlink_to("target")
    write_atomically(tmp_path / "card.json", b"content")
    assert (tmp_path / "card.json").read_bytes() == b"content"
    assert (tmp_path / "target").exists()
