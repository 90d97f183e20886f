"""A photo or drawing of a digit or garment, brought into the form of its data set.

`prepare` repeats on a photo what the makers of MNIST and Fashion-MNIST did with theirs, so that a
model meets pictures like those that it was trained on.

digit      the ink of a digit → 28×28
paper      the sheet, the note or the box that the digit is in
ink        what is narrow, and darker or lighter than the paper beside it
garment    a garment, cut out from its ground → 28×28
planes     one channel of a picture: edges, sizes, noise
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.data import DATASETS
from generative.data.photographed.channels import Plane, border
from generative.data.photographed.digit import like_mnist
from generative.data.photographed.garment import like_fashion_mnist
from generative.errors import InputError
from generative.images.pixel_arrays import check_picture
from generative.validation import SIDE, Images, check_choice

_MAKERS = {"mnist": like_mnist, "fashion_mnist": like_fashion_mnist}
# Level of the border from which on the ground is white: no picture of a data set has it.
_WHITE = 0.75


def prepare(picture: NDArray[np.uint8], dataset: str) -> Images:
    """Bring a photo or drawing of a digit or garment into the form of a data set.

    Works for one thing: a digit on a ground that is lighter or darker than it, be it a sheet, a
    note, or a box on a form; or a garment that has other colours than its ground. A picture of
    the data set itself, enlarged or negated, comes out nearly as it was; one of exactly 28 by 28
    pixels is taken as it is, or in negative if it is dark on white.

    Args:
        picture: (h, w, 3) uint8, as `decode` returns it.
        dataset: "mnist" or "fashion_mnist".

    Returns:
        (1, 28, 28, 1) float32 in [0, 1], light on black.

    Raises:
        InputError: wrong picture, unknown data set, or nothing in the picture that could be a
            digit or garment.
    """
    check_choice("data set", dataset, DATASETS)
    if check_picture(picture).dtype != np.uint8 or picture.shape[2:] != (3,):
        raise InputError(
            "Invalid picture. Expected shape (h, w, 3) and dtype uint8. "
            f"Received: {picture.shape} and {picture.dtype}."
        )
    made = _as_it_is(picture) if picture.shape[:2] == (SIDE, SIDE) else _MAKERS[dataset](picture)
    return made.reshape(1, SIDE, SIDE, 1)


def _as_it_is(picture: NDArray[np.uint8]) -> Plane:
    """Return the mean of the channels, in negative if most of the border is nearly white."""
    grey: Plane = picture.mean(axis=2, dtype=np.float32) / np.float32(255)
    return 1 - grey if np.median(border(grey)) > _WHITE else grey
