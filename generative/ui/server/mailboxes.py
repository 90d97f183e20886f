"""Messages that wait for their readers: when each was last asked for, and how many are kept.

Time is counted in looks: the queue looks around every half second, and less often while the server
is too busy to take a reader's request, which is then no fault of the reader's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from gradio.server_messages import EventMessage
from gradio.utils import LRUCache

LOOK_SECONDS = 0.5

MOST = 500
"""Visitors whose messages are kept at a time."""

KEPT = 600
"""Looks, five minutes: for so long a result is kept that nobody asks for."""

TO_OPEN, TO_READ_ON = 8, 40
"""Looks, 4 and 20 seconds, in which a reader has to come, and in which one who came has to take the
next message. A phone in a tunnel reads nothing for a while; who never came is not waited for."""


class Mailbox(asyncio.Queue[EventMessage]):
    """The messages to one visitor; knows since when nobody has asked for one."""

    def __init__(self, now: Callable[[], int]) -> None:
        """Make an empty one.

        Args:
            now: returns the number of looks so far.
        """
        super().__init__()
        self._now = now
        self._readers = 0
        self._read = now()
        self._patience = TO_OPEN

    async def get(self) -> EventMessage:
        """Take the next message, when there is one."""
        self._readers += 1
        self._patience = TO_READ_ON
        try:
            return await super().get()
        finally:
            self._readers -= 1
            self._read = self._now()

    def expect_new_reader(self) -> None:
        """Note that the last one has had all that there was, and is gone."""
        self._patience = TO_OPEN
        self._read = self._now()

    def is_awaited(self) -> bool:
        """Tell whether somebody reads, or should be about to."""
        return self._readers > 0 or (self._patience == TO_OPEN and self.idle() <= TO_OPEN)

    def idle(self) -> int:
        """Return for how many looks nobody has been reading."""
        return 0 if self._readers else self._now() - self._read

    def is_abandoned(self, since: int) -> bool:
        """Tell whether nobody reads, and nobody will.

        Args:
            since: look at which the request came whose results are to be read.
        """
        return min(self.idle(), self._now() - since) > self._patience


class Mailboxes(LRUCache[str, Any]):  # of Mailbox: Gradio puts its own kind in
    """The mailbox of every visitor. A new one makes the one room that was longest left alone."""

    def __init__(self, now: Callable[[], int]) -> None:
        """Make an empty collection; see `Mailbox` for its argument."""
        super().__init__(MOST)
        self._now = now

    def __setitem__(self, visitor: str, _plain: object) -> None:
        """Make a mailbox, in place of the plain queue that Gradio makes for a new visitor."""
        if visitor not in self and len(self) >= MOST:
            super().__delitem__(max(self, key=lambda each: self[each].idle()))
        super().__setitem__(visitor, Mailbox(self._now))

    def __delitem__(self, visitor: str) -> None:
        """Remove a mailbox, unless its next reader is there: the last one may be slow to go."""
        if not self[visitor].is_awaited():
            super().__delitem__(visitor)
