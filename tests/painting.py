"""What the tests of style transfer look through and look at: a tiny network, small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from PIL import Image

from generative.style_transfer.classifier import DEPTHS
from generative.style_transfer.features import Convolution, FeatureNetwork
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.settings import ARGUMENTS, PaintingSettings

WIDTHS = (4, 6, 8, 8, 8)
"""Channels of each block."""


def tiny_network(
    seed: int = 0,
    pooling: str = "average",
    gain: float = 1.0,
    depths: Sequence[int] = DEPTHS,
) -> FeatureNetwork:
    """Return random convolutions, by default in the layout of our own network."""
    rng = np.random.default_rng(seed)
    convolutions, inputs = [], 3
    for block, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True), start=1):
        for index in range(1, depth + 1):
            deviation = np.sqrt(2 / (9 * inputs))
            kernel = rng.normal(0, deviation, (3, 3, inputs, width)).astype(np.float32)
            bias = rng.normal(0, 0.1, width).astype(np.float32)
            convolutions.append(Convolution(f"block{block}_conv{index}", kernel, bias))
            inputs = width
    return FeatureNetwork("tiny", convolutions, 4.0, (-2.0,) * 3, False, pooling, gain)


NETWORK = tiny_network()
"""One for all files, so that what is compiled for it is compiled once."""

SHALLOW = tiny_network(depths=(1, 1, 1, 2, 1))
"""The same with no more layers than a usual painting looks at: half as much to compile."""


def picture(height: int, width: int, seed: int = 0) -> Pixels:
    """Return soft patches of colour with some grain."""
    rng = np.random.default_rng(seed)
    patches = Image.fromarray(rng.integers(20, 236, (5, 5, 3)).astype(np.uint8))
    soft = np.asarray(patches.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    grain = rng.normal(0, 8, (height, width, 3))
    return np.rint(np.clip(soft + grain, 0, 255)).astype(np.uint8)


def arguments(**given: object) -> list[object]:
    """Return what /stylize takes, in its order: what is given, and the rest as on the page."""
    assert given.keys() <= set(ARGUMENTS)
    settings = asdict(PaintingSettings()) | given
    return [settings.get(name) for name in ARGUMENTS]


def flat(height: int, width: int, colour: tuple[int, int, int]) -> Pixels:
    """Return a picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)
