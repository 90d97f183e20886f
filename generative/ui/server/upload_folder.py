"""The upload folder: check that it is writable, and keep it from filling up."""

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

MAX_FOLDER_BYTES = 4 * 2**30
"""Size of all files in the folder. Gradio deletes its own after a day."""

MEASURED_SECONDS = 10.0
"""Seconds for which a measured size is used; later uploads are added to it."""

IN_USE_SECONDS = 60.0
"""A younger file is never deleted: a request may be about to use it."""

GRADIO_FILE = re.compile("[0-9a-f]{64}/[^/]+|tmp[a-z0-9_]{8}")
"""Gradio's own files, relative to the folder: each in a subfolder named by its hash, or under a
temporary name while it arrives, which stays if the upload breaks off."""


@dataclass(frozen=True)
class UploadedFile:
    """A file in the folder.

    Attributes:
        path: its absolute path.
        size: bytes.
        since: when it arrived, by `time.time`.
    """

    path: str
    size: int
    since: float


class UploadFolder:
    """Track how full the folder is, and delete its oldest files when it is full.

    Only bytes that arrive take up room; a request's declared length reserves none.
    """

    def __init__(self, kept: Callable[[], Collection[str]] = tuple) -> None:
        """Create a tracker that has measured nothing yet.

        Args:
            kept: returns the paths of files that the app itself shows, which are never deleted.
        """
        self._kept = kept
        self._measuring = asyncio.Lock()
        self._measured_at = -math.inf
        self._measured = 0
        self._arrived = 0

    def count(self, arrived: int) -> None:
        """Count bytes that are being written to the folder."""
        self._arrived += arrived

    async def has_room(self, more: int) -> bool:
        """Tell whether `more` bytes may be uploaded, deleting old files if need be."""
        async with self._measuring:
            if time.monotonic() - self._measured_at >= MEASURED_SECONDS or not self._fits(more):
                self._measured_at = time.monotonic()
                self._arrived = 0  # Reset first: the measurement may miss what arrives during it.
                self._measured = await to_thread.run_sync(
                    make_room, MAX_FOLDER_BYTES - more, self._kept()
                )
            return self._fits(more)

    def _fits(self, more: int) -> bool:
        return self._measured + self._arrived + more <= MAX_FOLDER_BYTES


def make_room(limit: int, kept: Collection[str]) -> int:
    """Delete Gradio's oldest files until all files fit; return the total size left.

    Args:
        limit: bytes that all files together may have.
        kept: paths of files that are never deleted.
    """
    folder = os.path.realpath(get_upload_folder())
    spared = {os.path.realpath(path) for path in kept}
    files = list(files_in(folder))
    size = sum(file.size for file in files)
    before = time.time() - IN_USE_SECONDS
    ours = (file for file in files if _is_gradio_file(file, folder) and file.path not in spared)
    for file in sorted(ours, key=lambda each: each.since):
        if size <= limit or file.since > before:
            break
        try:
            os.remove(file.path)
        except FileNotFoundError:
            pass
        except OSError:
            continue
        size -= file.size
    return size


def files_in(folder: str) -> Iterator[UploadedFile]:
    """Yield all regular files below a folder, even while some vanish."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield UploadedFile(path, status.st_size, status.st_ctime)


def _is_gradio_file(file: UploadedFile, folder: str) -> bool:
    return GRADIO_FILE.fullmatch(Path(file.path).relative_to(folder).as_posix()) is not None


def check_upload_folder() -> None:
    """Create the folder if need be, and a file in it as a test.

    Raises:
        OSError: the program has no permission.
    """
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        Path(inside, "file").touch()
