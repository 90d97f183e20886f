"""Paintings that are made one after the other, and how far they have come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generative.studios import Waiting
from generative.style_transfer.picture_checks import Pixels

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

STEPS_A_FRAME = 5

Begin = Callable[[], Generator["StyleStep | Waiting", None, None]]
"""Begins a painting."""


@dataclass(frozen=True)
class Reached:
    """How far a series has come.

    Attributes:
        pictures: (caption, picture) of all that are done and of the one that is being painted.
        number: of that one, from 1.
        share: of the whole series that is done, from 0 to 1.
        now: its latest step, or why there is none yet.
    """

    pictures: list[tuple[str, Pixels]]
    number: int
    share: float
    now: StyleStep | Waiting

    @property
    def reason(self) -> str:
        """A sentence on why nothing new has been painted; empty where there is no need for one."""
        return self.now.reason if isinstance(self.now, Waiting) else ""


def paint_series(paintings: Sequence[tuple[str, Begin]]) -> Generator[Reached, None, None]:
    """Paint one picture after the other; yield at the beginning of each and every few steps.

    Args:
        paintings: (caption, what begins it).
    """
    done: list[tuple[str, Pixels]] = []
    for index, (caption, begin) in enumerate(paintings):
        shown, share = done, index / len(paintings)
        yield Reached(shown, index + 1, share, Waiting())
        with closing(begin()) as steps:
            for step in steps:
                if isinstance(step, Waiting):
                    yield Reached(shown, index + 1, share, step)
                    continue
                shown = [*done, (caption, step.image)]
                if step.step % STEPS_A_FRAME == 0 or step.step == step.total_steps:
                    share = (index + step.step / step.total_steps) / len(paintings)
                    yield Reached(shown, index + 1, share, step)
        done = shown
