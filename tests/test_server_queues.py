"""The app's queue: limits by kind of work, visitor and address; abandoned work is stopped."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.queueing import EventQueue
from gradio.server_messages import HeartbeatMessage
from loops import run_async
from painting import picture
from PIL import Image
from playwright.sync_api import Page, expect
from starlette.requests import Request
from talk import TIMEOUT, Answer, App, encoded, is_a_sentence
from visits import open_tab, sentence, visit

from app import OTHER_LIMITS, QUEUE_LIMITS, SESSIONS
from generative.style_transfer.settings import SETTINGS, PaintingSettings
from generative.ui.handlers import PAINTING_QUEUE
from generative.ui.server import mailboxes
from generative.ui.server.fair_queue import MAX_AHEAD, FairQueue, Place, address_of, visitor_of
from generative.ui.server.mailboxes import OPEN_TICKS, READ_TICKS, Mailbox, Mailboxes
from generative.ui.server.request_filter import SHOW_REFUSALS
from generative.ui.validating_blocks import ValidatingBlocks
from generative.ui.waiting import in_words

STEPS = 3


@pytest.fixture(scope="module")
def long(app: App) -> list[Any]:
    """The arguments of a painting too long to wait for."""
    content, style = (
        app.upload(encoded(Image.fromarray(picture(64, 96, seed)))) for seed in (1, 2)
    )
    settings = {name: getattr(PaintingSettings(), name) for name in SETTINGS}
    settings |= {"size": 256, "steps": 5000}
    return [content, style, *(settings[name] for name in SETTINGS), None, None]


def short(long: list[Any]) -> list[Any]:
    """Return the same painting, small and quick."""
    settings = dict(zip(SETTINGS, long[2:-2], strict=True)) | {"size": 96, "steps": STEPS}
    return [*long[:2], *settings.values(), None, None]


def handler(app: App, name: str) -> int:
    return next(each["id"] for each in app.functions() if each["api_name"] == name)


def ask(app: App, name: str, arguments: list[Any], session: str | None = None):
    """Call an endpoint without reading its results; return status and answer."""
    body = {"data": arguments} | ({} if session is None else {"session_hash": session})
    path = f"/gradio_api/call/{name}"
    status, answer = app.send("POST", path, json.dumps(body).encode())
    return status, json.loads(answer)


class Visitors:
    """Visitors who ask for paintings and keep reading."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.streams: list[Iterator[dict[str, Any]]] = []

    def paint(self, session: str, arguments: list[Any]) -> dict[str, Any]:
        """Ask for a painting, open its stream, and return the first message."""
        status, answer = ask(self.app, "stylize", arguments, session)
        assert status == 200, answer
        stream = self.app.listen(session)
        self.streams.append(stream)
        return next(stream)

    def wait_for(self, kind: str) -> None:
        """Read the first visitor's stream until a message of this kind."""
        for message in self.streams[0]:
            if message["msg"] == kind:
                return
        raise AssertionError("the stream ended")

    def leave(self) -> None:
        """Close all streams."""
        for stream in self.streams:
            stream.close()
        self.streams.clear()


@pytest.fixture
def visitors(app):
    them = Visitors(app)
    yield them
    them.leave()


# --- Limits ----------------------------------------------------------------------------------


def test_a_full_queue_of_paintings_names_itself_and_blocks_nothing_else(app, long, small, visitors):
    visitors.paint("first", long)
    visitors.wait_for("process_generating")
    for index in range(QUEUE_LIMITS[PAINTING_QUEUE].max_waiting):
        assert visitors.paint(f"waits{index}", long)["msg"] == "estimation"
    status, answer = ask(app, "stylize", long, "one-too-many")
    assert status == 503
    assert answer["detail"].startswith("The queue of paintings is full: 8 are waiting")
    assert is_a_sentence(answer["detail"])
    assert ask(app, "reconstruct_from_layers", [long[0], "content", [], 0], "x")[0] == 503
    assert app.call("denoise", small, "mnist", "gaussian", 0.5, 0).error is None
    assert app.call("reconstruct", small, "mnist").error is None
    visitors.leave()
    assert app.call("stylize", *short(long)).error is None


