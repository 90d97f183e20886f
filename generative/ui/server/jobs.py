"""Jobs: what is recorded of each request to the app's queue, from its arrival to its end."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.queueing import Event
from gradio.server_messages import (
    EventMessage,
    ProcessCompletedMessage,
    ProcessStartsMessage,
)

from generative.ui.handlers import OUR_FAULT
from generative.ui.inputs import is_uploaded
from generative.ui.server.logs import FIELDS

Outcome = Literal["done", "invalid", "failed", "stopped", "refused"]
"""How a job ended: with a result; with a sentence on what was wrong with the request; by a fault of
the program; by its visitor, or because nobody read its results; before it began, by a limit."""

WHOLE_PAGE = "Page"
"""Stands for the panel of whatever belongs to none."""

MAX_FILES = 16
"""Files whose sizes are looked up: a hostile request may name thousands, and the server waits."""


@dataclass(frozen=True)
class Job:
    """A request that has ended.

    Attributes:
        panel: title of the tab that shows its results.
        endpoint: name of the function it called.
        queue: name of its queue.
        size_bytes: of its values and uploaded pictures.
        waiting_seconds: from its arrival until it began to run, or ended.
        working_seconds: from there until it ended; 0 if it never ran.
        outcome: how it ended.
    """

    panel: str
    endpoint: str
    queue: str
    size_bytes: int
    waiting_seconds: float
    working_seconds: float
    outcome: Outcome


def log(job: Job) -> None:
    """Log a job in one line."""
    level = logging.ERROR if job.outcome == "failed" else logging.INFO
    shown = {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in asdict(job).items()
    }
    logging.getLogger(__name__).log(level, "job", extra={FIELDS: shown})


class EventLedger(dict[str, Event]):
    """The requests that wait or run, by id, as Gradio keeps them; reports each when it ends.

    Gradio takes a request out of here with `pop`, however it ends.
    """

    def __init__(self, ended: Callable[[Event, float, float, Outcome], None]) -> None:
        """Create an empty ledger.

        Args:
            ended: is called with a request, its seconds of waiting and working, and its outcome.
        """
        super().__init__()
        self._ended = ended
        self._begun: dict[str, float] = {}
        self._outcomes: dict[str, Outcome] = {}

    def note(self, event: Event, message: EventMessage) -> None:
        """Note what a message to a request's visitor says of its progress."""
        if isinstance(message, ProcessStartsMessage):
            self._begun[event._id] = time.monotonic()
        elif isinstance(message, ProcessCompletedMessage) and event.alive:
            self._outcomes.setdefault(event._id, _outcome(message))

    def note_stopped(self, event: Event) -> None:
        """Note that a request is being stopped, whatever its visitor is told."""
        self._outcomes[event._id] = "stopped"

    def pop(self, event_id: str, *default: Any) -> Any:
        """Remove a request, and report it."""
        event = super().pop(event_id, *default)
        if isinstance(event, Event):
            now = time.monotonic()
            begun = self._begun.pop(event_id, now)
            outcome = self._outcomes.pop(event_id, "stopped")
            self._ended(event, begun - event.enqueue_time, now - begun, outcome)
        return event


def _outcome(message: ProcessCompletedMessage) -> Outcome:
    if message.success:
        return "done"
    return "failed" if message.output.get("error") in (OUR_FAULT, None) else "invalid"


def panel_of(function: BlockFunction) -> str:
    """Return the title of the panel that shows a function's results: the outermost tab."""
    tabs = [
        str(block.label)
        for component in function.outputs
        for block in _ancestors(component)
        if isinstance(block, gr.Tab)
    ]
    return tabs[-1] if tabs else WHOLE_PAGE


def _ancestors(block: Any) -> Iterator[Any]:
    while block is not None:
        yield block
        block = block.parent


def size_of(event: Event) -> int:
    """Return the bytes of a request: its body, and the first `MAX_FILES` uploads that it names."""
    body = int(event.request.headers.get("content-length", 0))
    named = islice(_paths(event.data and event.data.data), MAX_FILES)
    return body + sum(map(_file_size, filter(is_uploaded, named)))


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each)
    elif isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield value["path"]
        yield from _paths(list(value.values()))


def _file_size(path: str) -> int:
    with suppress(OSError):
        return os.path.getsize(path)
    return 0
