"""Keep the progress of the latest uploads only.

Gradio keeps the progress of every upload until somebody reads it, and every name by which somebody
asked for one for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

from gradio import routes
from gradio.route_utils import FileUploadProgress
from gradio.utils import LRUCache

MAX_TRACKED = 100
"""Uploads whose progress is kept. Names are up to 64 kB long, as a request's head may be."""


class LatestUploads(FileUploadProgress):
    """The progress of the latest uploads; each new one replaces the oldest."""

    def __init__(self) -> None:
        """Track no upload yet."""
        super().__init__()
        self._statuses: LRUCache[str, Any] = LRUCache(MAX_TRACKED)
        self._signals = _Signals(MAX_TRACKED)  # type: ignore[assignment]  # a dict of another kind


class _Signals(LRUCache[str, asyncio.Event]):
    """A signal that an upload has begun, by its name; made when first asked for."""

    def __missing__(self, upload_id: str) -> asyncio.Event:
        self[upload_id] = signal = asyncio.Event()
        return signal


def forget_old_progress() -> None:
    """Make Gradio keep the progress of uploads as `LatestUploads`."""
    routes.file_upload_statuses = LatestUploads()
