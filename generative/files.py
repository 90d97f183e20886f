"""Read files whole within a size limit; write them whole or not at all."""

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
"""A temporary file older than this was left behind by a killed process.

Age works on any file system. A process id may have been reused, or belong to another machine that
shares the folder.
"""


class TooLarge(OSError):
    """A file is larger than its reader accepts."""


def read(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes.

    Reading a device could go on for ever, and a pipe could block. So this opens without blocking,
    and checks the very file it has opened.

    Raises:
        TooLarge: the file is larger.
        OSError: the file is missing, not a regular file, or not readable.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", str(path))
        if status.st_size > limit:
            raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return file.read(status.st_size)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see either the old content or the new, never a part.

    Raises:
        OSError: the file system refuses.
    """
    with writing_atomically(path) as file:
        file.write(content)


@contextmanager
def writing_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a temporary file for writing and reading that becomes `path` when the block ends.

    If the block fails, the temporary file is deleted and `path` stays unchanged. Each temporary
    name is unique, so several processes and threads may write to one path; the last to finish wins.
    Also deletes what killed processes left behind, see `STALE_SECONDS`.

    Raises:
        OSError: the file system refuses.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("x+b") as file:
            # By the file system's clock, as machines sharing the folder may disagree.
            _sweep(path, os.fstat(file.fileno()).st_mtime - STALE_SECONDS)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(OSError):  # Already renamed, or never created.
            temporary.unlink()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _sweep(path: Path, latest: float) -> None:
    """Delete the temporary files of `path` last written before `latest`."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{32}}")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if ours.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < latest:
                Path(entry.path).unlink(missing_ok=True)
