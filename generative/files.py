"""Files read whole within a limit, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

STALE_SECONDS = 3600
"""A temporary file that nobody has written to for so long was left by a kill.

Its age says so on any file system; a process's number may have been given to another since, or be
of another machine that shares the folder.
"""


class TooLarge(OSError):
    """A file is larger than its reader takes."""


def read(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes.

    A link to a device would be read for ever, and a pipe that nobody writes to waited for: what is
    read is what was opened and looked at, and nothing is waited for.

    Raises:
        TooLarge: it is larger than that.
        OSError: it is not there, not a regular file, or not readable.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", str(path))
        if status.st_size > limit:
            raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return file.read(status.st_size)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new, never a part.

    Raises:
        OSError: as the file system says.
    """
    with writing_atomically(path) as file:
        file.write(content)


@contextmanager
def writing_atomically(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to and read from, which becomes `path` when the block ends.

    If the block fails, it goes, and `path` stays as it was. Its name is its own, so that any number
    of processes and threads may write to one path: the last to end wins. What earlier ones left
    when they were killed is swept away, see `STALE_SECONDS`.

    Raises:
        OSError: as the file system says.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("x+b") as file:
            # By the file system's clock, as machines that share the folder may differ in theirs.
            _sweep(path, os.fstat(file.fileno()).st_mtime - STALE_SECONDS)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(OSError):  # It has its final name, or was never made.
            temporary.unlink()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _sweep(path: Path, latest: float) -> None:
    """Remove the temporary files of `path` that nobody has written to since `latest`."""
    # Older releases put the number of the process after the name.
    ours = re.compile(rf"\.{re.escape(path.name)}\.([0-9a-f]{{32}}|\d+)")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if ours.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < latest:
                Path(entry.path).unlink(missing_ok=True)
