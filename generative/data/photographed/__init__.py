"""Convert a photo or drawing of a digit or garment to the form of its data set.

`prepare` treats a photo as the makers of MNIST and Fashion-MNIST treated theirs, so that a model
sees pictures like those it was trained on.

digit      finds a digit's ink → 28×28
paper      finds the sheet, note or box that the digit is on
ink        finds what is narrow, and darker or lighter than the paper beside it
garment    cuts a garment out of its background → 28×28
channels   helpers for channels: size, noise, masks
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.data import DATASETS
from generative.data.photographed.channels import Channel, border_pixels
from generative.data.photographed.digit import to_mnist_form
from generative.data.photographed.garment import to_fashion_mnist_form
from generative.errors import InputError
from generative.images.pixel_arrays import check_picture
from generative.validation import SIDE, Images, check_choice

_CONVERTERS = {"mnist": to_mnist_form, "fashion_mnist": to_fashion_mnist_form}
# A border above this level means a white background; no picture of a data set has one.
_WHITE = 0.75


def prepare(picture: NDArray[np.uint8], dataset: str) -> Images:
    """Convert a photo or drawing of a digit or garment to the form of a data set.

    Expects a single object: a digit on a lighter or darker background, be it a sheet, a note or a
    box on a form; or a garment whose colours differ from its background's. A picture of the data
    set itself, enlarged or negated, comes out nearly unchanged. A picture of exactly 28 by 28
    pixels is used as it is, or negated if it is dark on white.

    Args:
        picture: (h, w, 3) uint8, as `decode` returns it.
        dataset: "mnist" or "fashion_mnist".

    Returns:
        (1, 28, 28, 1) float32 in [0, 1], light on black.

    Raises:
        InputError: invalid picture, unknown data set, or nothing that could be a digit or garment.
    """
    check_choice("data set", dataset, DATASETS)
    if check_picture(picture).dtype != np.uint8 or picture.shape[2:] != (3,):
        raise InputError(
            "Invalid picture. Expected shape (h, w, 3) and dtype uint8. "
            f"Received: {picture.shape} and {picture.dtype}."
        )
    made = (
        _as_drawn(picture) if picture.shape[:2] == (SIDE, SIDE) else _CONVERTERS[dataset](picture)
    )
    return made.reshape(1, SIDE, SIDE, 1)


def _as_drawn(picture: NDArray[np.uint8]) -> Channel:
    """Return the mean of the channels, negated if most of the border is nearly white."""
    grey: Channel = picture.mean(axis=2, dtype=np.float32) / np.float32(255)
    return 1 - grey if np.median(border_pixels(grey)) > _WHITE else grey
