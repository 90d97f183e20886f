"""Light on a surface: what makes paint look thick, glass wavy and yarn round."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field


def light(height: Field, depth: float, blur: float = 0.0) -> Field:
    """Return how much light from the top left a surface gets: 0 where it is flat, in (-1, 1).

    Args:
        height: of the surface, (size, size), about 0 to 1.
        depth: of a height of 1, in units of the picture's side.
        blur: deviation of the Gaussian that smooths the surface first, in the same units.
    """
    size = height.shape[0]
    smooth = ndimage.gaussian_filter(height, blur * size)
    down, right = np.gradient(smooth * depth * size)
    return np.asarray(np.tanh((down + right) / np.sqrt(2)))


def lit(colours: Colours, shine: Field, strength: float) -> Colours:
    """Brighten colours towards white where `shine` is above 0, darken them where it is below."""
    glow = np.clip(shine, 0, 1)[..., None] * strength
    shadow = np.clip(-shine, 0, 1)[..., None] * strength
    return np.asarray((colours + (1 - colours) * glow) * (1 - shadow))
