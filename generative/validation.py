"""Checks at the library's boundary: each returns the checked value or raises `InputError`."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.errors import InputError

Images = NDArray[np.float32]
"""A batch of pictures: (n, height, width, channels) float32 in [0, 1]."""

MAX_BATCH = 10_000
SIDE = 28
IMAGE_SHAPE = (SIDE, SIDE, 1)
PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class Range:
    """A closed interval, shared by sliders and checks so that they cannot disagree."""

    low: float
    high: float
    whole: bool = False

    def check(self, name: str, value: object) -> float:
        """Return `value` as a float in the interval, and whole if `whole` is set.

        Raises:
            InputError: not a number (nor are booleans and text), not finite, or out of range.
        """
        kind = "a whole number" if self.whole else "a number"
        expected = f"Expected {kind} from {self.low:.10g} to {self.high:.10g}."
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise InputError(f"Invalid {name}. {expected} Received: {_shorten(value)}.")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if (
            not math.isfinite(number)
            or not self.low <= number <= self.high
            or (self.whole and number != int(number))
        ):
            raise InputError(f"Invalid {name}. {expected} Received: {number:.10g}.")
        return number

    def check_whole(self, name: str, value: object) -> int:
        """Return `value` as an int, checked as in `check`."""
        return int(self.check(name, value))


SEED = Range(0, 2**31 - 1, whole=True)


def check_choice(name: str, value: object, choices: Collection[str]) -> str:
    """Return `value` if it is one of `choices`; else raise an `InputError` that lists them."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(
            f"Unknown {name}. Expected one of: {', '.join(choices)}. Received: {_shorten(value)}."
        )
    return value


def check_images(images: object, shape: tuple[int, ...] = IMAGE_SHAPE) -> Images:
    """Return `images` if it is a batch of pictures that a model accepts.

    Args:
        images: (n, *shape) float32 in [0, 1], n from 1 to `MAX_BATCH`.
        shape: of one picture.

    Raises:
        InputError: wrong type, dtype or shape, a NaN, or a value outside [0, 1].
    """
    array = check_array("images", images, shape)
    if array.min() < 0 or array.max() > 1:
        raise InputError(
            "Invalid images. Expected values from 0 to 1 (divide 8-bit pixels by 255). "
            f"Received: values from {array.min():g} to {array.max():g}."
        )
    return array


def check_array(name: str, array: object, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return `array` if it is (n, *shape) float32, finite, with n from 1 to `MAX_BATCH`.

    Raises:
        InputError: wrong type, dtype or shape, or a value that is not finite.
    """
    expected = f"({', '.join(['n', *map(str, shape)])})"
    if not isinstance(array, np.ndarray):
        raise InputError(
            f"Invalid {name}. Expected a NumPy array of shape {expected}. "
            f"Received: {type(array).__name__}."
        )
    if array.dtype != np.float32:
        raise InputError(f"Invalid {name}. Expected dtype float32. Received: {array.dtype}.")
    if array.shape[1:] != shape or array.ndim == 0 or not 1 <= array.shape[0] <= MAX_BATCH:
        raise InputError(
            f"Invalid {name}. Expected shape {expected} with n from 1 to {MAX_BATCH}. "
            f"Received: {array.shape}."
        )
    if not np.isfinite(array).all():
        raise InputError(f"Invalid {name}. Expected finite numbers. Received: NaN or infinity.")
    return array


def _shorten(value: object, limit: int = 40) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
