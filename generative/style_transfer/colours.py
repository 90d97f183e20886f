"""Keeping the content's colours (Gatys, Bethge, Hertzmann, Shechtman 2016, arXiv 1606.05897)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.style_transfer.options import Pixels

LEAST_VARIANCE = 1e-6
"""Of colours in [0, 1]: keeps a grey picture's covariance invertible."""


def with_colours_of(painted: Pixels, content: Pixels) -> Pixels:
    """Return the luminance of one picture with the chroma of another of the same size.

    Section 4 of the paper, in YCbCr (ITU-R BT.601) for YIQ: the same luminance, other axes of
    chroma.
    """
    luminance = Image.fromarray(painted).convert("YCbCr").getchannel("Y")
    _, blue, red = Image.fromarray(content).convert("YCbCr").split()
    return np.asarray(Image.merge("YCbCr", (luminance, blue, red)).convert("RGB"))


def match_colours(
    picture: Pixels, like: Sequence[Pixels], shares: Sequence[float] = (1.0,)
) -> Pixels:
    """Return a picture with the mean and covariance of the colours of others.

    Section 5 of the paper, with square roots of covariances rather than Cholesky factors, which
    depend on the order of the channels.

    Args:
        picture: (h, w, 3) uint8.
        like: pictures of any size.
        shares: how much of the area each of them stands for.
    """
    mean, covariance = _moments([picture], (1.0,))
    wanted_mean, wanted_covariance = _moments(like, shares)
    transform = _power(wanted_covariance, 0.5) @ _power(covariance, -0.5)
    matched = (picture.reshape(-1, 3) / 255 - mean) @ transform.T + wanted_mean
    return np.rint(np.clip(matched, 0, 1) * 255).astype(np.uint8).reshape(picture.shape)


def _moments(
    pictures: Sequence[Pixels], shares: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance of the colours of a picture whose area the pictures share."""
    colours = [picture.reshape(-1, 3) / 255 for picture in pictures]
    weights = np.asarray(shares, float) / np.sum(shares)
    mean = sum(w * each.mean(axis=0) for w, each in zip(weights, colours, strict=True))
    second = sum(w * each.T @ each / len(each) for w, each in zip(weights, colours, strict=True))
    return mean, second - np.outer(mean, mean) + LEAST_VARIANCE * np.eye(3)


def _power(covariance: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    power: NDArray[np.float64] = (vectors * values**exponent) @ vectors.T
    return power
