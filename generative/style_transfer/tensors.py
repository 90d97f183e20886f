"""Pictures as tensors, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.errors import TransferError
from generative.images import to_uint8
from generative.style_transfer.picture_checks import Pixels


def as_tensor(picture: NDArray[np.uint8] | NDArray[np.float64]) -> tf.Tensor:
    """Return a picture, (h, w, 3) from 0 to 255, as (1, h, w, 3) float32 in [0, 1]."""
    return tf.constant(picture[None], tf.float32) / 255


def to_pixels(picture: tf.Tensor) -> Pixels:
    """Return (1, h, w, 3) in [0, 1] as (h, w, 3) uint8."""
    return to_uint8(np.clip(picture[0].numpy(), 0, 1))


def check_finite(*tensors: tf.Tensor) -> None:
    """Raise `TransferError` unless every number in these is finite."""
    # A sum is the quickest look at every number; these are too small to overflow it.
    if not all(bool(tf.math.is_finite(tf.reduce_sum(each))) for each in tensors):
        raise TransferError(
            "The style transfer diverged: the loss is no longer a number, so choose smaller "
            "weights. The picture so far is kept."
        )
