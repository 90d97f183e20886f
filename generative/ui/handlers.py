"""What every handler of the app needs: trained models, a compute slot, and readable errors."""

from __future__ import annotations

import functools
import gc
import importlib
import itertools
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar, get_args, overload

import gradio as gr
import numpy as np
from gradio.components import Component
from gradio.context import Context
from gradio.events import Dependency

import generative
from generative import checkpoints, data
from generative.errors import CheckpointError, GenerativeError
from generative.models import (
    MODELS,
    CodingModel,
    Comparison,
    ModelVariant,
    PictureModel,
    Role,
    TrainedModel,
    checkpoint_id,
    compared_in,
    with_role,
)
from generative.studios import Studio, open_studio
from generative.validation import IMAGE_SHAPE

Trigger = Callable[..., Dependency]
"""An event of a widget, such as `button.click`."""

P = ParamSpec("P")
R = TypeVar("R")

CORES = os.cpu_count() or 1
"""Handlers that may compute at the same time; more would only slow each other down."""

BUILD_LOCK = threading.Lock()
"""Held while a model is built: Keras's random state and defaults are global."""

WARM_UP_PATIENCE_SECONDS = 2.0
"""Longest wait, before each model that is warmed up, for visitors' computations to finish."""

SHOWN_FIRST: Comparison = "denoising"
"""The comparison that the page opens with."""

COMPUTE_QUEUE = "heavy"
"""Concurrency id of the queue that all computing handlers share."""

PAINTING_QUEUE = "painting"
"""Concurrency id of the queue of paintings: as many at a time as the studio has room for."""

OUR_FAULT = "This failed through a fault of ours, not of yours: please try again."

_NUMBERS = itertools.count()
_IMPORT_LOCK = threading.Lock()
_FREE_SLOTS = threading.BoundedSemaphore(CORES)
_THIS_THREAD = threading.local()


class _Visitors:
    """Counts the computations that visitors are waiting for."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one in this context."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def wait_for_none(self, seconds: float) -> None:
        """Return once nobody waits, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, seconds)

    def _add(self, difference: int) -> None:
        with self._changed:
            self._count += difference
            self._changed.notify_all()


VISITORS = _Visitors()
"""Those of this process."""


class Shelf:
    """The models of one checkpoint folder, each loaded once, when it is first needed.

    Attributes:
        directory: the folder.
        studio: where paintings run, so that no slider ever waits for one.
    """

    def __init__(self, directory: Path, studio: Studio | None = None) -> None:
        """Make a shelf without loading anything.

        Args:
            directory: of the checkpoints.
            studio: that paints with them; by default in a process of this machine.
        """
        self.directory = directory
        self.studio = studio or open_studio(directory)
        self._models: dict[str, TrainedModel] = {}

    def get(self, model: str, dataset: str, variant: str = "") -> Any:
        """Return the trained model, of a class that depends on its name: see `generative.load`.

        Raises:
            CheckpointError: its checkpoint is missing or damaged.
        """
        checkpoint = checkpoint_id(model, dataset, variant)
        if checkpoint not in self._models:
            with BUILD_LOCK:
                if checkpoint not in self._models:
                    self._models[checkpoint] = generative.load(checkpoint, self.directory)
        return self._models[checkpoint]

    def with_role(self, role: Role, dataset: str) -> Any:
        """Return the trained model that has a role, of a class that depends on it, as `get`.

        Raises:
            CheckpointError: its checkpoint is missing or damaged.
        """
        wanted = with_role(role)
        return self.get(wanted.model, dataset, wanted.variant)

    def has(self, wanted: ModelVariant) -> bool:
        """Tell whether a model has a checkpoint for every one of its data sets."""
        found = checkpoints.available(self.directory)
        return all(wanted.checkpoint(each) in found for each in MODELS[wanted.model].datasets)

    def has_roles(self, *roles: Role) -> bool:
        """Tell whether the models that have these roles are there."""
        return all(self.has(with_role(role)) for role in roles)

    @overload
    def present(
        self, comparison: Literal["reconstruction"], dataset: str
    ) -> Mapping[str, CodingModel]: ...

    @overload
    def present(self, comparison: Comparison, dataset: str) -> Mapping[str, PictureModel]: ...

    def present(self, comparison: Comparison, dataset: str) -> Mapping[str, PictureModel]:
        """Return, by name, the models of a comparison that have a checkpoint for a data set.

        Raises:
            CheckpointError: none of them has one, or one is damaged.
        """
        found = checkpoints.available(self.directory)
        offers = compared_in(comparison)
        here = {name: offer for name, offer in offers.items() if offer.checkpoint(dataset) in found}
        if not here:
            raise CheckpointError(
                f"There is no checkpoint of {', '.join(offers)} for {dataset} here. "
                "Make one with train.py, or start the app with another --checkpoints folder."
            )
        return {name: self.get(each.model, dataset, each.variant) for name, each in here.items()}

    def warm_up(self) -> None:
        """Load every compared model and trace it on one picture, so that no visitor waits for it.

        Starts with what the page shows first, and lets visitors' requests go first: beside another
        computation, one takes twice as long.
        """
        import_tensorflow()
        gc.freeze()  # What was imported stays: later collections need not look at it.
        blank = np.zeros((1, *IMAGE_SHAPE), np.float32)
        found = checkpoints.available(self.directory)
        comparisons = sorted(get_args(Comparison), key=lambda each: each != SHOWN_FIRST)
        compared = [each for name in comparisons for each in compared_in(name).values()]
        for dataset, each in itertools.product(data.DATASETS, compared):
            if each.checkpoint(dataset) not in found:
                continue
            VISITORS.wait_for_none(WARM_UP_PATIENCE_SECONDS)
            try:
                with compute_slot():
                    self.get(each.model, dataset, each.variant).reconstruct(blank)
            except GenerativeError as error:
                logging.getLogger(__name__).warning("%s", error)
        # What maps of codes are made by takes a second to import.
        importlib.import_module("sklearn.decomposition")


