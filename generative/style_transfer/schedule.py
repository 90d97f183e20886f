"""From coarse to fine: at which sizes a picture is painted, and for how many steps at each.

Large shapes of a style settle at a small size, where a step costs little; every larger size starts
from the one before and adds what fits between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from generative.style_transfer.resizing import fit

COARSEST = 128
"""Longest side of the first scale, pixels, where a photo is the start."""

COARSEST_OF_NOISE = 32
"""The same where the start is noise: large shapes and colours have to be found first."""

NARROWEST = 20
"""Shortest side of any scale, pixels: 8 of them are reflected beyond the border."""

GROWTH = 2.0


@dataclass(frozen=True)
class Scale:
    """One size of the picture, pixels, and the steps to spend on it."""

    height: int
    width: int
    steps: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    @property
    def pixels(self) -> int:
        """Height times width."""
        return self.height * self.width


def coarsest(initial: object, longest: int) -> int:
    """Return the longest side of the first scale, pixels.

    Args:
        initial: `Options.initial`; what has large shapes already begins at half the size.
        longest: side of the finished picture, pixels.
    """
    if not isinstance(initial, str):
        return max(COARSEST, longest // 2)
    return COARSEST_OF_NOISE if initial == "noise" else COARSEST


def plan(
    height: int,
    width: int,
    steps: int,
    coarsest: int,
    last_share: float,
) -> list[Scale]:
    """Return the scales of a picture that is to end at `height` by `width`, smallest first.

    Args:
        height: of the finished picture, pixels.
        width: the same.
        steps: of all scales together; there are at least as many as scales.
        coarsest: longest side of the first scale, pixels, or a little more.
        last_share: steps at the full size, as a share of those at any other: the most expensive
            ones add least.
    """
    sides = [float(max(height, width))]
    smallest = max(coarsest - 0.5, NARROWEST * max(height, width) / min(height, width))
    while sides[0] / GROWTH >= smallest:
        sides.insert(0, sides[0] / GROWTH)
    sizes = [fit(height, width, side) for side in sides[:-1]] + [(height, width)]
    shares = [1.0] * (len(sizes) - 1) + [last_share]
    counts = _divide(steps, shares)
    return [Scale(*size, count) for size, count in zip(sizes, counts, strict=True)]


def extend(scales: Sequence[Scale], scale: int, step: int, more_steps: int) -> list[Scale]:
    """Return a plan with more steps at the full size, if all of its steps are done.

    Args:
        scales: the plan so far.
        scale: index of the one being painted.
        step: steps done at that one; a time budget may have made more than were planned.
        more_steps: to add.
    """
    *smaller, last = scales
    if scale < len(smaller) or step < last.steps:
        return [*scales]
    return [*smaller, replace(last, steps=step + more_steps)]


def replan(todo: Sequence[Scale], seconds: float, seconds_per_pixel: float) -> list[Scale]:
    """Return scales with the steps that a time allows, at least one each.

    Args:
        todo: the scales ahead, with the steps that were planned.
        seconds: for all of them.
        seconds_per_pixel: what one step was seen to cost per pixel.
    """
    cost = sum(scale.steps * scale.pixels for scale in todo) * seconds_per_pixel
    stretch = max(0.0, seconds) / cost
    return [replace(scale, steps=max(1, int(scale.steps * stretch))) for scale in todo]


def _divide(steps: int, shares: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to `shares`, each at least 1, that add up to `steps`."""
    counts = [max(1, int(steps * share / sum(shares))) for share in shares]
    counts[0] += max(0, steps - sum(counts))
    return counts
