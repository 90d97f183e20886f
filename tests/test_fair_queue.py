"""The queue without an app: its limits, and when nobody reads any more."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.queueing import EventQueue
from gradio.server_messages import HeartbeatMessage
from loops import run_async
from starlette.requests import Request
from talk import is_a_sentence

from app import OTHER_LIMITS, QUEUE_LIMITS, SESSIONS
from generative.ui.server import fair_queue, mailboxes
from generative.ui.server.fair_queue import MAX_AHEAD, FairQueue, Place
from generative.ui.server.mailboxes import OPEN_TICKS, READ_TICKS, Mailbox, Mailboxes
from generative.ui.server.visitors import address_of, visitor_of
from generative.ui.validating_blocks import ValidatingBlocks
from generative.ui.waiting import in_words

# --- Limits ----------------------------------------------------------------------------------


def test_every_queue_has_limits_and_together_they_cannot_evict_a_visitors_state():
    limits = [*QUEUE_LIMITS.values(), OTHER_LIMITS]
    assert sum(limit.max_waiting for limit in limits) < min(SESSIONS, mailboxes.MAX_MAILBOXES)
    assert all(limit.max_per_visitor < limit.max_waiting for limit in limits)
    for limit in limits:
        assert limit.max_per_visitor <= limit.max_per_address < limit.max_waiting
        assert (
            limit.refusal(
                limit.max_waiting - 1, limit.max_per_visitor - 1, limit.max_per_address - 1
            )
            is None
        )
        for counts in (
            (limit.max_waiting, 0, 0),
            (0, limit.max_per_visitor, 0),
            (0, 0, limit.max_per_address),
        ):
            refusal = limit.refusal(*counts) or ""
            assert f"queue of {limit.name} is full" in refusal
            assert is_a_sentence(refusal)


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("8.8.8.8", [], "8.8.8.8"),
        ("8.8.8.8", ["9.9.9.9"], "8.8.8.8"),
        ("10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        ("10.0.0.1", ["1.1.1.1, 9.9.9.9, 10.2.3.4"], "9.9.9.9"),
        ("10.0.0.1", ["1.1.1.1", "9.9.9.9"], "9.9.9.9"),
        ("127.0.0.1", [], None),
        ("10.0.0.1", ["nonsense"], None),
        ("2a00:1450:4001:81b::200e", [], "2a00:1450:4001:81b::/64"),
        ("::ffff:8.8.8.8", [], "8.8.8.8"),
        ("::1", [], None),
    ],
)
def test_an_address_is_the_last_one_that_cannot_be_invented(peer, forwarded, expected):
    asked = request(peer, *forwarded)
    assert address_of(asked) == expected
    assert visitor_of(None, asked) == ("address", expected or peer)
    assert visitor_of("8.8.8.8", asked) == ("session", "8.8.8.8")


# --- Readers ---------------------------------------------------------------------------------


def test_a_mailbox_is_abandoned_when_no_reader_comes_or_returns():
    tick = 100

    async def visit() -> None:
        nonlocal tick
        box, begun = Mailbox(lambda: tick), tick
        tick += OPEN_TICKS
        assert not box.is_abandoned(begun)
        tick += 1
        assert box.is_abandoned(begun)
        assert not box.is_abandoned(tick)  # Another request has just arrived.
        reader = asyncio.ensure_future(box.get())
        await asyncio.sleep(0)
        tick += 10 * READ_TICKS
        assert not box.is_abandoned(begun)
        box.put_nowait(HeartbeatMessage())
        await reader
        tick += READ_TICKS
        assert not box.is_abandoned(begun)
        tick += 1
        assert box.is_abandoned(begun)
        begun = tick
        tick += OPEN_TICKS + 1
        assert not box.is_abandoned(begun)
        box.expect_new_reader()
        tick += OPEN_TICKS
        assert not box.is_abandoned(begun)
        tick += 1
        assert box.is_abandoned(begun)

    run_async(visit)


def test_a_stream_that_ends_late_does_not_cancel_the_next():
    async def come_back() -> None:
        queue = a_queue()
        queue.mailboxes["s"] = None
        await take_one(queue.mailboxes["s"])
        queue.mailboxes["s"].expect_new_reader()
        event: Any = SimpleNamespace(session_hash="s", _id="e", alive=True)
        queue.active_jobs = [[event]]

        async def end_late() -> None:
            """What Gradio does when a stream breaks off."""
            del queue.mailboxes["s"]
            await queue.clean_events(session_hash="s")

        await end_late()
        assert event.alive
        reader = asyncio.ensure_future(queue.mailboxes["s"].get())
        await asyncio.sleep(0)
        await end_late()
        assert event.alive
        queue.mailboxes["s"].put_nowait(HeartbeatMessage())
        await reader
        await end_late()
        assert not event.alive
        assert "s" not in queue.mailboxes

    run_async(come_back)


def test_a_new_mailbox_replaces_the_one_unread_for_longest(monkeypatch):
    monkeypatch.setattr(mailboxes, "MAX_MAILBOXES", 3)
    tick = 0
    boxes = Mailboxes(lambda: tick)
    for name in "abc":
        boxes[name] = None
        tick += 1
    run_async(take_one, boxes["a"])
    boxes["d"] = None
    assert list(boxes) == ["a", "c", "d"]


async def take_one(box: Mailbox) -> None:
    box.put_nowait(HeartbeatMessage())
    await box.get()


def a_queue() -> FairQueue:
    """Return the queue of an app without a page; call it inside an event loop."""
    with ValidatingBlocks(QUEUE_LIMITS, OTHER_LIMITS, analytics_enabled=False) as demo:
        return demo.fair_queue


def test_a_slow_reader_is_waited_for_and_an_absent_one_is_not(monkeypatch):
    monkeypatch.setattr(fair_queue, "READER_POLL_SECONDS", 0)

    async def read_slowly() -> None:
        queue = a_queue()
        event: Any = SimpleNamespace(alive=True, session_hash="s")
        queue.event_ids_to_events["e"] = event
        queue.mailboxes["s"] = None
        box = queue.mailboxes["s"]
        for _ in range(MAX_AHEAD):
            box.put_nowait(HeartbeatMessage())
        await queue.wait_for_reader("e")
        box.put_nowait(HeartbeatMessage())
        waits = asyncio.ensure_future(queue.wait_for_reader("e"))
        for _ in range(9):
            await asyncio.sleep(0)
        assert not waits.done()
        await box.get()
        await waits
        box.put_nowait(HeartbeatMessage())
        waits = asyncio.ensure_future(queue.wait_for_reader("e"))
        event.alive = False
        with pytest.raises(gr.Error, match="nobody was reading"):
            await waits

    run_async(read_slowly)


def test_unread_results_are_forgotten():
    async def forget() -> None:
        queue = a_queue()
        for session in ("left", "busy"):
            queue.mailboxes[session] = None
            queue.pending_event_ids_session[session] = {session}
        event: Any = SimpleNamespace(session_hash="busy")
        queue.event_ids_to_events["e"] = event
        queue.forget_unread_results()
        assert queue.knows("left")
        queue.ticks += mailboxes.RESULT_TICKS + 1
        queue.forget_unread_results()
        assert not queue.knows("left")
        assert list(queue.mailboxes) == ["busy"]
        assert list(queue.pending_event_ids_session) == ["busy"]

    run_async(forget)


def test_a_place_counts_those_ahead_and_the_time_that_they_take():
    async def wait() -> None:
        queue, paint = a_queue(), object()
        line = EventQueue("painting", 1)
        line.queue = [SimpleNamespace(session_hash=each, fn=paint) for each in "abc"]
        line.start_times_per_fn[paint] = {time.time() - 10}
        queue.event_queue_per_concurrency_id = {"painting": line}
        assert queue.place("c", "painting") == Place(3, None)
        assert in_words(Place(1, None)) == "One is ahead of you."
        queue.process_time_per_fn[paint].add(30)
        place = queue.place("c", "painting")
        assert place.seconds == pytest.approx(20 + 30 + 30, abs=2)
        assert "your turn comes in about 80 s" in in_words(Place(3, 80.4))
        assert queue.place("a stranger", "painting") is None
        assert queue.place("c", "heavy") is None

    run_async(wait)
