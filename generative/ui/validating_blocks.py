"""A Gradio app that refuses invalid requests before Gradio fails on them or reads local files."""

from __future__ import annotations

import logging
import typing
from collections.abc import Mapping
from typing import Any

import gradio as gr

from generative.ui import api_info
from generative.ui.handlers import CORES
from generative.ui.inputs import is_uploaded, keep_conversion
from generative.ui.server.fair_queue import FairQueue
from generative.ui.server.health import Health
from generative.ui.server.limits import QueueLimits
from generative.ui.server.sessions import lighten_sessions
from generative.ui.server.upload_progress import forget_old_progress

UNUSABLE = (
    "The request cannot be used: send pictures with /gradio_api/upload first, and every value as "
    "/gradio_api/info describes it."
)


class ValidatingBlocks(gr.Blocks):
    """Blocks that answer every invalid request with one sentence.

    Gradio downloads a picture whose path is a URL, does not check a path sent without its type, and
    answers other invalid requests with the text of an exception.
    """

    def __init__(
        self, limits: Mapping[str, QueueLimits], other_limits: QueueLimits, **options: Any
    ) -> None:
        """Make an empty app.

        Args:
            limits: of the queues, by concurrency id.
            other_limits: of all other requests together.
            **options: those of Gradio's Blocks.
        """
        self._limits, self._other_limits = limits, other_limits
        self._config: Any = None
        self.health = Health()
        super().__init__(**options)

    @property
    def fair_queue(self) -> FairQueue:
        """The queue, typed as what it is here."""
        assert isinstance(self._queue, FairQueue)
        return self._queue

    def queue(self, *_args: Any, **_options: Any) -> ValidatingBlocks:
        """Take our queue instead of Gradio's, and forbid direct calls, which would bypass it.

        Gradio's own `queue` would also make a web app of the empty page, a third of a second for
        nothing.
        """
        self.api_open = False
        self._queue = FairQueue(
            self._limits,
            self._other_limits,
            live_updates=True,
            concurrency_count=self.max_threads,
            update_intervals=1,
            max_size=None,
            default_concurrency_limit=CORES,
            blocks=self,
        )
        return self

    @property
    def config(self) -> Any:
        """What the page is made of, worked out when it is first read.

        Gradio works it out four times before it serves the page, each time for a twentieth of a
        second, and reads the last alone.
        """
        if self._config is None:
            self._config = super().get_config_file()
        return self._config

    @config.setter
    def config(self, _stale: object) -> None:
        self._config = None

    def get_config_file(self) -> Any:
        """Return nothing: Gradio only ever assigns the result to `config`."""
        return {}

    def __exit__(self, *args: Any) -> None:
        """End laying out: the page need not follow events whose progress is hidden.

        At every step of any event, Gradio's page tells all widgets that it follows, and looks for
        each in the whole page: a fifth of a second for an answer that takes a fiftieth.
        """
        for event in self.fns.values():
            if event.show_progress == "hidden" and event.show_progress_on is None:
                event.show_progress_on = []
        super().__exit__(*args)

    def get_api_info(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the API page says of every endpoint, complete and true."""
        return api_info.complete(super().get_api_info(*args, **kwargs))

    def run_startup_events(self) -> None:
        """Bound what is kept of visitors: Gradio calls this before the first one."""
        super().run_startup_events()  # type: ignore[no-untyped-call]
        lighten_sessions(self.app)
        forget_old_progress()

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        """Process a request if all its files were uploaded and its number of values is right.

        Before computing the next part of a stream, wait until the reader has nearly caught up.

        Raises:
            gr.Error: the request is invalid, or nobody reads its results.
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
        """Convert a request's values, even where a session has its own copy of a widget.

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
            _log(error)
            raise gr.Error(UNUSABLE, print_exception=False) from None


def _wrong_number(expected: int, received: int) -> str:
    return (
        f"The request has the wrong number of values: expected {expected}, as /gradio_api/info "
        f"describes them, and received {received}."
    )


def _check_event(block_fn: Any, event: Any) -> None:
    """Refuse an event that lacks its data, such as the position of a click."""
    if not block_fn.collects_event_data or event is None:
        return
    for kind in typing.get_type_hints(block_fn.fn).values():
        if isinstance(kind, type) and issubclass(kind, gr.EventData):
            try:
                kind(event.target, event._data)
            except Exception as error:
                _log(error)
                raise gr.Error(UNUSABLE, print_exception=False) from None


def _log(error: Exception) -> None:
    """Log an invalid request for debugging only: the error may repeat what was sent."""
    logging.getLogger(__name__).debug("A request could not be used: %r", error)


def _all_uploaded(value: Any) -> bool:
    """Tell whether every file in a request's values, however deeply nested, was uploaded."""
    if isinstance(value, list | tuple):
        return all(map(_all_uploaded, value))
    if not isinstance(value, dict):
        return True
    path = value.get("path")
    if path is not None and not (isinstance(path, str) and is_uploaded(path)):
        return False
    return all(map(_all_uploaded, value.values()))