@pytest.mark.parametrize("session", ["greedy", None], ids=["a session", "an address"])
def test_a_visitor_has_two_paintings_at_a_time(app, long, visitors, session):
    taken = [ask(app, "stylize", long, session) for _ in range(3)]
    assert [status for status, _ in taken] == [200, 200, 503]
    refusal = taken[-1][1]["detail"]
    assert is_a_sentence(refusal)
    assert "queue of paintings is full: 2 of yours" in refusal
    visitors.paint("another", long)
    visitors.leave()
    # Unread messages come first: that the other two paintings were cancelled.
    assert until_taken(app, short(long), session).frames[-1][2]["step"] == STEPS


def until_taken(app: App, arguments: list[Any], session: str | None) -> Answer:
    """Ask until there is room, and return the answer."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        status, answer = ask(app, "stylize", arguments, session)
        if status == 200:
            return app.read("stylize", answer["event_id"])
        time.sleep(0.5)
    raise AssertionError("there was never room")


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


def test_many_sessions_at_one_address_share_half_of_the_queue(app, long):
    """As behind a proxy that forwards the address."""

    def paint(session: str, address: str) -> tuple[int, str]:
        body = json.dumps({"data": long, "session_hash": session}).encode()
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
        connection = app.connect()
        try:
            connection.request("POST", "/gradio_api/call/stylize", body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    taken = [paint(f"invented{index}", f"2a00:1450::{index:x}") for index in range(5)]
    assert [status for status, _ in taken] == [200] * 4 + [503]
    assert "Your address's share of the queue of paintings is full: 4 from" in taken[-1][1]
    assert paint("2a00:1450::/64", "8.8.8.8")[0] == 200


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


# --- Abandoned requests ----------------------------------------------------------------------


def test_an_abandoned_painting_makes_room_for_the_next(app, long):
    status, answer = ask(app, "stylize", long, "never-reads")
    assert status == 200
    begun = time.monotonic()
    assert app.call("stylize", *short(long)).error is None
    assert time.monotonic() - begun < 100  # It would take several minutes.
    late = app.read("stylize", answer["event_id"])
    assert is_a_sentence(late.error)
    assert "nobody was reading" in late.error
    assert len(late.frames) <= MAX_AHEAD + 2


def test_an_abandoned_painting_is_never_started(app, long, visitors):
    visitors.paint("paints", long)
    visitors.wait_for("process_generating")
    status, answer = ask(app, "stylize", long, "waits-and-never-reads")
    assert status == 200
    deadline = time.monotonic() + TIMEOUT
    while json.loads(app.send("GET", "/gradio_api/queue/status")[1])["queue_size"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    visitors.wait_for("process_generating")
    late = app.read("stylize", answer["event_id"])
    assert is_a_sentence(late.error)
    assert late.frames == []


def test_a_reader_busy_with_another_result_is_waited_for(app, small, long):
    """A client's stream ends once it has all its results; its next call opens another."""
    for _ in range(2):
        status, answer = ask(app, "denoise", [small, "mnist", "gaussian", 0.5, 0], "comes-back")
        assert status == 200
        assert app.read("denoise", answer["event_id"]).error is None
        status, answer = ask(app, "stylize", short(long), "comes-back")
        assert status == 200
        assert app.read("stylize", answer["event_id"]).error is None


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


def test_a_slow_reader_is_waited_for_and_an_absent_one_is_not():
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
        await asyncio.sleep(0.2)
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
        queue._forget_unread_results()
        assert queue.knows("left")
        queue.ticks += mailboxes.RESULT_TICKS + 1
        queue._forget_unread_results()
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


# --- In the page -----------------------------------------------------------------------------


def test_the_script_in_the_head_adds_no_global_name(page: Page):
    page.set_content(SHOW_REFUSALS)
    assert page.evaluate("typeof ask") == "undefined"
    assert "429" in page.evaluate("String(window.fetch)")


@pytest.mark.allow_console("status of 503")
def test_the_page_says_which_queue_is_full(page: Page, app_url, app, long, visitors):
    visit(page, app_url)
    visitors.paint("paints", long)
    visitors.wait_for("process_generating")
    for index in range(QUEUE_LIMITS[PAINTING_QUEUE].max_waiting):
        visitors.paint(f"before{index}", long)
    open_tab(page, "Style transfer")
    page.locator("#paint").click()
    assert "The queue of paintings is full: 8 are waiting" in sentence(page)
    visitors.leave()
    page.locator("#paint").click()
    expect(page.locator("#canvas")).to_contain_text("Step")
    page.locator("#stop-painting").click()
