"""Flatten transparent pictures onto the background that shows them."""

from __future__ import annotations

import numpy as np
from PIL import Image

MAX_VISIBLE_LUMA = 0.75
"""Luma, 0 to 1. Anything darker differs from white by at least a quarter of the range."""

MIN_VISIBLE_SHARE = 0.1
"""Of the opaque or of the transparent area, whichever is smaller. Less goes unnoticed."""

_JUDGED_SIDE = 512  # pixels: detail enough to judge a picture by


def flatten(picture: Image.Image) -> Image.Image:
    """Return RGB: a picture laid on white, or on black if it would vanish on white.

    It vanishes if the pixels darker than `MAX_VISIBLE_LUMA` cover less than `MIN_VISIBLE_SHARE` of
    the opaque area, or of the transparent area if that is smaller. So a dark drawing, and nearly
    every photo with soft edges or round corners, goes on white; a white or pastel drawing on black.

    Args:
        picture: RGB, which is returned unchanged, or RGBA.
    """
    if picture.mode == "RGB":
        return picture
    background = "black" if _vanishes_on_white(picture) else "white"
    canvas = Image.new("RGB", picture.size, background)
    canvas.paste(picture, mask=picture.getchannel("A"))
    return canvas


def _vanishes_on_white(picture: Image.Image) -> bool:
    # `reduce` weighs colours by their opacity.
    small = picture.reduce(-(-max(picture.size) // _JUDGED_SIDE))
    opacity = np.asarray(small.getchannel("A"), np.float32) / 255
    luma = np.asarray(small.convert("RGB").convert("L"), np.float32) / 255
    visible = opacity[luma < MAX_VISIBLE_LUMA].sum()
    return bool(visible < MIN_VISIBLE_SHARE * min(opacity.sum(), (1 - opacity).sum()))
