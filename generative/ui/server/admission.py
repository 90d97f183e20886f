"""The queues of the app: each with a bound of its own, and no long work for nobody.

What yields its results one after the other, a painting or a training, is stopped when nobody reads
them. A plain computation cannot be stopped, and is done within seconds.

Gradio has one bound for all queues together, so that a queue of paintings closes every panel, and
runs what was asked for to its end, though nobody may ever have opened the stream of its results.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr
from fastapi import HTTPException, Request
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload, run_coro_in_background

from generative.ui.server.mailboxes import KEPT, LOOK_SECONDS, Mailboxes

AHEAD = 8
"""Messages that a long computation may be ahead of its reader."""

ROOM_SECONDS = 0.05
"""Seconds between two looks whether a slow reader has caught up."""

NO_SUCH_CALL = "There is no such call: /gradio_api/info lists those that there are."
ABANDONED = (
    "This was stopped, as nobody was reading its results: open the stream of a call within "
    "4 seconds, and keep reading."
)

Pushed = tuple[
    bool,
    str | list[dict[str, Any]],
    Literal["success", "error", "queue_full", "validator_error"],
]


@dataclass(frozen=True)
class Bound:
    """How many may wait in a queue.

    Attributes:
        name: what waits there, in the plural.
        waiting: the most that wait at a time.
        a_visitor: the most of one visitor's that wait or are under way.
        later: when to try again.
    """

    name: str
    waiting: int
    a_visitor: int
    later: str

    @property
    def an_address(self) -> int:
        """The most from one address that wait or are under way.

        A visitor's session is whatever the client says, and an address is not. A whole school may
        sit behind one, so it is given more than a visitor: half, the other half being for all else.
        """
        return self.waiting // 2

    def refusal(self, waiting: int, of_visitor: int, of_address: int) -> str | None:
        """Return why one more may not wait; None if it may."""
        if waiting >= self.waiting:
            return (
                f"The queue of {self.name} is full: {waiting} are waiting, so try again in "
                f"{self.later}."
            )
        if of_visitor >= self.a_visitor:
            return (
                f"Your share of the queue of {self.name} is full: {of_visitor} of yours are "
                "waiting or under way, so wait for one of them, or stop it."
            )
        if of_address >= self.an_address:
            return (
                f"Your address's share of the queue of {self.name} is full: {of_address} from "
                f"there are waiting or under way, so try again in {self.later}."
            )
        return None


class FairQueue(Queue):
    """Gradio's queue with a bound for each kind of work, which stops what nobody collects.

    It relies on fields of Gradio's that are not documented; the tests of each rule would show it if
    they were to change.
    """

    def __init__(self, bounds: Mapping[str, Bound], others: Bound, **options: Any) -> None:
        """Make an empty queue.

        Args:
            bounds: by concurrency id.
            others: the bound of everything else together.
            options: those of Gradio's queue.
        """
        super().__init__(**options)
        self._bounds = bounds
        self._others = others
        self.looks = 0
        self._first_seen: dict[str, int] = {}
        self.mailboxes = Mailboxes(lambda: self.looks)
        self.pending_messages_per_session = self.mailboxes
        self.ANALYTICS_MAX_EVENTS = 1

    def compute_analytics_summary(self, records: object) -> dict[str, Any]:
        """Compute nothing: after every request, Gradio would sum up the last 10,000."""
        return self.cached_event_analytics_summary

    # --- Who may wait --------------------------------------------------------------------------

    async def push(
        self, body: PredictBodyInternal, request: Request, username: str | None
    ) -> Pushed:
        """Take a request in, or say in one sentence why not.

        Raises:
            HTTPException: 404, there is no such function.
        """
        function = self.blocks.fns.get(-1 if body.fn_index is None else body.fn_index)
        if function is None or function.fn is None:
            raise HTTPException(404, NO_SUCH_CALL)
        kind = function.concurrency_id
        visitor, address = visitor_of(body.session_hash, request), address_of(request)
        waiting = self._waiting(kind)
        present = [*waiting, *self._running(kind)]
        refusal = self._bound(kind).refusal(
            waiting=len(waiting),
            of_visitor=sum(_visitor(each) == visitor for each in present),
            of_address=sum(address_of(each.request) == address for each in present if address),
        )
        if refusal is not None:
            return False, refusal, "queue_full"
        session = body.session_hash or ""
        if session in self.mailboxes and not self.pending_event_ids_session.get(session):
            self.mailboxes[session].expect_new_reader()
        return await super().push(body, request, username)

    def _bound(self, kind: str) -> Bound:
        return self._bounds.get(kind, self._others)

    def _waiting(self, kind: str) -> list[Event]:
        """Return what waits under the same bound."""
        return [
            event
            for queue in self.event_queue_per_concurrency_id.values()
            for event in queue.queue
            if self._bound(event.concurrency_id) is self._bound(kind)
        ]

    def _running(self, kind: str) -> list[Event]:
        """Return what is under way under the same bound."""
        return [
            event
            for events in self.active_jobs
            for event in events or ()
            if self._bound(event.concurrency_id) is self._bound(kind)
        ]

    def knows(self, event_id: str) -> bool:
        """Tell whether a request is waiting, under way, or done and not collected."""
        return event_id in self.event_ids_to_events or any(
            event_id in pending for pending in self.pending_event_ids_session.values()
        )

    # --- What nobody collects ------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work, and to look for what nobody collects."""
        super().start()  # type: ignore[no-untyped-call]
        self._asyncio_tasks.add(run_coro_in_background(self._look_after))

    async def _look_after(self) -> None:
        while not self.stopped:
            await asyncio.sleep(LOOK_SECONDS)
            self.looks += 1
            seen = self._first_seen
            self._first_seen = {i: seen.get(i, self.looks) for i in self.event_ids_to_events}
            for event in list(self.event_ids_to_events.values()):
                if event.alive and event.fn.types_generator and self._is_abandoned(event):
                    await self._stop(event)
            self._forget_the_uncollected()

    def _is_abandoned(self, event: Event) -> bool:
        mailbox = self.mailboxes.get(event.session_hash)
        since = self._first_seen.get(event._id, self.looks)
        return mailbox is None or mailbox.is_abandoned(since)

    async def _stop(self, event: Event) -> None:
        """Take a request out of its queue, or end it after the step that it is at."""
        if event.session_hash in self.mailboxes:
            error = error_payload(gr.Error(ABANDONED), show_error=True)
            self.send_message(event, ProcessCompletedMessage(output=error, success=False))
        await self.clean_events(event_id=event._id)

    def _forget_the_uncollected(self) -> None:
        busy = {event.session_hash for event in self.event_ids_to_events.values()}
        for session in self.mailboxes.keys() - busy:
            if self.mailboxes[session].idle() > KEPT:
                del self.mailboxes[session]
        for session in self.pending_event_ids_session.keys() - self.mailboxes.keys() - busy:
            del self.pending_event_ids_session[session]

    async def clean_events(
        self, *, session_hash: str | None = None, event_id: str | None = None
    ) -> None:
        """Give up a request, or all of a visitor who has left.

        A page closes its stream when it has all that it asked for, and opens another for what it
        asks next. Gradio may notice the end of the first after that, and must not take it for the
        visitor's.
        """
        mailbox = self.mailboxes.get(session_hash)
        if event_id is None and mailbox is not None and mailbox.is_awaited():
            return
        await super().clean_events(session_hash=session_hash, event_id=event_id)

    async def wait_for_reader(self, event_id: str | None) -> None:
        """Return when the reader of a long computation has nearly caught up with it.

        Raises:
            gr.Error: nobody is reading any more.
        """
        event = self.event_ids_to_events.get(event_id or "")
        while event is not None and event.alive:
            mailbox = self.mailboxes.get(event.session_hash)
            if mailbox is not None and mailbox.qsize() <= AHEAD:
                return
            await asyncio.sleep(ROOM_SECONDS)
        if event is not None:
            raise gr.Error(ABANDONED, print_exception=False)

    async def process_events(self, events: list[Event], *args: Any, **kwargs: Any) -> None:
        """Process requests, and forget the state of those who cannot come back for it."""
        try:
            await super().process_events(events, *args, **kwargs)
        finally:
            for event in events:
                if _is_anonymous(event):
                    self.blocks.state_holder.session_data.pop(event.session_hash, None)
                    self.blocks.state_holder.time_last_used.pop(event.session_hash, None)


def visitor_of(session: str | None, request: Request) -> tuple[Literal["session", "address"], str]:
    """Return who sends a request: a page's or a client's session, otherwise an address."""
    if session:
        return "session", session
    return "address", address_of(request) or _peer(request)


def address_of(request: Request) -> str | None:
    """Return where on the internet a request comes from; None if only a private address is known.

    Behind a proxy, that is the nearest address to it that is not of a private network: what stands
    farther away in the header, the sender may have invented. Of IPv6 it is the network of 64 bits,
    any address of which its owner may use.
    """
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = [_global(hop.strip()) for hop in (*forwarded.split(","), _peer(request))]
    return next(filter(None, reversed(hops)), None)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _global(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if not parsed.is_global:
        return None
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def _is_anonymous(event: Event) -> bool:
    return bool(event.session_hash == event._id)


def _visitor(event: Event) -> tuple[str, str]:
    session = None if _is_anonymous(event) else event.session_hash
    return visitor_of(session, event.request)
