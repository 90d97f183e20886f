"""The linear autoencoder, 3 → 2 → 3 without activation, on a noisy tilted plane.

Trained by plain gradient descent on the squared error it finds the plane that PCA finds
(Baldi & Hornik 1989), though not PCA's axes within it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.models import Recipe
from generative.training.batches import in_chunks
from generative.validation import check_array

RECIPE = Recipe(epochs=100, batch_size=100, learning_rate=1.0, optimizer="sgd")


def build() -> keras.Model:
    """Return the network, points → points, with layers "encoder" and "decoder"."""
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, use_bias=False, name="encoder"),
            keras.layers.Dense(3, use_bias=False, name="decoder"),
        ],
        name="linear",
    )


def loss(network: keras.Model, inputs: Any, targets: Any) -> Any:
    """Return the squared error, mean over coordinates: (batch,)."""
    return tf.reduce_mean(tf.square(network(inputs, training=True) - targets), axis=1)


class Reconstructor:
    """The trained 3 → 2 → 3 network on points."""

    def __init__(self, network: keras.Model, card: Mapping[str, Any]) -> None:
        self.network = network
        self.card = card
        self._encoder = network.get_layer("encoder")

    def reconstruct(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the points' places on the learned plane: (n, 3) float32 → (n, 3) float32.

        Raises:
            InputError: wrong shape or dtype, NaN or infinity.
        """
        return in_chunks(self.network, check_array("points", points, (3,)))

    def encode(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the points' codings: (n, 3) float32 → (n, 2) float32.

        Raises:
            InputError: wrong shape or dtype, NaN or infinity.
        """
        return in_chunks(self._encoder, check_array("points", points, (3,)))
