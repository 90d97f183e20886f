"""Messages that wait for their readers: how many are kept, and when each was last read.

Time is counted in ticks. The queue ticks every half second, and less often while the server is too
busy to accept a reader's request, so a slow server never counts against the reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from gradio.server_messages import EventMessage, ProcessCompletedMessage
from gradio.utils import LRUCache

TICK_SECONDS = 0.5

MAX_MAILBOXES = 500
"""Visitors whose messages are kept."""

MAX_UNREAD_RESULTS = 64
"""Results that a visitor may leave unread before there are no more; a page reads them at once."""

RESULT_TICKS = 600
"""Ticks (five minutes) for which an unread result is kept."""

OPEN_TICKS, READ_TICKS = 8, 40
"""Ticks (4 and 20 seconds) within which a reader must appear, and then read the next message. A
phone in a tunnel reads nothing for a while; a reader who never appeared gets less time."""


class Mailbox(asyncio.Queue[EventMessage]):
    """The messages to one visitor; knows for how long nobody has read them.

    Attributes:
        results: how many of them are results or errors.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        """Create an empty mailbox.

        Args:
            now: returns the number of ticks so far.
        """
        super().__init__()
        self.results = 0
        self._now = now
        self._readers = 0
        self._last_read = now()
        self._patience = OPEN_TICKS

    async def get(self) -> EventMessage:
        """Return the next message once there is one."""
        self._readers += 1
        self._patience = READ_TICKS
        try:
            return await super().get()
        finally:
            self._readers -= 1
            self._last_read = self._now()

    def _put(self, item: EventMessage) -> None:
        super()._put(item)
        self.results += isinstance(item, ProcessCompletedMessage)

    def _get(self) -> EventMessage:
        item = super()._get()
        self.results -= isinstance(item, ProcessCompletedMessage)
        return item

    def expect_new_reader(self) -> None:
        """Note that the last reader has read everything and left."""
        self._patience = OPEN_TICKS
        self._last_read = self._now()

    def is_awaited(self) -> bool:
        """Tell whether somebody is reading, or may still appear in time."""
        return self._readers > 0 or (self._patience == OPEN_TICKS and self.idle() <= OPEN_TICKS)

    def idle(self) -> int:
        """Return for how many ticks nobody has been reading."""
        return 0 if self._readers else self._now() - self._last_read

    def is_abandoned(self, since: int) -> bool:
        """Tell whether the reader has run out of time.

        Args:
            since: tick at which the request arrived.
        """
        return min(self.idle(), self._now() - since) > self._patience


class Mailboxes(LRUCache[str, Any]):  # Any: Gradio assigns plain queues.
    """The mailbox of every visitor. When full, a new one replaces the one unread for longest."""

    def __init__(self, now: Callable[[], int]) -> None:
        """Create an empty collection; `now` is as for `Mailbox`."""
        super().__init__(MAX_MAILBOXES)
        self._now = now

    def __setitem__(self, visitor: str, _plain: object) -> None:
        """Store a mailbox in place of the plain queue that Gradio makes for a new visitor."""
        if visitor not in self and len(self) >= MAX_MAILBOXES:
            super().__delitem__(max(self, key=lambda each: self[each].idle()))
        super().__setitem__(visitor, Mailbox(self._now))

    def __delitem__(self, visitor: str) -> None:
        """Remove a mailbox unless its next reader is here: the last one may be slow to leave."""
        if not self[visitor].is_awaited():
            super().__delitem__(visitor)
