"""Waiting for what a thread, a process, a server or a page does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 300
"""Seconds: a loaded machine may need this long for what takes a second."""

PAUSE = 0.05
"""Seconds between two looks."""


def wait_until(
    condition: Callable[[], T], what: str, pause: Callable[[float], object] = time.sleep
) -> T:
    """Return what `condition` returns once that is true; fail after `PATIENCE`.

    Args:
        condition: looks whether it has happened.
        what: is waited for; completes "Waited in vain for …".
        pause: lets some seconds pass.
    """
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"Waited in vain for {what}."
        pause(PAUSE)
    return found
