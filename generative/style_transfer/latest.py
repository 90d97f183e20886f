"""Keep the latest paintings, so that they can be continued."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """What was used last, by key; what was used longest ago makes room. For several threads."""

    def __init__(self, most: int) -> None:
        """Make room for as many as `most`."""
        self._most = most
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: str, value: T) -> list[str]:
        """Keep a value, and return the keys of those that made room."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            too_many = len(self._kept) - self._most
            return [self._kept.popitem(last=False)[0] for _ in range(too_many)]

    def get(self, key: str) -> T | None:
        """Return the value of a key, and count it as used; None if there is none."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def forget(self, key: str) -> None:
        """Keep the value of a key no longer."""
        with self._lock:
            self._kept.pop(key, None)
