"""Keeping the content's colours (Gatys, Bethge, Hertzmann, Shechtman 2016, arXiv 1606.05897)."""

from __future__ import annotations

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


def match_colours(style: Pixels, content: Pixels) -> Pixels:
    """Return the style picture with the mean and covariance of the content's colours.

    Section 5 of the paper, with square roots of covariances rather than Cholesky factors, which
    depend on the order of the channels.
    """
    colours = style.reshape(-1, 3) / 255
    mean, covariance = _moments(colours)
    wanted_mean, wanted_covariance = _moments(content.reshape(-1, 3) / 255)
    transform = _power(wanted_covariance, 0.5) @ _power(covariance, -0.5)
    matched = (colours - mean) @ transform.T + wanted_mean
    return np.rint(np.clip(matched, 0, 1) * 255).astype(np.uint8).reshape(style.shape)


def _moments(colours: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    covariance = np.cov(colours, rowvar=False) + LEAST_VARIANCE * np.eye(3)
    return colours.mean(axis=0), covariance


def _power(covariance: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    power: NDArray[np.float64] = (vectors * values**exponent) @ vectors.T
    return power
