"""Picture quality metrics, as functions of NumPy arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from generative.validation import Images


def mse(truth: Images, images: Images) -> NDArray[np.float64]:
    """Return the mean squared error of each picture: (n,) float64."""
    return np.asarray(np.square(truth.astype(np.float64) - images).mean(axis=(1, 2, 3)))


def psnr(truth: Images, images: Images) -> NDArray[np.float64]:
    """Return the peak signal-to-noise ratio of each picture: (n,) float64, dB; inf where equal."""
    with np.errstate(divide="ignore"):
        return -10 * np.log10(mse(truth, images))


def ssim(truth: Images, images: Images) -> NDArray[np.float64]:
    """Return the structural similarity of each picture: (n,) float64, at most 1.

    Of colour pictures the mean over the channels. scikit-image's default: a 7×7 uniform window
    (Wang et al. 2004 use an 11-tap Gaussian).
    """
    from skimage.metrics import structural_similarity

    return np.array(
        [
            structural_similarity(a, b, data_range=1.0, channel_axis=-1)
            for a, b in zip(truth, images, strict=True)
        ]
    )


def for_json(figure: float, digits: int) -> float | None:
    """Return a figure rounded; None for infinity, which JSON lacks: the PSNR of equal pictures."""
    return round(float(figure), digits) if math.isfinite(figure) else None


def binary_cross_entropy(truth: Images, images: Images) -> NDArray[np.float64]:
    """Return the cross-entropy of each picture, mean over pixels: (n,) float64, nats per pixel.

    Predictions are clipped 1e-7 away from 0 and 1, as Keras does.
    """
    p = np.clip(images.astype(np.float64), 1e-7, 1 - 1e-7)
    t = truth.astype(np.float64)
    return np.asarray(-(t * np.log(p) + (1 - t) * np.log1p(-p)).mean(axis=(1, 2, 3)))


def entropy_floor(truth: Images) -> float:
    """Return the minimum cross-entropy of any prediction of grey pixels, nats per pixel.

    It is the targets' own entropy: a grey pixel t costs H(t) even if t itself is predicted.
    """
    return float(binary_cross_entropy(truth, truth).mean())
