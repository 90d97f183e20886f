"""Paintings that were begun: kept on the server for those who stop, and want to go on."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from generative.errors import InputError
from generative.style_transfer import schedule
from generative.style_transfer.options import MORE_STEPS, LiveWeights, Pixels
from generative.style_transfer.recipe import Recipe

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep
    from generative.style_transfer.state import State

MOST = 8
"""Paintings kept; one of 2048 pixels takes 200 MB."""


@dataclass
class Painting:
    """One run of the panel.

    Attributes:
        content: the picture.
        recipe: the settings that it was begun with, but the weights of the last step.
        arguments: all others of `stylize`.
        weights: which the sliders turn while it runs.
        step: the last one.
        state: to go on from, of the last time that it stopped.
        curve: (step, content loss, style loss, variation) of every step.
    """

    content: Pixels
    recipe: Recipe
    arguments: dict[str, Any]
    weights: LiveWeights
    step: StyleStep | None = None
    state: State | None = None
    curve: list[tuple[int, float, float, float]] = field(default_factory=list)

    def add(self, step: StyleStep) -> None:
        """Take in what was painted, and the weights that it was painted with."""
        if self.step is None or step.step > self.step.step:
            self.curve.append((step.step, step.content_loss, step.style_loss, step.tv_loss))
        now = self.weights.now
        recipe = replace(
            self.recipe,
            content_weight=now.content,
            style_weight=now.style,
            total_variation_weight=now.total_variation,
        )
        if self.step is not None and recipe != self.recipe:
            recipe = replace(recipe, alone=False)
        self.step, self.recipe = step, recipe

    def note(self) -> str:
        """Return what is kept inside the PNG of the picture so far."""
        step = self.step
        whole = (
            step is not None
            and step.step == step.total_steps
            and not self.arguments["more_steps"]
            and not self.recipe.seconds
        )
        return replace(self.recipe, alone=self.recipe.alone and whole).to_text()

    def plan_more(self, steps: int) -> None:
        """Plan further steps if all that were planned are done, or more: a time budget may do.

        Raises:
            InputError: it has had as many as there can be.
        """
        if self.step is None or self.state is None:
            return
        if max(self.step.image.shape) < self.recipe.size:
            return
        height, width, _ = self.step.image.shape
        first = schedule.coarsest(self.recipe.initial)
        planned = schedule.plan(height, width, int(self.recipe.steps), coarsest=first)[-1].steps
        beyond = self.state.step - planned
        if beyond < self.arguments["more_steps"]:
            return
        if beyond + steps > MORE_STEPS.high:
            raise InputError(
                "This painting has had as many steps as one can have: press Paint to begin another."
            )
        self.arguments["more_steps"] = beyond + steps


class Easel:
    """The latest paintings, by keys that nobody can guess."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paintings: OrderedDict[str, Painting] = OrderedDict()

    def put(self, painting: Painting) -> str:
        """Keep a painting and return its key; the oldest ones make room."""
        key = uuid.uuid4().hex
        with self._lock:
            self._paintings[key] = painting
            while len(self._paintings) > MOST:
                self._paintings.popitem(last=False)
        return key

    def get(self, key: str | None) -> Painting:
        """Return the painting of a key.

        Raises:
            InputError: there is none, or it had to make room.
        """
        with self._lock:
            painting = self._paintings.get(key or "")
            if painting is not None:
                self._paintings.move_to_end(key or "")
        if painting is None or painting.step is None:
            raise InputError("There is no painting to go on with: press Paint to begin one.")
        return painting
