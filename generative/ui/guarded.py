"""A Gradio app that refuses what Gradio itself would fail on, fetch, or read from this machine."""

from __future__ import annotations

import logging
import typing
from collections.abc import Mapping
from typing import Any

import gradio as gr

from generative.ui.inputs import is_uploaded, keep_conversion
from generative.ui.server.admission import Bound, FairQueue
from generative.ui.server.sessions import lighten_sessions
from generative.ui.serving import CORES

UNUSABLE = (
    "The request cannot be used: send pictures with /gradio_api/upload first, and every value as "
    "/gradio_api/info describes it."
)


class GuardedBlocks(gr.Blocks):
    """Blocks whose every answer to a wrong request is one sentence.

    Gradio downloads a picture whose path is an address, does not check a path that comes without
    its type, and answers other wrong requests with the text of an exception.
    """

    def __init__(self, bounds: Mapping[str, Bound], others: Bound, **options: Any) -> None:
        """Make an empty app.

        Args:
            bounds: of the queues, by concurrency id.
            others: the bound of all other requests together.
            options: those of Gradio's Blocks.
        """
        self._bounds, self._others = bounds, others
        super().__init__(**options)

    @property
    def fair_queue(self) -> FairQueue:
        """The queue, by the type that it has here."""
        assert isinstance(self._queue, FairQueue)
        return self._queue

    def queue(self, *_args: Any, **_options: Any) -> GuardedBlocks:
        """Put our queue in the place of Gradio's, and close the way around it: direct calls."""
        super().queue(api_open=False)
        self._queue = FairQueue(
            self._bounds,
            self._others,
            live_updates=True,
            concurrency_count=self.max_threads,
            update_intervals=1,
            max_size=None,
            default_concurrency_limit=CORES,
            blocks=self,
        )
        return self

    def run_startup_events(self) -> None:
        """Begin to serve: Gradio calls this before it lets anybody in."""
        super().run_startup_events()  # type: ignore[no-untyped-call]
        lighten_sessions(self.app)

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        """Process a request if its files are uploaded ones and it has as many values as it should.

        The next part of a streamed result waits until the reader has nearly caught up.

        Raises:
            gr.Error: it is not usable, Gradio could not convert it, or nobody reads its results.
        """
        if kwargs.get("iterator") is not None:
            await self.fair_queue.wait_for_reader(kwargs.get("event_id"))
        expected = len(block_fn.inputs) if hasattr(block_fn, "inputs") else len(inputs)
        try:
            if len(inputs) != expected:
                raise gr.Error(_wrong_number(expected, len(inputs)), print_exception=False)
            if not _all_uploaded(inputs):
                raise gr.Error(UNUSABLE, print_exception=False)
            _check_event(block_fn, kwargs.get("event_data"))
            return await super().process_api(block_fn, inputs, *args, **kwargs)
        except gr.Error:
            raise
        except Exception:
            logging.getLogger(__name__).exception("A request failed outside its handler.")
            raise gr.Error(UNUSABLE, print_exception=False) from None

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Convert a request's values, also where a session has a copy of a widget of its own.

        Raises:
            gr.Error: Gradio could not convert one.
        """
        for component in block_fn.inputs:
            if state is not None and component._id in state and not component.stateful:
                keep_conversion(component, state[component._id])
        try:
            return await super().preprocess_data(block_fn, inputs, state, *args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            _note(error)
            raise gr.Error(UNUSABLE, print_exception=False) from None


def _wrong_number(expected: int, received: int) -> str:
    return (
        f"The request has the wrong number of values: expected {expected}, as /gradio_api/info "
        f"describes them, and got {received}."
    )


def _check_event(block_fn: Any, event: Any) -> None:
    """Refuse an event that lacks what its kind has: a click on a picture, for one, its place."""
    if not block_fn.collects_event_data or event is None:
        return
    for kind in typing.get_type_hints(block_fn.fn).values():
        if isinstance(kind, type) and issubclass(kind, gr.EventData):
            try:
                kind(event.target, event._data)
            except Exception as error:
                _note(error)
                raise gr.Error(UNUSABLE, print_exception=False) from None


def _note(error: Exception) -> None:
    logging.getLogger(__name__).info("A request could not be used: %r", error)


def _all_uploaded(value: Any) -> bool:
    """Tell whether every file in a request's values, however deep, is an uploaded one."""
    if isinstance(value, list | tuple):
        return all(map(_all_uploaded, value))
    if not isinstance(value, dict):
        return True
    path = value.get("path")
    if path is not None and not (isinstance(path, str) and is_uploaded(path)):
        return False
    return all(map(_all_uploaded, value.values()))
