"""The folder of the uploads: may it be written to, and is there room left in it?"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from anyio import to_thread
from gradio.utils import get_upload_folder

MOST_BYTES = 4 * 2**30
"""Size of all files in it. Gradio deletes those that are a day old."""

MEASURED_SECONDS = 10.0
"""Seconds for which a measured size will do; what is uploaded meanwhile is added to it."""


class UploadFolder:
    """Knows how full the folder is."""

    def __init__(self) -> None:
        self._bytes = 0
        self._measured = -MEASURED_SECONDS

    async def has_room(self, more: int) -> bool:
        """Tell whether so many bytes more may be uploaded, and count them."""
        if time.monotonic() - self._measured >= MEASURED_SECONDS:
            self._measured = time.monotonic()
            self._bytes = await to_thread.run_sync(size_of, get_upload_folder())
        self._bytes += more
        return self._bytes <= MOST_BYTES


def size_of(folder: str) -> int:
    """Return the size of all files below a folder, in bytes; files may vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total


def check_upload_folder() -> None:
    """Make the folder if need be, and a file in it.

    Raises:
        OSError: this program may not.
    """
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        Path(inside, "file").touch()
