"""What `generative.load` returns for the photo denoiser: photographs of any size, tile by tile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card
from generative.denoising.photographs.network import REACH, UNIT, build
from generative.denoising.photographs.removal import (
    P,
    Photo,
    as_floats,
    check_photo,
    shares_of,
    without,
)
from generative.tiling import tiles
from generative.training import precision

Place = tuple[slice, slice]
"""Rows and columns of a part of a photograph."""

CORE = 1024
"""Side of the part of a photograph that a tile is responsible for, pixels."""


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
        check_photo(picture)
        if not any(shares_of(strength, luminance, colour)):
            return cast("P", picture.copy())
        restored = np.empty_like(picture)
        for place, noise in self._parts(picture):
            restored[place] = without(noise, picture[place], strength, luminance, colour)
        return restored

    def noise(self, picture: Photo) -> NDArray[np.float32]:
        """Return what is taken for noise: (h, w, 3) float32, on the scale of [0, 1].

        Raises:
            InputError: as `restore`.
        """
        found = np.empty(check_photo(picture).shape, np.float32)
        for place, noise in self._parts(picture):
            found[place] = noise
        return found

    def _parts(self, picture: Photo) -> Iterator[tuple[Place, NDArray[np.float32]]]:
        """Yield every tile's place in a photograph, and the noise there: (h, w, 3) float32."""
        height, width = (math.ceil(side / UNIT) * UNIT for side in picture.shape[:2])
        for tile in tiles(height, width, CORE, REACH):
            top, left, bottom, right = tile.outer
            noisy = as_floats(picture[top:bottom, left:right])
            around = ((0, -noisy.shape[0] % UNIT), (0, -noisy.shape[1] % UNIT), (0, 0))
            padded = np.pad(noisy, around, mode="reflect")[None]
            clean = self._clean(tf.constant(padded)).numpy()[0]
            first, second, third, fourth = tile.core
            core = slice(first, min(third, len(noisy))), slice(second, min(fourth, len(noisy[0])))
            place = tuple(
                slice(begin + part.start, begin + part.stop)
                for begin, part in zip((top, left), core, strict=True)
            )
            yield cast("Place", place), noisy[core] - np.clip(clean[core], 0, 1)
