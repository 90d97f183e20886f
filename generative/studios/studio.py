"""What every studio offers: generators of `style_transfer.painter`, run elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from generative.style_transfer.options import MOST_KEPT, Balance, PaintingOptions
from generative.style_transfer.picture_checks import Pixels

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

S = TypeVar("S")


@dataclass(frozen=True)
class Waiting:
    """Nothing new has been painted yet.

    Attributes:
        reason: a sentence for whoever waits; empty where a step merely takes its time.
    """

    reason: str = ""


PaintingSteps = Generator["StyleStep | Waiting | None", Balance, None]
"""Yields None once the request is accepted, then every step, without its state. Send the weights
for the next one. `Waiting` may come at any time, several a second."""


def most_kept(room: int) -> int:
    """Return how many paintings are kept so that they can be continued, by how many run at once."""
    return MOST_KEPT + room - 1


class Studio(Protocol):
    """Runs generators whose first argument is the folder of checkpoints, which it knows itself.

    Closing what a method returns stops the work within a step. Pictures travel as arrays.
    """

    @property
    def room(self) -> int:
        """How many generators run at the same time."""

    @property
    def pid(self) -> int | None:
        """Id of the process that paints; None if none runs, or not on this machine alone."""

    def run(
        self, function: Callable[..., Generator[S, Any, None]], *arguments: Any
    ) -> Generator[S | Waiting, Any, None]:
        """Run a generator function, and yield what it yields.

        Args:
            function: of `painter`, defined at the top level.
            *arguments: all but the first; NumPy arrays, numbers and texts.

        Raises:
            ProcessError: what ran it has ended, more than once if others could take over.
            Exception: whatever the function raises.
        """

    def paint(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions
    ) -> PaintingSteps:
        """Begin a painting that can be continued: see `painter.paint`."""

    def go_on(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions, steps: int
    ) -> PaintingSteps:
        """Go on with a painting exactly where it stopped: see `painter.go_on`."""
