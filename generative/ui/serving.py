"""What every handler of the app needs: the trained models, a turn, and errors a user can read."""

from __future__ import annotations

import functools
import importlib
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import gradio as gr
import numpy as np

import generative
from generative import checkpoints, data
from generative.apart import Apart
from generative.errors import CheckpointError, GenerativeError
from generative.models import (
    MODELS,
    Comparison,
    TrainedModel,
    checkpoint_id,
    compared_in,
)
from generative.validation import IMAGE_SHAPE

P = ParamSpec("P")
R = TypeVar("R")

CORES = os.cpu_count() or 1
"""Handlers that compute at once: each is quick, and more would only slow each other down."""

STUDIO = Apart()
"""Where paintings are made, so that no slider ever waits for one."""

BUILDING = threading.Lock()
"""Held while a model is built: Keras has one random state and one set of defaults for all."""

PAUSE = 0.05
"""Seconds between two models of the warm-up: Python's locks are not fair to those who wait."""

SHOWN_FIRST: Comparison = "denoising"
"""What the page shows when it is opened."""

HEAVY = "heavy"
"""The queue that all computing handlers share."""

PAINTING = "painting"
"""The queue of paintings: one at a time, as each wants all the processor."""

_IMPORTING = threading.Lock()
_FREE = threading.BoundedSemaphore(CORES)
_MINE = threading.local()


class Shelf:
    """The checkpoints of one folder, each loaded once, when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._models: dict[str, TrainedModel] = {}

    def get(self, model: str, dataset: str, variant: str = "") -> Any:
        """Return the trained model.

        Raises:
            CheckpointError: it is missing or damaged.
        """
        checkpoint = checkpoint_id(model, dataset, variant)
        if checkpoint not in self._models:
            with BUILDING:
                if checkpoint not in self._models:
                    self._models[checkpoint] = generative.load(checkpoint, self.directory)
        return self._models[checkpoint]

    def has(self, model: str, variant: str = "") -> bool:
        """Tell whether there is a checkpoint of a model for every data set."""
        found = checkpoints.available(self.directory)
        return all(checkpoint_id(model, each, variant) in found for each in data.DATASETS)

    def holds(self, checkpoint: str) -> bool:
        """Tell whether a checkpoint is there."""
        return checkpoint in checkpoints.available(self.directory)

    def present(self, comparison: Comparison, dataset: str) -> dict[str, Any]:
        """Return those models of a comparison that were trained on a data set, by name.

        Raises:
            CheckpointError: there is none of them, or one is damaged.
        """
        found = checkpoints.available(self.directory)
        offers = compared_in(comparison)
        here = {
            name: offer
            for name, offer in offers.items()
            if checkpoint_id(offer.model, dataset, offer.variant) in found
        }
        if not here:
            raise CheckpointError(
                f"There is no checkpoint of {', '.join(offers)} for {dataset} here. "
                "Make one with train.py, or start the app with another --checkpoints folder."
            )
        return {name: self.get(each.model, dataset, each.variant) for name, each in here.items()}

    def warm_up(self) -> None:
        """Load every checkpoint and trace it on one picture, so that the first visitor need not.

        What the page shows first comes first, and between two models a visitor's request gets in.
        """
        import_tensorflow()
        blank = np.zeros((1, *IMAGE_SHAPE), np.float32)
        found = checkpoints.available(self.directory)
        models = [*(offer.model for offer in compared_in(SHOWN_FIRST).values()), *sorted(MODELS)]
        for dataset, model in itertools.product(data.DATASETS, models):
            for variant in MODELS[model].variants:
                if checkpoint_id(model, dataset, variant) not in found:
                    continue
                try:
                    with turn():
                        self.get(model, dataset, variant).reconstruct(blank)
                except GenerativeError as error:
                    logging.getLogger(__name__).warning("%s", error)
                time.sleep(PAUSE)


def import_datasets() -> None:
    """Import TensorFlow Datasets, while there is no other thread.

    As long as that takes, it changes what `import` does in all of them.
    """
    importlib.import_module("tensorflow_datasets")


def import_tensorflow() -> None:
    """Import it while all that may need it wait: two threads that do so at once break it for good.

    Keras and TensorFlow import each other, and Python does not let one half wait for the other.
    """
    with _IMPORTING:
        importlib.import_module("generative.backend")


@contextmanager
def turn() -> Iterator[None]:
    """Compute as one of `CORES` at once; who holds a turn already goes on with it.

    Gradio's own limits do not see to that: it frees a handler's place as soon as its visitor
    leaves, and the handler computes on.
    """
    if getattr(_MINE, "turn", False):
        yield
        return
    with _FREE:
        _MINE.turn = True
        try:
            yield
        finally:
            _MINE.turn = False


def computing(handler: Callable[P, R]) -> Callable[P, R]:
    """Run a handler when its turn comes, and make one sentence of what goes wrong."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with readable_errors(), turn():
            return handler(*args, **kwargs)

    return guarded


def respond_to_pictures(
    slots: Sequence[Any],
    triggers: Sequence[Any],
    handler: Callable[..., Any],
    given: Any,
    shown: Sequence[Any],
    **endpoint: str,
) -> None:
    """`respond` to slots of pictures, the first of what is given: not before all of them are full.

    The page fills them one after the other. A program that leaves one out is told so.
    """

    def once_full(*values: Any) -> Any:
        if any(value is None for value in values[: len(slots)]):
            return [gr.skip() for _ in shown]
        return handler(*values)

    respond([*(slot.change for slot in slots), *triggers], once_full, given, shown)
    respond([gr.Button(visible=False).click], handler, given, shown, **endpoint)


def respond(
    triggers: Sequence[Any],
    handler: Callable[..., Any],
    given: Any,
    shown: Any,
    api_name: str | None = None,
    api_description: str | None = None,
) -> Any:
    """Call a computing handler whenever one of the triggers fires.

    All such handlers wait in one queue; of several calls of one that wait, the last alone counts,
    as where a slider is being moved. With a name it is an endpoint for programs too.
    """
    return gr.on(
        list(triggers),
        handler,
        given,
        shown,
        api_name=api_name,
        api_description=api_description,
        api_visibility="public" if api_name else "private",
        concurrency_id=HEAVY,
        trigger_mode="always_last",
        show_progress="minimal" if api_name else "hidden",
    )


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn every exception into a `gr.Error` of one sentence; log those that are our fault."""
    try:
        import_tensorflow()
        yield
    except GenerativeError as error:
        raise gr.Error(str(error), print_exception=False) from None
    except gr.Error:
        raise
    except Exception:
        logging.getLogger(__name__).exception("A handler failed.")
        raise gr.Error(
            "Something went wrong here, and it is not your fault: please try again.",
            print_exception=False,
        ) from None
