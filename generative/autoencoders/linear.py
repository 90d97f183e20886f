"""The linear autoencoder, 3 → 2 → 3 without activation, on a noisy tilted plane.

Trained by plain gradient descent on the squared error it finds the plane that PCA finds
(Baldi & Hornik 1989), though not PCA's axes within it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card, Figures
from generative.data import splits
from generative.data.splits import Split
from generative.models import TrainingConfig
from generative.training.batches import in_chunks
from generative.validation import check_array

TRAINING = {"": TrainingConfig(epochs=100, batch_size=100, learning_rate=1.0, optimizer="sgd")}


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


def loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the squared error, mean over coordinates: (batch,)."""
    return tf.reduce_mean(tf.square(network(inputs, training=True) - targets), axis=1)


class Model:
    """The trained 3 → 2 → 3 network on points."""

    def __init__(self, network: keras.Model, card: Card) -> None:
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
        """Return the points' codes: (n, 3) float32 → (n, 2) float32.

        Raises:
            InputError: wrong shape or dtype, NaN or infinity.
        """
        return in_chunks(self._encoder, check_array("points", points, (3,)))


def figures(model: Model, held_out: Split) -> Figures:
    """Return the mean squared errors of the model and of exact PCA, fitted to the same points."""
    from sklearn.decomposition import PCA  # Imported where it is needed: it takes a second.

    points = held_out.examples
    exact = PCA(2).fit(splits.load(splits.PLANE, "train").examples.astype(np.float64))
    of_pca = exact.inverse_transform(exact.transform(points.astype(np.float64)))
    errors = {"mse": model.reconstruct(points) - points, "pca_mse": of_pca - points}
    return {name: round(float(np.square(error).mean()), 7) for name, error in errors.items()}
