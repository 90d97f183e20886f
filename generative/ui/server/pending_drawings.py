"""Hold the page's drawings briefly, until the requests that use them arrive.

The page sends a drawing ahead of its request, in parts: background, layers and composite. Gradio
would keep every part for ever, and allocate as many layers as the page claims there are.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from fastapi import HTTPException

MAX_DRAWINGS = 64
MAX_TOTAL_BYTES = 64 * 2**20
KEPT_SECONDS = 60.0
LAYER_INDICES = frozenset(map(str, range(8)))
NO_DRAWING = (
    "This is no drawing: expected one file, its type (background, layer or composite), an id of at "
    "most 64 characters, and for a layer an index of at most 7."
)


class PendingDrawings:
    """Drawings that wait for their requests, by the ids that the page gave them."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Create an empty collection.

        Args:
            now: returns the time in seconds.
        """
        self._now = now
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def keep(self, sent: Any) -> None:
        """Keep a drawing's composite, dropping the oldest drawings to make room.

        Args:
            sent: the fields and files of the page's request, or whatever came instead.

        Raises:
            HTTPException: 422, it is not part of a drawing.
        """
        fields, files = getattr(sent, "data", None), getattr(sent, "files", None)
        if not isinstance(fields, dict) or not files or not _is_part(fields):
            raise HTTPException(422, NO_DRAWING)
        if fields["type"] == "composite":
            with self._lock:
                self._kept.pop(fields["id"], None)
                self._kept[fields["id"]] = self._now(), files[0][1]
                self._make_room()

    def take(self, name: str) -> bytes | None:
        """Return a drawing's file and forget it; None if there is none, or no longer."""
        with self._lock:
            self._make_room()
            return self._kept.pop(name, (0.0, None))[1]

    def _make_room(self) -> None:
        oldest = self._now() - KEPT_SECONDS
        while self._kept and (
            len(self._kept) > MAX_DRAWINGS
            or sum(len(content) for _, content in self._kept.values()) > MAX_TOTAL_BYTES
            or next(iter(self._kept.values()))[0] < oldest
        ):
            self._kept.popitem(last=False)


def _is_part(fields: dict[str, Any]) -> bool:
    name, kind = fields.get("id"), fields.get("type")
    return (
        isinstance(name, str)
        and 0 < len(name) <= 64
        and (kind in ("background", "composite") or (kind == "layer" and _is_layer(fields)))
    )


def _is_layer(fields: dict[str, Any]) -> bool:
    index = fields.get("index")
    return isinstance(index, str) and index in LAYER_INDICES
