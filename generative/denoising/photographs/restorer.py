"""What `generative.load` returns for the photo denoiser: photographs of any size, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card
from generative.denoising.photographs.network import REACH, UNIT, build
from generative.errors import InputError
from generative.tiling import tiles
from generative.training import precision
from generative.validation import Range

Photo = NDArray[np.uint8] | NDArray[np.float32]
"""(h, w, 3): uint8, or float32 on the scale of [0, 1], beyond which noise may reach."""

P = TypeVar("P", NDArray[np.uint8], NDArray[np.float32])
"""A photograph of one of the two kinds."""

STRENGTH = Range(0, 1)
"""Of what is removed: 0 leaves the photograph as it is, 1 takes away all that looks like noise."""

CORE = 1024
"""Side of the part of a photograph that a tile is responsible for, pixels."""

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""How much red, green and blue count for the brightness of a pixel: ITU-R BT.601."""

BLOCK = 16
"""Side of the blocks in which the level of the noise is looked at, pixels."""


@dataclass(frozen=True)
class NoiseLevel:
    """How much noise there is: standard deviations, of 255.

    Attributes:
        total: of the channels.
        luminance: of the brightness.
        colour: of the channels without what they have in common, the brightness.
    """

    total: float
    luminance: float
    colour: float


class PhotoDenoiser:
    """The trained network, in the precision that is fastest here.

    Args:
        network: noisy photographs → clean ones.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        fast = network
        if precision.fastest() != precision.FLOAT32:
            with precision.layers_in(precision.fastest()):
                fast = build(**card["configuration"])
            fast.set_weights(network.get_weights())
        shape = tf.TensorSpec((1, None, None, 3), tf.float32)
        self._clean = tf.function(lambda x: fast(x, training=False), input_signature=[shape])

    def restore(
        self, picture: P, strength: float = 1.0, luminance: float = 1.0, colour: float = 1.0
    ) -> P:
        """Return a photograph without its noise.

        Args:
            picture: (h, w, 3), uint8, or float32 on the scale of [0, 1].
            strength: share of the noise to remove, from 0 (returns a copy) to 1.
            luminance: share of that for the noise in brightness.
            colour: share of it for the noise in colour.

        Returns:
            The same shape and dtype.

        Raises:
            InputError: another type, dtype or shape, NaN or infinity, or a share out of range.
        """
        return without(self.noise(picture), picture, strength, luminance, colour)

    def noise(self, picture: Photo) -> NDArray[np.float32]:
        """Return what is taken for noise: (h, w, 3) float32, on the scale of [0, 1].

        Raises:
            InputError: as `restore`.
        """
        noisy = _as_floats(check_photo(picture))
        height, width = noisy.shape[:2]
        around = ((0, -height % UNIT), (0, -width % UNIT), (0, 0))
        padded = np.pad(noisy, around, mode="reflect")
        clean = np.empty_like(padded)
        for tile in tiles(padded.shape[0], padded.shape[1], CORE, REACH):
            top, left, bottom, right = tile.outer
            found = self._clean(tf.constant(padded[None, top:bottom, left:right])).numpy()[0]
            core = tuple(slice(tile.core[axis], tile.core[axis + 2]) for axis in (0, 1))
            clean[top:bottom, left:right][core] = found[core]
        return np.asarray(noisy - np.clip(clean[:height, :width], 0, 1))


def without(
    noise: NDArray[np.float32],
    picture: P,
    strength: float = 1.0,
    luminance: float = 1.0,
    colour: float = 1.0,
) -> P:
    """Return a photograph without a share of the noise that `PhotoDenoiser.noise` found in it.

    Args:
        noise: (h, w, 3) float32.
        picture: as for `PhotoDenoiser.restore`.
        strength: likewise.
        luminance: likewise.
        colour: likewise.

    Raises:
        InputError: as `PhotoDenoiser.restore`.
    """
    strength = STRENGTH.check("strength", strength)
    shares = [
        strength * STRENGTH.check(f"strength for {name}", share)
        for name, share in (("luminance", luminance), ("colour", colour))
    ]
    if not any(shares):
        return picture.copy()
    restored = _as_floats(picture) - _weighted(noise, *shares)
    if picture.dtype == np.uint8:
        restored = np.rint(np.clip(restored, 0, 1) * 255)
    return cast("P", restored.astype(picture.dtype))


def level_of(noise: NDArray[np.float32]) -> NoiseLevel:
    """Return the level of the noise that `PhotoDenoiser.noise` found, in the median block.

    Most of the detail that is taken for noise by mistake lies in a few blocks, along edges.

    Args:
        noise: (h, w, 3) float32, on the scale of [0, 1].
    """
    side = min(BLOCK, *noise.shape[:2])
    rows, columns = (length // side for length in noise.shape[:2])
    blocks = noise[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    brightness = (blocks @ LUMINANCE)[..., None]
    parts = (blocks, brightness, blocks - brightness)
    variances = (np.median(np.square(part).mean(axis=(1, 3, 4))) for part in parts)
    return NoiseLevel(*(255 * float(np.sqrt(variance)) for variance in variances))


def check_photo(picture: object) -> Photo:
    """Return a photograph if the denoiser can take it.

    Raises:
        InputError: another type, dtype or shape, NaN or infinity.
    """
    if not isinstance(picture, np.ndarray) or picture.dtype not in (np.uint8, np.float32):
        received = picture.dtype if isinstance(picture, np.ndarray) else type(picture).__name__
        raise InputError(
            "Invalid photograph. Expected a NumPy array of dtype uint8 or float32. "
            f"Received: {received}."
        )
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise InputError(
            f"Invalid photograph. Expected shape (height, width, 3). Received: {picture.shape}."
        )
    if not np.isfinite(picture).all():
        raise InputError("Invalid photograph. Expected finite numbers. Received: NaN or infinity.")
    return picture


def _weighted(noise: NDArray[np.float32], luminance: float, colour: float) -> NDArray[np.float32]:
    """Return a share of the noise in brightness, the same in all channels, and of the rest."""
    if luminance == colour:
        return np.asarray(np.float32(colour) * noise)
    brightness = (noise @ LUMINANCE)[..., None]
    return np.asarray(np.float32(luminance - colour) * brightness + np.float32(colour) * noise)


def _as_floats(picture: Photo) -> NDArray[np.float32]:
    scale = np.float32(255 if picture.dtype == np.uint8 else 1)
    return np.asarray(picture, np.float32) / scale
