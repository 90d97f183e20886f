"""Keeping the content's colours (Gatys, Bethge, Hertzmann, Shechtman 2016, arXiv 1606.05897)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.images import to_uint8
from generative.style_transfer.picture_checks import Pixels

Matrix = NDArray[np.float64]
F = TypeVar("F", np.float32, np.float64)

NOISE = 0.006
"""Standard deviation of colours in [0, 1] up to which an axis holds no colour, only noise:
rounding, and what JPEG leaves in the chroma of a grey picture. From twice as much on, all counts.
"""

BARE = 1 / 3
"""Share of the wanted variance below which an axis of a start gets a wash."""

PATCH = 0.04
"""Standard deviation of the blur that makes noise into patches, of the longest side."""


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

    Section 5 of the paper, by the transform of `recolouring`. A grey picture becomes the shades of
    one hue; its mean is matched all the same.

    Args:
        picture: (h, w, 3) uint8.
        like: pictures of any size.
        shares: how much of the area each of them stands for.
    """
    found = recoloured((picture / 255).astype(float), *moments(like, shares))
    return _to_pixels(found)


def recoloured(picture: NDArray[F], mean: Matrix, covariance: Matrix) -> NDArray[F]:
    """Return a picture, (h, w, 3) in [0, 1], with a mean and covariance of colours, not clipped.

    Args:
        picture: of any precision, which is kept.
        mean: (3,).
        covariance: (3, 3).
    """
    colours = picture.reshape(-1, 3)
    old_mean = colours.mean(axis=0)
    apart = colours - old_mean
    old_covariance = (apart.T @ apart).astype(float) / len(colours)
    turn = recolouring(old_covariance, covariance).T.astype(picture.dtype)
    found: NDArray[F] = apart @ turn + mean.astype(picture.dtype)
    return found.reshape(picture.shape)


def towards(
    picture: NDArray[np.float32], wanted: tuple[Matrix, Matrix], share: np.float32
) -> NDArray[np.float32]:
    """Return a picture, (h, w, 3) in [0, 1], a share of the way to the `moments` of others."""
    goal = np.clip(recoloured(picture, *wanted), 0, 1)
    found: NDArray[np.float32] = picture + share * (goal - picture)
    return found


def recolouring(covariance: Matrix, wanted: Matrix) -> Matrix:
    """Return the matrix that gives colours of one covariance another: Σ*^½ Σ^-½, both (3, 3).

    Square roots rather than Cholesky factors, which depend on the order of the channels. Differs
    from the paper along axes where the colours hardly vary, as the chroma of a grey picture:
    stretched to the wanted variance, its noise would turn into coloured specks, so it is left out.
    The largest singular value is at most 1 / (2 `NOISE`) times the root of Σ*'s largest
    eigenvalue.
    """

    def whitening(deviation: Matrix) -> Matrix:
        return np.clip(deviation / NOISE - 1, 0, 1) / np.maximum(deviation, NOISE)

    return _of_deviations(wanted) @ _of_deviations(covariance, whitening)


def add_wash(
    picture: Pixels,
    like: Sequence[Pixels],
    shares: Sequence[float],
    rng: np.random.Generator,
) -> Pixels:
    """Return a picture with soft patches of colour over it, where it lacks variance of its own.

    Recoloured, a line drawing or a white picture is still one flat tone, a grey photo one hue. A
    descent from there finds strokes, but takes thousands of steps to move large areas to different
    colours. So, as painters lay a wash, noise adds the wanted covariance along the axes where the
    picture has less than `BARE` of it; a photograph in colour stays as it is.

    Args:
        picture: (h, w, 3) uint8, of the mean that is wanted.
        like: pictures of any size.
        shares: how much of the area each of them stands for.
        rng: what the patches are drawn from.
    """
    _, covariance = moments([picture], (1.0,))
    _, wanted = moments(like, shares)
    inverse = _of_deviations(wanted, lambda deviation: 1 / np.maximum(deviation, NOISE))
    lacking = _of_deviations(
        inverse @ covariance @ inverse,
        lambda deviation: np.sqrt(np.clip(1 - np.square(deviation) / BARE, 0, 1)),
    )
    if not lacking.any():
        return picture
    wash = _patches(picture.shape[0], picture.shape[1], rng) @ lacking @ _of_deviations(wanted)
    return _to_pixels(picture / 255 + wash)


def _patches(height: int, width: int, rng: np.random.Generator) -> Matrix:
    """Return smooth noise, (height, width, 3), of mean 0 and covariance 1."""
    from scipy import ndimage

    noise = rng.standard_normal((height, width, 3))
    sigma = PATCH * max(height, width)
    smooth = ndimage.gaussian_filter(noise, (sigma, sigma, 0))
    smooth -= smooth.mean(axis=(0, 1))
    # Few patches are never quite independent of each other.
    covariance = np.cov(smooth.reshape(-1, 3), rowvar=False)
    patches: Matrix = smooth @ _of_deviations(covariance, np.reciprocal)
    return patches


def _to_pixels(colours: Matrix) -> Pixels:
    return to_uint8(np.clip(colours, 0, 1))


def moments(pictures: Sequence[Pixels], shares: Sequence[float]) -> tuple[Matrix, Matrix]:
    """Return mean, (3,), and covariance, (3, 3), of colours of which pictures have these shares."""
    colours = [picture.reshape(-1, 3) / 255 for picture in pictures]
    weights = np.asarray(shares, float) / np.sum(shares)
    mean = sum(w * each.mean(axis=0) for w, each in zip(weights, colours, strict=True))
    second = sum(w * each.T @ each / len(each) for w, each in zip(weights, colours, strict=True))
    return mean, second - np.outer(mean, mean)


def _of_deviations(
    covariance: Matrix, function: Callable[[Matrix], Matrix] = lambda deviation: deviation
) -> Matrix:
    """Apply a function to the standard deviations along the axes; by default, return the root."""
    variances, axes = np.linalg.eigh(covariance)
    found: Matrix = (axes * function(np.sqrt(np.maximum(variances, 0)))) @ axes.T
    return found
