"""The app's queue: separate limits for each kind of work, and no long work that nobody reads.

A request that streams its results, such as a painting or a training, is stopped when nobody reads
them. A plain computation cannot be stopped, but takes only seconds.

Gradio has a single limit for all its queues, so waiting paintings would block every panel. It also
runs each request to the end, even if nobody ever opened its stream of results.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr
from fastapi import HTTPException, Request
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import EventMessage, ProcessCompletedMessage
from gradio.utils import error_payload, run_coro_in_background

from generative.ui.server.health import STOPPING
from generative.ui.server.jobs import EventLedger, Job, Outcome, log, panel_of, size_of
from generative.ui.server.limits import QueueLimits
from generative.ui.server.mailboxes import (
    MAX_UNREAD_RESULTS,
    RESULT_TICKS,
    TICK_SECONDS,
    Mailboxes,
)
from generative.ui.server.prometheus import JobFigures
from generative.ui.server.visitors import address_of, visitor_of

MAX_AHEAD = 8
"""Messages by which a long computation may run ahead of its reader."""

READER_POLL_SECONDS = 0.05
"""Seconds between checks whether a slow reader has caught up."""

NO_SUCH_CALL = "There is no such call: see /gradio_api/info for those that exist."
ABANDONED = (
    "This was stopped because nobody was reading its results: open a call's stream within "
    "4 seconds, and keep reading."
)

UNREAD = (
    f"Your share is full: {MAX_UNREAD_RESULTS} results are unread, so read them before you ask for "
    "more."
)

STOPPED = "The server is being stopped, and this took too long to finish: try again in a minute."

FAREWELL_SECONDS = 1.0
"""Time for the last messages to be read."""

PushResult = tuple[
    bool,
    str | list[dict[str, Any]],
    Literal["success", "error", "queue_full", "validator_error"],
]


@dataclass(frozen=True)
class Place:
    """Where a request waits.

    Attributes:
        ahead: requests before it, those that run included.
        seconds: until it begins, by how long such requests took so far; None if one never did.
    """

    ahead: int
    seconds: float | None


class FairQueue(Queue):
    """Gradio's queue with limits for each kind of work; stops requests that nobody reads.

    It relies on undocumented fields of Gradio's; the test of each rule fails if they change.
    """

    def __init__(
        self, limits: Mapping[str, QueueLimits], other_limits: QueueLimits, **options: Any
    ) -> None:
        """Make an empty queue.

        Args:
            limits: by concurrency id.
            other_limits: of all other requests together.
            **options: those of Gradio's queue.
        """
        super().__init__(**options)
        self._limits = limits
        self._other_limits = other_limits
        self.ticks = 0
        self._first_seen: dict[str, int] = {}
        self._is_draining = False
        self._ledger = EventLedger(self._report)
        self.event_ids_to_events = self._ledger
        self.figures = JobFigures()
        self.mailboxes = Mailboxes(lambda: self.ticks)
        self.pending_messages_per_session = self.mailboxes
        self.ANALYTICS_MAX_EVENTS = 1

    def compute_analytics_summary(self, records: object) -> dict[str, Any]:
        """Skip the summary of the last 10,000 requests, which Gradio computes after each."""
        return self.cached_event_analytics_summary

    # --- Admission -----------------------------------------------------------------------------

    async def push(
        self, body: PredictBodyInternal, request: Request, username: str | None
    ) -> PushResult:
        """Accept a request, or refuse it in one sentence.

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
        refusal = self._limits_of(kind).refusal(
            waiting=len(waiting),
            of_visitor=sum(_visitor(each) == visitor for each in present),
            of_address=sum(address_of(each.request) == address for each in present if address),
        )
        session = body.session_hash or ""
        if session in self.mailboxes and self.mailboxes[session].results >= MAX_UNREAD_RESULTS:
            refusal = UNREAD
        if self._is_draining:
            refusal = STOPPING
        if refusal is not None:
            refused = Event(body.session_hash, function, request, username)
            refused.data = body
            self._report(refused, 0, 0, "refused")
            return False, refusal, "queue_full"
        if session in self.mailboxes and not self.pending_event_ids_session.get(session):
            self.mailboxes[session].expect_new_reader()
        return await super().push(body, request, username)

    def _limits_of(self, kind: str) -> QueueLimits:
        return self._limits.get(kind, self._other_limits)

    def _waiting(self, kind: str) -> list[Event]:
        """Return the requests that wait under the same limits."""
        return [
            event
            for queue in self.event_queue_per_concurrency_id.values()
            for event in queue.queue
            if self._limits_of(event.concurrency_id) is self._limits_of(kind)
        ]

    def _running(self, kind: str) -> list[Event]:
        """Return the requests that run under the same limits."""
        return [
            event
            for events in self.active_jobs
            for event in events or ()
            if self._limits_of(event.concurrency_id) is self._limits_of(kind)
        ]

    def knows(self, event_id: str) -> bool:
        """Tell whether a request is waiting, running, or finished but not yet read."""
        return event_id in self.event_ids_to_events or any(
            event_id in pending for pending in self.pending_event_ids_session.values()
        )

    # --- Reports -------------------------------------------------------------------------------

    def lengths(self) -> dict[str, tuple[int, int]]:
        """Return how many requests wait and how many run, by the names of their limits."""
        lengths = {limits.name: (0, 0) for limits in (*self._limits.values(), self._other_limits)}
        for kind in self.event_queue_per_concurrency_id:
            lengths[self._limits_of(kind).name] = len(self._waiting(kind)), len(self._running(kind))
        return lengths

    def place(self, session: str | None, kind: str) -> Place | None:
        """Return the place of a visitor's first waiting request; None if none waits.

        Args:
            session: the visitor's.
            kind: concurrency id of the queue.
        """
        queue = self.event_queue_per_concurrency_id.get(kind)
        waiting = [] if queue is None else queue.queue
        sessions = [event.session_hash for event in waiting]
        if queue is None or session not in sessions:
            return None
        before = waiting[: sessions.index(session)]
        begun = [(fn, at) for fn, starts in queue.start_times_per_fn.items() for at in starts]
        usual = {fn: took.avg_time for fn, took in self.process_time_per_fn.items()}
        seconds: float | None = None
        with suppress(KeyError):  # One of them has never run to its end.
            running = [at + usual[fn] - time.time() for fn, at in begun]
            later = [usual[event.fn] for event in before]
            if min(running, default=0.0) >= 0:  # Else one takes longer than usual: nobody knows.
                seconds = sum([*running, *later]) / (queue.concurrency_limit or 1)
        return Place(len(begun) + len(before), seconds)

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """Send a message to a request's visitor, noting what it says of the request."""
        self._ledger.note(event, event_message)
        super().send_message(event, event_message)

    def _report(self, event: Event, waiting: float, working: float, outcome: Outcome) -> None:
        """Log and count a request that has ended."""
        job = Job(
            panel=panel_of(event.fn),
            endpoint=event.fn.api_name or event.fn.name or "",
            queue=self._limits_of(event.concurrency_id).name,
            size_bytes=size_of(event),
            waiting_seconds=waiting,
            working_seconds=working,
            outcome=outcome,
        )
        log(job)
        self.figures.count(job)

    # --- The end -------------------------------------------------------------------------------

    async def drain(self, seconds: float) -> None:
        """Refuse new requests, and wait for those accepted; stop whatever is left after a time.

        Args:
            seconds: how long to wait.
        """
        self._is_draining = True
        deadline = time.monotonic() + seconds
        while self._is_busy() and time.monotonic() < deadline:
            await asyncio.sleep(READER_POLL_SECONDS)
        late = list(self.event_ids_to_events.values())
        for event in late:
            await self._stop_event(event, STOPPED)
        if late:
            await asyncio.sleep(FAREWELL_SECONDS)
        for event in late:  # A step that still computes would be reported only after it.
            self.event_ids_to_events.pop(event._id, None)

    def _is_busy(self) -> bool:
        """Tell whether a request waits or runs, or its visitor is about to read its results."""
        return bool(self.event_ids_to_events) or any(
            self.mailboxes[session].is_awaited()
            for session, events in self.pending_event_ids_session.items()
            if events and session in self.mailboxes
        )

    # --- Abandoned requests --------------------------------------------------------------------

    def start(self) -> None:
        """Start processing requests, and stopping abandoned ones."""
        self.loop = asyncio.get_running_loop()
        super().start()  # type: ignore[no-untyped-call]
        self._asyncio_tasks.add(run_coro_in_background(self._tick))

    async def _tick(self) -> None:
        while not self.stopped:
            await asyncio.sleep(TICK_SECONDS)
            self.ticks += 1
            seen = self._first_seen
            self._first_seen = {i: seen.get(i, self.ticks) for i in self.event_ids_to_events}
            for event in list(self.event_ids_to_events.values()):
                if event.alive and event.fn.types_generator and self._is_abandoned(event):
                    await self._stop_event(event, ABANDONED)
            self.forget_unread_results()

    def _is_abandoned(self, event: Event) -> bool:
        mailbox = self.mailboxes.get(event.session_hash)
        since = self._first_seen.get(event._id, self.ticks)
        return mailbox is None or mailbox.is_abandoned(since)

    async def _stop_event(self, event: Event, why: str) -> None:
        """Take a request out of its queue, or end it after its current step; tell its visitor."""
        self._ledger.note_stopped(event)
        if event.session_hash in self.mailboxes:
            error = error_payload(gr.Error(why), show_error=True)
            self.send_message(event, ProcessCompletedMessage(output=error, success=False))
        await self.clean_events(event_id=event._id)

    def forget_unread_results(self) -> None:
        """Forget the results of visitors who have left them unread for `RESULT_TICKS`."""
        busy = {event.session_hash for event in self.event_ids_to_events.values()}
        for session in self.mailboxes.keys() - busy:
            if self.mailboxes[session].idle() > RESULT_TICKS:
                del self.mailboxes[session]
        for session in self.pending_event_ids_session.keys() - self.mailboxes.keys() - busy:
            del self.pending_event_ids_session[session]

    async def clean_events(
        self, *, session_hash: str | None = None, event_id: str | None = None
    ) -> None:
        """Cancel a request, or all requests of a visitor who has left.

        A page closes its stream once it has everything it asked for, and opens another for its next
        request. Gradio may notice the first stream's end only then, and must not conclude that the
        visitor has left.
        """
        mailbox = self.mailboxes.get(session_hash)
        if event_id is None and mailbox is not None and mailbox.is_awaited():
            return
        await super().clean_events(session_hash=session_hash, event_id=event_id)

    async def wait_for_reader(self, event_id: str | None) -> None:
        """Return once the reader of a long computation has nearly caught up with it.

        Raises:
            gr.Error: nobody is reading any more.
        """
        event = self.event_ids_to_events.get(event_id or "")
        while event is not None and event.alive:
            mailbox = self.mailboxes.get(event.session_hash)
            if mailbox is not None and mailbox.qsize() <= MAX_AHEAD:
                return
            await asyncio.sleep(READER_POLL_SECONDS)
        if event is not None:
            raise gr.Error(ABANDONED, print_exception=False)

    async def process_events(self, events: list[Event], *args: Any, **kwargs: Any) -> None:
        """Process requests, then forget the state of clients that sent no session."""
        try:
            await super().process_events(events, *args, **kwargs)
        finally:
            for event in events:
                if _is_anonymous(event):
                    self.blocks.state_holder.session_data.pop(event.session_hash, None)
                    self.blocks.state_holder.time_last_used.pop(event.session_hash, None)


def _is_anonymous(event: Event) -> bool:
    return bool(event.session_hash == event._id)


def _visitor(event: Event) -> tuple[str, str]:
    session = None if _is_anonymous(event) else event.session_hash
    return visitor_of(session, event.request)
