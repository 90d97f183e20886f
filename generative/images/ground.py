"""What is transparent gets a ground."""

from __future__ import annotations

import numpy as np
from PIL import Image

FAR = 0.75
"""Luma from 0 to 1; what is darker stands out from white by a quarter of the range at least."""

SHARE = 0.1
"""Of the opaque or of the transparent part, whichever is smaller: less of it is not seen."""

_ENOUGH = 512  # pixels a side, to judge a picture by


def lay_on_ground(picture: Image.Image) -> Image.Image:
    """Return RGB of what may be transparent, laid on white, or on black if it vanishes on white.

    It vanishes if the pixels darker than `FAR` amount to less than `SHARE` of the opaque part, or
    of the transparent part where that is smaller. So a dark drawing and nearly every photo with
    soft edges or round corners are laid on white, and a white or pastel drawing on black.

    Args:
        picture: RGB, which is returned as it is, or RGBA.
    """
    if picture.mode == "RGB":
        return picture
    ground = Image.new("RGB", picture.size, "black" if _vanishes_on_white(picture) else "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _vanishes_on_white(picture: Image.Image) -> bool:
    small = picture.reduce(-(-max(picture.size) // _ENOUGH))  # It weighs colours by their opacity.
    opacity = np.asarray(small.getchannel("A"), np.float32) / 255
    luma = np.asarray(small.convert("RGB").convert("L"), np.float32) / 255
    seen = opacity[luma < FAR].sum()
    return bool(seen < SHARE * min(opacity.sum(), (1 - opacity).sum()))
