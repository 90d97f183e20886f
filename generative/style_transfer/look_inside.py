"""What a layer keeps of a picture: figure 1 of Gatys et al. 2015 (arXiv 1508.06576).

A picture is rebuilt from noise so that the chosen layers respond to it as they do to the original
(content; Mahendran & Vedaldi 2015, arXiv 1412.0035), or so that their statistics are the same
(style). Low layers keep exact pixels, edges and where they are; high layers keep what is there and
how it is arranged.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from generative.errors import InputError
from generative.style_transfer.engine import StyleStep, stylize
from generative.style_transfer.features import FeatureNetwork
from generative.style_transfer.options import OUR_NETWORK, STYLE_LAYERS
from generative.style_transfer.picture_checks import Pixels
from generative.validation import check_choice

KINDS = ("content", "style")
SIZE, STEPS = 128, 160
SMOOTHING = 0.3
"""Weight of total variation: from noise, deep layers alone would leave most of the noise."""


def reconstruct_from_layers(
    picture: Pixels,
    layers: Sequence[str],
    kind: str = "content",
    *,
    size: int = SIZE,
    steps: int = STEPS,
    seed: int = 0,
    network: str | FeatureNetwork = OUR_NETWORK,
) -> Generator[StyleStep, None, None]:
    """Rebuild a picture from what layers keep of its content or of its style.

    Args:
        picture: (height, width, 3) uint8.
        layers: for content any of the network's; for style any of `STYLE_LAYERS`.
        kind: "content" or "style".
        size: longest side of the result, pixels.
        steps: of the descent from noise.
        seed: of the noise.
        network: through which the picture is seen.

    Yields:
        A `StyleStep` a step.

    Raises:
        InputError: a picture, layer or number that cannot be used.
    """
    check_choice("kind of reconstruction", kind, KINDS)
    if not isinstance(layers, list | tuple) or not all(isinstance(x, str) for x in layers):
        raise InputError("Invalid layers. Expected a list of names, such as block3_conv1.")
    layers = tuple(dict.fromkeys(layers))
    if not layers:
        raise InputError("There is no layer to rebuild from: choose at least one.")
    from_content = kind == "content"
    if not from_content:
        for layer in layers:
            check_choice("style layer", layer, STYLE_LAYERS)
    return stylize(
        picture,
        picture,
        content_weight=float(from_content),
        style_weight=float(not from_content),
        total_variation_weight=SMOOTHING,
        content_layers=tuple(layers) if from_content else ("block1_conv1",),
        layer_weights={} if from_content else {x: float(x in layers) for x in STYLE_LAYERS},
        initial="noise",
        procedure="pixels",  # It sees the picture through one network.
        size=size,
        steps=steps,
        seed=seed,
        network=network,
    )
