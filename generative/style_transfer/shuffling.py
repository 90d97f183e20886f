"""What stays when a picture is cut into tiles that change places: its style, not its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generative.validation import Range

if TYPE_CHECKING:
    from generative.style_transfer.features import FeatureNetwork

TILES = Range(1, 8, whole=True)
"""Along each side."""

LAYER = "block2_conv1"

Pixels = NDArray[np.uint8]
"""(side, side, 3)."""


@dataclass(frozen=True)
class Change:
    """How far a network sees two pictures apart, as shares of what it sees in the first.

    Attributes:
        content: distance of the activations, place by place.
        style: distance of their Gram matrices.
    """

    content: float
    style: float


def shuffle(picture: Pixels, tiles: int, seed: int) -> Pixels:
    """Return a square picture whose tiles have changed places.

    Args:
        picture: (side, side, 3) uint8. What `tiles` does not divide is cropped at the right and the
            bottom.
        tiles: along each side.
        seed: of the new places.

    Returns:
        (tiles · (side // tiles), the same, 3) uint8.
    """
    side = len(picture) // tiles
    cut = picture[: side * tiles, : side * tiles].reshape(tiles, side, tiles, side, 3)
    pieces = cut.swapaxes(1, 2).reshape(-1, side, side, 3)
    mixed = pieces[np.random.default_rng(seed).permutation(len(pieces))]
    rows = mixed.reshape(tiles, tiles, side, side, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(side * tiles, side * tiles, 3))


def change(network: FeatureNetwork, before: Pixels, after: Pixels) -> Change:
    """Return how far apart two pictures are to a network, at `LAYER`.

    Args:
        network: that sees them.
        before: (side, side, 3) uint8.
        after: the same.
    """
    from generative.style_transfer.losses import gram_matrix

    pictures = np.stack([before, after]).astype(np.float32) / 255
    seen = network(pictures, [LAYER])[LAYER]
    grams = [np.asarray(gram_matrix(each)) for each in seen]
    return Change(_share(*np.asarray(seen)), _share(*grams))


def _share(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(after - before) / np.linalg.norm(before))
