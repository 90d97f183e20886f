"""The folder of the uploads: may it be written to, and is there room left in it?"""

from __future__ import annotations

import asyncio
import math
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from gradio.utils import get_upload_folder

MOST_BYTES = 4 * 2**30
"""Size of all files in it. Gradio deletes those of its own that are a day old."""

MEASURED_SECONDS = 10.0
"""Seconds for which a measured size will do; what is uploaded meanwhile is added to it."""

IN_USE_SECONDS = 60.0
"""A file is not deleted before it is so old: it may just be on its way into a request."""

OF_GRADIO = re.compile("[0-9a-f]{64}/[^/]+|tmp[a-z0-9_]{8}")
"""Gradio's own files, below the folder: each in one that is named for its content, or under a name
of Python's as long as it arrives, and for ever if that breaks off."""


@dataclass(frozen=True)
class File:
    """A file in the folder.

    Attributes:
        path: where it is.
        size: bytes.
        since: when it came there, by `time.time`.
    """

    path: str
    size: int
    since: float


class UploadFolder:
    """Knows how full the folder is, and deletes the oldest files in it when it is full.

    What a request says of its length takes no room from others: only what arrives does.
    """

    def __init__(self, kept: Callable[[], Collection[str]] = tuple) -> None:
        """Look at nothing yet.

        Args:
            kept: returns paths of files that the app itself shows, never to be deleted.
        """
        self._kept = kept
        self._looking = asyncio.Lock()
        self._looked = -math.inf
        self._found = 0
        self._arrived = 0

    def count(self, arrived: int) -> None:
        """Take note of bytes that are being written to the folder."""
        self._arrived += arrived

    async def has_room(self, more: int) -> bool:
        """Tell whether so many bytes more may be uploaded, and make room for them if need be."""
        async with self._looking:
            if time.monotonic() - self._looked >= MEASURED_SECONDS or not self._fits(more):
                self._looked = time.monotonic()
                self._arrived = 0  # Before the look, which may miss what arrives during it.
                self._found = await to_thread.run_sync(make_room, MOST_BYTES - more, self._kept())
            return self._fits(more)

    def _fits(self, more: int) -> bool:
        return self._found + self._arrived + more <= MOST_BYTES


def make_room(most: int, kept: Collection[str]) -> int:
    """Delete the oldest files of Gradio's while all files are too large; return their size.

    Args:
        most: bytes that all files may have.
        kept: paths of files that are not deleted.
    """
    folder = os.path.realpath(get_upload_folder())
    spared = {os.path.realpath(path) for path in kept}
    files = list(files_in(folder))
    size = sum(file.size for file in files)
    before = time.time() - IN_USE_SECONDS
    ours = (file for file in files if _is_of_gradio(file, folder) and file.path not in spared)
    for file in sorted(ours, key=lambda each: each.since):
        if size <= most or file.since > before:
            break
        try:
            os.remove(file.path)
        except FileNotFoundError:
            pass
        except OSError:
            continue
        size -= file.size
    return size


def files_in(folder: str) -> Iterator[File]:
    """Yield all regular files below a folder; files may vanish meanwhile."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield File(path, status.st_size, status.st_ctime)


def _is_of_gradio(file: File, folder: str) -> bool:
    return OF_GRADIO.fullmatch(Path(file.path).relative_to(folder).as_posix()) is not None


def check_upload_folder() -> None:
    """Make the folder if need be, and a file in it.

    Raises:
        OSError: this program may not.
    """
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        Path(inside, "file").touch()
