"""Pictures out of noise, by a denoiser alone: new ones, gaps filled, small ones enlarged.

Where a denoiser f gives the least-squares estimate of pictures with Gaussian noise of deviation σ,
f(y) − y = σ² ∇ log p(y), p the density of noisy pictures (Miyasawa 1961): from any picture, it
points to where pictures are more likely. `sample` goes that way from pure noise, at first in small
steps, and adds a little fresh noise in each, so that it does not end in the nearest picture but in
one drawn by chance; ‖f(y) − y‖ says how much noise is left (Kadkhodaie and Simoncelli 2021, arXiv
2007.13640, algorithm 1). What is measured of a picture is put back after every answer of the
denoiser (algorithm 2).

Steps of finite length cost variety: with an exact denoiser of Gaussian pictures, their deviations
come out 10 to 16% too small at the default noise.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.errors import InputError
from generative.validation import (
    IMAGE_SHAPE,
    PIXELS,
    SEED,
    SIDE,
    Images,
    Range,
    check_array,
    check_images,
)

COUNT = Range(1, 1000, whole=True)
NOISE = Range(0.01, 1)
"""β of the paper: a step of length h leaves 1 − βh of the noise, whatever the denoiser removes. 1
adds none afresh; the smaller, the more is added, and the more steps it takes."""

USUAL_NOISE = 0.1
FIRST_STEP = 0.01
"""h₀ of the paper: the length of the first step; the 100th goes half of the way."""

MOST, LEAST = 1.0, 0.01
"""Standard deviation of the noise in the beginning, and where the last step is taken."""

PATIENCE = 2
"""A picture may take so many times the steps that an exact denoiser would take."""

SQUARE = 4
"""Side of the squares whose means are a small picture, in pixels of the large one."""

SMALL_SHAPE = (SIDE // SQUARE, SIDE // SQUARE, 1)
NEGLIGIBLE = 1e-6
"""Measurements that weigh less than this share of the strongest tell nothing in float32."""


@dataclass(frozen=True)
class Frame:
    """Pictures on their way out of the noise.

    Attributes:
        pictures: (n, 28, 28, 1) float32, clipped to [0, 1].
        step: steps done; 0 shows the noise that it begins with. See `expected_steps`.
        noise_stddev: of the noise that is left, as the denoiser sees it: the mean over pictures.
    """

    pictures: Images
    step: int
    noise_stddev: float


Frames = Generator[Frame, None, None]
"""Closing it stops within one step."""


@dataclass(frozen=True)
class Measurements:
    """What is known of a picture x: Mᵀx, for a matrix M with orthonormal columns.

    Attributes:
        project: pictures y, (n, 28, 28, 1) float32 → the part of them that is measured, M·Mᵀy.
        part: that part of the picture itself, M·Mᵀx: (28, 28, 1) float32.
    """

    project: Callable[[Images], Images]
    part: NDArray[np.float32]

    def put_back(self, pictures: Images) -> Images:
        """Return `pictures` with what is known of x in place of what they have there."""
        return pictures - self.project(pictures) + self.part


NOTHING = Measurements(np.zeros_like, np.zeros(IMAGE_SHAPE, np.float32))


def known_pixels(picture: NDArray[np.float32], mask: NDArray[np.bool_]) -> Measurements:
    """Return what is known where some pixels are.

    Args:
        picture: (28, 28, 1) float32 in [0, 1]; of any values where it is not known.
        mask: (28, 28) bool, true where the picture is known.

    Raises:
        InputError: a wrong picture or mask.
    """
    whole = _check_picture(picture, IMAGE_SHAPE)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != IMAGE_SHAPE[:2]:
        raise InputError(
            "Invalid mask. Expected one bool array of shape (28, 28), true where the picture is "
            "known."
        )
    known = mask[..., None].astype(np.float32)
    return Measurements(lambda pictures: known * pictures, known * whole)


def means_of_squares(picture: NDArray[np.float32]) -> Measurements:
    """Return what is known where the means over squares of 4×4 pixels are.

    Args:
        picture: the means, (7, 7, 1) float32 in [0, 1].

    Raises:
        InputError: a wrong picture.
    """
    means = _check_picture(picture, SMALL_SHAPE)

    def project(pictures: Images) -> Images:
        rows = pictures.reshape(-1, SIDE // SQUARE, SQUARE, SIDE // SQUARE, SQUARE, 1)
        return _spread(rows.mean(axis=(2, 4)))

    return Measurements(project, _spread(means[None])[0])


def products(matrix: NDArray[np.float32], values: NDArray[np.float32]) -> Measurements:
    """Return what is known where the products of a picture with the rows of a matrix are.

    Args:
        matrix: (m, 784) float32: m measurements; they need be neither orthogonal nor independent.
        values: (m,) float32, what they gave. Where they contradict each other, least squares.

    Raises:
        InputError: a wrong matrix, or not one value a row.
    """
    weights = check_array("matrix", matrix, (PIXELS,)).astype(np.float64)
    given = check_array("values", values, ()).astype(np.float64)
    if len(given) != len(weights):
        raise InputError(
            "Invalid values. Expected one for each row of the matrix, "
            f"{len(weights)}. Received: {len(given)}."
        )
    left, sizes, right = np.linalg.svd(weights, full_matrices=False)
    telling = sizes > NEGLIGIBLE * sizes[0]
    basis = right[telling].astype(np.float32)
    along = (left[:, telling].T @ given / sizes[telling]).astype(np.float32)

    def project(pictures: Images) -> Images:
        measured: Images = pictures.reshape(-1, PIXELS) @ basis.T @ basis
        return measured.reshape(pictures.shape)

    return Measurements(project, (along @ basis).reshape(IMAGE_SHAPE))


def step_length(step: int) -> float:
    """Return which share of the way step 1, 2, … goes: from `FIRST_STEP` towards 1."""
    return FIRST_STEP * step / (1 + FIRST_STEP * (step - 1))


def expected_steps(noise: float = USUAL_NOISE) -> int:
    """Return how many steps an exact denoiser takes; ours may take `PATIENCE` times as many.

    Raises:
        InputError: noise out of range.
    """
    beta, stddev, step = NOISE.check("noise", noise), MOST, 0
    while stddev >= LEAST:
        step += 1
        stddev *= 1 - beta * step_length(step)
    return step + 1  # The last one finds that it is there.


def sample(
    denoise: Callable[[Images], Images],
    measurements: Measurements,
    n: int,
    seed: int,
    noise: float,
    grey: float,
) -> Frames:
    """Draw pictures, a frame a step, each picture with random numbers of its own.

    Differs from the paper: the last step goes all the way, so that no noise is left and what was
    measured is there exactly; pictures begin around a grey of choice, not at .5, as what is far
    off is hardly forgotten when `noise` is near 1; and a picture that does not settle ends in time.

    Args:
        denoise: a blind least-squares denoiser, (m, 28, 28, 1) float32 → the same, both of any
            range.
        measurements: what is known of the pictures.
        n: how many; see `COUNT`.
        seed: the same one gives the same pictures, and the first of them whatever n is.
        noise: see `NOISE`.
        grey: mean of the pictures that the denoiser knows, in [0, 1].

    Yields:
        the noise that it begins with, then a frame a step.
    """
    streams = np.random.default_rng(seed).spawn(n)

    def fresh(pictures: NDArray[np.intp]) -> Images:
        drawn = [streams[index].standard_normal(IMAGE_SHAPE, np.float32) for index in pictures]
        return np.stack(drawn)

    on_the_way = np.arange(n)
    noisy = measurements.put_back(np.full((n, *IMAGE_SHAPE), grey, np.float32))
    noisy = noisy + np.float32(MOST) * fresh(on_the_way)
    stddevs = np.full(n, MOST, np.float32)
    step, last = 0, PATIENCE * expected_steps(noise)
    yield _frame(noisy, step, stddevs)
    while on_the_way.size:
        step += 1
        length = step_length(step)
        way = measurements.put_back(denoise(noisy[on_the_way])) - noisy[on_the_way]
        found = np.sqrt(np.square(way).mean(axis=(1, 2, 3)))
        stddevs[on_the_way] = found
        arriving = (found < LEAST) | (step == last)
        noisy[on_the_way[arriving]] += way[arriving]
        on_the_way = on_the_way[~arriving]
        if on_the_way.size:
            # What is left of the noise, made up to 1 − βh of what was there.
            added = np.sqrt((1 - noise * length) ** 2 - (1 - length) ** 2) * found[~arriving]
            noisy[on_the_way] += np.float32(length) * way[~arriving]
            noisy[on_the_way] += added.reshape(-1, 1, 1, 1) * fresh(on_the_way)
        yield _frame(noisy, step, stddevs)


class Sampler(ABC):
    """What a blind least-squares denoiser of Gaussian noise can do, besides denoise.

    Every method takes n (how many pictures, see `COUNT`), seed (see `sample`) and noise (see
    `NOISE`), checks what it is given at once, and raises `InputError` if that is invalid.

    Attributes:
        grey: mean of the pictures that it knows, in [0, 1].
    """

    grey = 0.5

    @abstractmethod
    def denoise(self, pictures: Images) -> Images:
        """Return `pictures` without their noise: (n, 28, 28, 1) float32 of any range, both."""

    def generate(self, n: int = 1, seed: int = 0, noise: float = USUAL_NOISE) -> Frames:
        """Return the frames of n new pictures."""
        return self.restore(NOTHING, n, seed, noise)

    def inpaint(
        self,
        picture: NDArray[np.float32],
        mask: NDArray[np.bool_],
        n: int = 1,
        seed: int = 0,
        noise: float = USUAL_NOISE,
    ) -> Frames:
        """Return the frames of n ways to fill a picture's gaps; see `known_pixels`."""
        return self.restore(known_pixels(picture, mask), n, seed, noise)

    def enlarge(
        self,
        picture: NDArray[np.float32],
        n: int = 1,
        seed: int = 0,
        noise: float = USUAL_NOISE,
    ) -> Frames:
        """Return the frames of n pictures that one of 7×7 may be of; see `means_of_squares`."""
        return self.restore(means_of_squares(picture), n, seed, noise)

    def restore(
        self,
        measurements: Measurements,
        n: int = 1,
        seed: int = 0,
        noise: float = USUAL_NOISE,
    ) -> Frames:
        """Return the frames of n pictures of which the same is known.

        What was measured is in the last frame as it is, except for what is clipped there.
        """
        if not isinstance(measurements, Measurements):
            raise InputError(
                "Invalid measurements. Expected what known_pixels, means_of_squares or products "
                f"returned. Received: {type(measurements).__name__}."
            )
        return sample(
            self.denoise,
            measurements,
            COUNT.check_whole("number of pictures", n),
            SEED.check_whole("seed", seed),
            NOISE.check("noise", noise),
            self.grey,
        )


def _frame(noisy: Images, step: int, stddevs: NDArray[np.float32]) -> Frame:
    return Frame(noisy.clip(0, 1), step, float(stddevs.mean()))


def _spread(means: Images) -> Images:
    return means.repeat(SQUARE, axis=1).repeat(SQUARE, axis=2)


def _check_picture(picture: object, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if not isinstance(picture, np.ndarray) or picture.shape != shape:
        raise InputError(
            f"Invalid picture. Expected one float32 array of shape {shape}, with values from 0 "
            "to 1."
        )
    checked: NDArray[np.float32] = check_images(picture[None], shape)[0]
    return checked
