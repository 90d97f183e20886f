"""Messages that wait for their readers: when each was last asked for, and how many are kept."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from gradio.server_messages import EventMessage
from gradio.utils import LRUCache

MOST = 500
"""Visitors whose messages are kept at a time."""

KEPT_SECONDS = 300.0
"""A result that nobody has asked for is kept this long."""

TO_OPEN, TO_READ_ON = 4.0, 20.0
"""Seconds in which a reader has to come, and in which one who came has to take the next message.

A phone in a tunnel reads nothing for a while; who never came is not waited for.
"""


class Mailbox(asyncio.Queue[EventMessage]):
    """The messages to one visitor; knows since when nobody has asked for one."""

    def __init__(self) -> None:
        super().__init__()
        self._readers = 0
        self._read = time.monotonic()
        self._patience = TO_OPEN

    async def get(self) -> EventMessage:
        """Take the next message, when there is one."""
        self._readers += 1
        self._patience = TO_READ_ON
        try:
            return await super().get()
        finally:
            self._readers -= 1
            self._read = time.monotonic()

    def expect_new_reader(self) -> None:
        """Note that the last one has had all that there was, and is gone."""
        self._patience = TO_OPEN

    def idle_seconds(self) -> float:
        """Return for how long nobody has been reading."""
        return 0.0 if self._readers else time.monotonic() - self._read

    def is_abandoned(self, waits_since: float) -> bool:
        """Tell whether nobody reads, and nobody will.

        Args:
            waits_since: time of the request whose results are to be read, by the monotonic clock.
        """
        waits = time.monotonic() - waits_since
        return min(self.idle_seconds(), waits) > self._patience


class Mailboxes(LRUCache[str, Any]):  # of Mailbox: Gradio puts its own kind in
    """The mailbox of every visitor. A new one makes the one room that was longest left alone."""

    def __init__(self) -> None:
        super().__init__(MOST)

    def __setitem__(self, visitor: str, _plain: object) -> None:
        """Make a mailbox, in place of the plain queue that Gradio makes for a new visitor."""
        if visitor not in self and len(self) >= MOST:
            del self[max(self, key=lambda each: self[each].idle_seconds())]
        super().__setitem__(visitor, Mailbox())