def import_datasets() -> None:
    """Import TensorFlow Datasets; call this before starting any thread.

    While it is being imported, it changes what `import` does in every thread.
    """
    importlib.import_module("tensorflow_datasets")


def import_tensorflow() -> None:
    """Import TensorFlow under a lock: two threads importing it at once break it for good.

    Keras and TensorFlow import each other, and Python cannot make one half wait for the other.

    Matplotlib comes first: Gradio imports it around every request, and fails a request that began
    while `backend` hides it from Keras.
    """
    with _IMPORT_LOCK:
        importlib.import_module("matplotlib")
        importlib.import_module("generative.backend")


@contextmanager
def compute_slot() -> Iterator[None]:
    """Wait for one of `CORES` compute slots; a thread that holds one goes on at once.

    Gradio's own limits are not enough: it frees a handler's place as soon as its visitor leaves,
    while the handler goes on computing.
    """
    if getattr(_THIS_THREAD, "has_slot", False):
        yield
        return
    with _FREE_SLOTS:
        _THIS_THREAD.has_slot = True
        try:
            yield
        finally:
            _THIS_THREAD.has_slot = False


def computing(handler: Callable[P, R]) -> Callable[P, R]:
    """Run a handler in a compute slot, and report any failure in one sentence."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with VISITORS.one_more(), readable_errors(), compute_slot():
            return handler(*args, **kwargs)

    return guarded


def respond_to_pictures(
    slots: Sequence[gr.Image],
    triggers: Sequence[Trigger],
    handler: Callable[..., object],
    given: Sequence[Component],
    shown: Sequence[Component],
    api_name: str,
    api_description: str,
) -> None:
    """`respond` once all picture slots, the first of `given`, are filled.

    The page fills them one after another. A program that leaves one empty gets an error.
    """

    def once_all_filled(*values: object) -> object:
        if any(value is None for value in values[: len(slots)]):
            return [gr.skip() for _ in shown]
        return handler(*values)

    respond([*(slot.change for slot in slots), *triggers], once_all_filled, given, shown)
    programs = gr.Button(visible=False).click
    respond([programs], handler, given, shown, api_name, api_description, at_once=True)


def respond(
    triggers: Sequence[Trigger],
    handler: Callable[..., object],
    given: Component | Sequence[Component],
    shown: Component | Sequence[Component],
    api_name: str | None = None,
    api_description: str | None = None,
    at_once: bool = False,
) -> Dependency:
    """Call a computing handler whenever one of the triggers fires.

    Unless it is called at once, it waits until the tab that is being laid out is open, so that no
    visitor waits for what nobody looks at. All such handlers share one queue. If several calls of
    one handler wait, as when a slider is being dragged, only the last is run. With an `api_name` it
    is an endpoint for programs too.
    """
    # Gradio sends an event that has waited to all of its handlers again, not to the one alone for
    # which it waited: several of one event would call each other for ever. So each has its own.
    tab = None if at_once else _tab()
    if tab is None:
        called: Trigger = gr.on(list(triggers), None, js="() => []", api_visibility="private").then
    else:
        called = _button_pressed_once_open(tab, triggers).click
    return called(
        handler,
        given,
        shown,
        api_name=api_name,
        api_description=api_description,
        api_visibility="public" if api_name else "private",
        concurrency_id=COMPUTE_QUEUE,
        trigger_mode="always_last",
        show_progress="minimal" if api_name else "hidden",
    )


def _button_pressed_once_open(tab: str, triggers: Sequence[Trigger]) -> gr.Button:
    """Return a button that nobody sees: the page presses it for a trigger once the tab is open."""
    button = gr.Button(elem_id=f"call-{next(_NUMBERS)}", visible="hidden")
    press = f"() => window.pressOnceOpen('{tab}', '{button.elem_id}')"
    gr.on(list(triggers), None, js=press, api_visibility="private")
    return button


def _tab() -> str | None:
    """Return the id of the tab that is being laid out."""
    block = Context.block
    while block is not None and not (isinstance(block, gr.Tab) and block.elem_id):
        block = block.parent
    return None if block is None else block.elem_id


def stop_with(button: gr.Button, *events: Dependency) -> None:
    """Let a button stop the handlers of these events.

    Gradio stops several events of one listener one after another, asking the server in between, so
    what a visitor starts in the meantime would be stopped too. So each has a listener of its own.
    """
    for event in events:
        button.click(None, cancels=event, api_visibility="private")


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn every exception into a one-sentence `gr.Error`; log those that are our fault."""
    try:
        import_tensorflow()
        yield
    except GenerativeError as error:
        raise gr.Error(str(error), print_exception=False) from None
    except gr.Error:
        raise
    except Exception:
        logging.getLogger(__name__).exception("A handler failed.")
        raise gr.Error(OUR_FAULT, print_exception=False) from None
