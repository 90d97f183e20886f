"""The app's queue: limits by kind of work, visitor and address; abandoned work is stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from painting import arguments, picture
from PIL import Image
from playwright.sync_api import Page, expect
from talk import Answer, App, encoded, is_a_sentence
from visits import open_tab, sentence, visit
from waits import wait_until

from app import QUEUE_LIMITS
from generative.ui.handlers import PAINTING_QUEUE
from generative.ui.server.fair_queue import MAX_AHEAD
from generative.ui.server.mailboxes import MAX_UNREAD_RESULTS
from generative.ui.server.request_filter import SHOW_REFUSALS

STEPS = 3


@pytest.fixture(scope="module")
def long(app: App) -> list[Any]:
    """The arguments of a painting too long to wait for."""
    content, style = (
        app.upload(encoded(Image.fromarray(picture(64, 96, seed)))) for seed in (1, 2)
    )
    return arguments(content=content, style=style, size=256, steps=5000)


def short(long: list[Any]) -> list[Any]:
    """Return the same painting, small and quick."""
    content, style, *_ = long
    return arguments(content=content, style=style, size=96, steps=STEPS)


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


def test_a_full_queue_of_paintings_names_itself_and_blocks_nothing_else(
    app, long, stroke_file, visitors
):
    visitors.paint("first", long)
    visitors.wait_for("process_generating")
    for index in range(QUEUE_LIMITS[PAINTING_QUEUE].max_waiting):
        assert visitors.paint(f"waits{index}", long)["msg"] == "estimation"
    status, answer = ask(app, "stylize", long, "one-too-many")
    assert status == 503
    assert answer["detail"].startswith("The queue of paintings is full: 8 are waiting")
    assert is_a_sentence(answer["detail"])
    assert ask(app, "reconstruct_from_layers", [long[0], "content", [], 0], "x")[0] == 503
    assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, 0).error is None
    assert app.call("reconstruct", stroke_file, "mnist").error is None
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

    def taken() -> str | None:
        status, answer = ask(app, "stylize", arguments, session)
        return answer["event_id"] if status == 200 else None

    return app.read("stylize", wait_until(taken, "room in the queue"))


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


# --- Abandoned requests ----------------------------------------------------------------------


def test_an_abandoned_painting_makes_room_for_the_next(app, long):
    status, answer = ask(app, "stylize", long, "never-reads")
    assert status == 200
    assert app.call("stylize", *short(long)).error is None
    late = app.read("stylize", answer["event_id"])
    assert is_a_sentence(late.error)
    assert "nobody was reading" in late.error
    assert len(late.frames) <= MAX_AHEAD + 2


def test_an_abandoned_painting_is_never_started(app, long, visitors):
    visitors.paint("paints", long)
    visitors.wait_for("process_generating")
    status, answer = ask(app, "stylize", long, "waits-and-never-reads")
    assert status == 200

    def waiting() -> int:
        return json.loads(app.send("GET", "/gradio_api/queue/status")[1])["queue_size"]

    wait_until(lambda: not waiting(), "the one that nobody reads to be taken out")
    visitors.wait_for("process_generating")
    late = app.read("stylize", answer["event_id"])
    assert is_a_sentence(late.error)
    assert late.frames == []


def test_a_reader_busy_with_another_result_is_waited_for(app, stroke_file, long):
    """A client's stream ends once it has all its results; its next call opens another."""
    for _ in range(2):
        status, answer = ask(
            app, "denoise", [stroke_file, "mnist", "gaussian", 0.5, 0], "comes-back"
        )
        assert status == 200
        assert app.read("denoise", answer["event_id"]).error is None
        status, answer = ask(app, "stylize", short(long), "comes-back")
        assert status == 200
        assert app.read("stylize", answer["event_id"]).error is None


def test_a_visitor_who_reads_no_results_gets_no_more(app, stroke_file):
    def refusal() -> str | None:
        status, answer = ask(app, "denoise", [None, "mnist", "gaussian", 0.5, 0], "hoards")
        return answer["detail"] if status == 503 and "unread" in answer["detail"] else None

    said = wait_until(refusal, "too many unread results", pause=lambda _: None)
    assert said.startswith(f"Your share is full: {MAX_UNREAD_RESULTS} results are unread")
    assert is_a_sentence(said)
    assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, 0).error is None
    read = [message["msg"] for message in app.listen("hoards")]
    assert read.count("process_completed") >= MAX_UNREAD_RESULTS
    status, answer = ask(app, "denoise", [stroke_file, "mnist", "gaussian", 0.5, 0], "hoards")
    assert status == 200
    assert app.read("denoise", answer["event_id"]).error is None


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
    open_tab(page, "Style transfer")
    sheet = page.locator("#contact-sheet")
    sheet.get_by_role("button", name="Contact sheet").click()
    sheet.get_by_role("button", name="Make the sheet").click()
    expect(sheet.locator(".waiting p")).to_contain_text("One is ahead of you")
    sheet.get_by_role("button", name="Stop").click()
    expect(sheet.locator(".waiting p")).to_have_count(0)
    for index in range(QUEUE_LIMITS[PAINTING_QUEUE].max_waiting):
        visitors.paint(f"before{index}", long)
    open_tab(page, "Painting")
    page.locator("#paint").click()
    assert "The queue of paintings is full: 8 are waiting" in sentence(page)
    visitors.leave()
    page.locator("#paint").click()
    expect(page.locator("#canvas")).to_contain_text("Step")
    page.locator("#stop-painting").click()
