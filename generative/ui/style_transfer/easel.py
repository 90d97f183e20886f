"""Paintings that were begun: kept on the server for visitors who stop and want to go on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generative.errors import InputError
from generative.studios.studio import most_kept
from generative.style_transfer.latest import Latest
from generative.style_transfer.options import STEPS, Balance, LiveWeights, PaintingOptions
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.settings import NONE, PaintingSettings
from generative.ui.style_transfer.film import Film

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep


@dataclass
class Painting:
    """One run of the panel.

    Attributes:
        content: the picture.
        settings: that it was begun with, but the weights of the last step.
        arguments: of `stylize`, but the content.
        weights: that the visitor turns while it runs; those of all three styles, there or not.
        step: the last one.
        extended: whether it was continued after all its steps were done.
        curve: (step, content loss, style loss, variation) of every step.
        film: how it grew.
        key: by which it is found; nobody can guess it.
    """

    content: Pixels
    settings: PaintingSettings
    arguments: PaintingOptions
    weights: LiveWeights
    step: StyleStep | None = None
    extended: bool = False
    curve: list[tuple[int, float, float, float]] = field(default_factory=list)
    film: Film = field(default_factory=Film)
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def balance(self) -> Balance:
        """The weights of the next step, with those of the styles that it has."""
        now, named = self.weights.now, ("", self.settings.second, self.settings.third)
        styles = (weight for name, weight in zip(named, now.styles, strict=False) if name != NONE)
        return replace(now, styles=tuple(styles))

    def add(self, step: StyleStep) -> None:
        """Take in what was painted, and the weights that it was painted with."""
        if self.step is None or step.step > self.step.step:
            self.curve.append((step.step, step.content_loss, step.style_loss, step.tv_loss))
            self.film.add(step.image)
        now = self.weights.now
        given = self.settings.second_weight, self.settings.third_weight
        second, third = now.styles[1:] or given
        settings = replace(
            self.settings,
            content_weight=now.content,
            style_weight=now.style,
            total_variation_weight=now.total_variation,
            second_weight=second,
            third_weight=third,
        )
        if self.step is not None and settings != self.settings:
            settings = replace(settings, alone=False, turned=True)
        self.step, self.settings = step, settings

    @property
    def is_done(self) -> bool:
        """Whether all steps that were planned are done."""
        return self.step is not None and self.step.step == self.step.total_steps

    def note(self) -> str:
        """Return the settings as the PNG of the picture so far keeps them.

        Where other steps were made than planned, theirs is the number kept.
        """
        if self.step is None or (self.is_done and not self.extended and not self.settings.seconds):
            return self.settings.to_text()
        made = min(self.step.step, int(STEPS.high))
        return replace(self.settings, steps=made, alone=False).to_text()


class Easel:
    """The latest paintings, by keys that nobody can guess."""

    def __init__(self, room: int = 1) -> None:
        """Make an empty easel.

        Args:
            room: paintings that run at the same time.
        """
        self._latest: Latest[Painting] = Latest(most_kept(room))

    def put(self, painting: Painting) -> str:
        """Keep a painting and return its key; the one used longest ago makes room."""
        self._latest.put(painting.key, painting)
        return painting.key

    def get(self, key: str | None) -> Painting:
        """Return the painting of a key.

        Raises:
            InputError: there is none, or it had to make room.
        """
        painting = self._latest.get(key or "")
        if painting is None or painting.step is None:
            raise InputError("There is no painting to go on with: press Paint to begin one.")
        return painting
