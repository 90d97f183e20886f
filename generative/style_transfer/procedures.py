"""How to paint: in which coordinates, for how many steps, at which octaves content and style count.

Strokes come from the style's statistics at the picture's own size, through the network that tells
textures apart; forms and colours from those at 1/2 and 1/4 of it, through the pruned VGG-16. The
latter count less: where they rule, large patches of colour take the place of strokes. What is shown
has the colours of the style (`transport.py`).

What led to the numbers is in docs/experiments.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from generative.style_transfer.coordinates import PIXELS, PYRAMID, Coordinates
from generative.style_transfer.options import DEFAULT_STEPS


@dataclass(frozen=True)
class Way:
    """Coordinates, and how Adam moves in them.

    Attributes:
        coordinates: what moves.
        learning_rate: of the steps, until they slow down.
        averaging: decay of the averaged picture: .97 looks back over some thirty steps.
    """

    coordinates: Coordinates
    learning_rate: float
    averaging: float


@dataclass(frozen=True)
class Procedure:
    """How to paint a picture from coarse to fine.

    Attributes:
        coarse: the way at all scales but the last.
        last: the way at the full size, if there is a coarser one before.
        last_rate: of the last step of a scale, as a share of the way's.
        steps: over all scales, unless the caller says how many.
        last_share: of the steps at the full size, see `schedule.plan`.
        octaves: sizes at which the style counts: 3 are the picture's own, 1/2 and 1/4.
        octave_weight: of the style at half a size beside the style at the size.
        content_shares: how much content at each octave α = 1 stands for.
        smoothing: what the weight of total variation is multiplied by.
        transports: whether the picture is shown in the style's colours, see `transport.py`.
    """

    coarse: Way
    last: Way
    last_rate: float
    steps: int
    last_share: float
    octaves: int
    octave_weight: float
    content_shares: tuple[float, ...]
    smoothing: float
    transports: bool

    def way(self, scale: int, scales: int) -> Way:
        """Return the way at one of so many scales."""
        return self.last if 0 < scale == scales - 1 else self.coarse

    def slowing(self, progress: float) -> float:
        """Return what the rate is multiplied by after a share of a scale's steps.

        It falls in the last third.
        """
        return 1 - (1 - self.last_rate) * max(0.0, 3 * progress - 2)


_PIXELS = Way(PIXELS, learning_rate=3 / 255, averaging=0.97)

BY_NAME = {
    "octaves": Procedure(
        coarse=Way(PIXELS, learning_rate=4 / 255, averaging=0.97),
        last=Way(PIXELS, learning_rate=4 / 255, averaging=0.95),
        last_rate=0.3,
        steps=DEFAULT_STEPS,
        last_share=0.4,
        octaves=3,
        octave_weight=0.3,
        content_shares=(1.5,),
        smoothing=1.0,
        transports=True,
    ),
    # Large luminous forms and few strokes: a coefficient of the pyramid moves a whole form.
    "pyramid": Procedure(
        coarse=Way(PYRAMID, learning_rate=0.04, averaging=0.8),
        last=Way(PIXELS, learning_rate=0.02, averaging=0.9),
        last_rate=0.1,
        steps=DEFAULT_STEPS,
        last_share=0.5,
        octaves=3,
        octave_weight=0.6,
        content_shares=(0.5, 1.0),
        smoothing=1.5,
        transports=True,
    ),
    # One octave, one network: as Gatys et al. painted, from coarse to fine.
    "pixels": Procedure(
        coarse=_PIXELS,
        last=_PIXELS,
        last_rate=1.0,
        steps=200,
        last_share=0.5,
        octaves=1,
        octave_weight=1.0,
        content_shares=(1.0,),
        smoothing=1.0,
        transports=False,
    ),
}
"""As `options.PROCEDURES` names them."""
