"""The convolutional autoencoder, 64-128-256 filters down to a 7×7 code and back.

Beside the 7×7×256 code, which holds more numbers than the picture does, it learns a one-filter
*sketch* of the code: 7×7 numbers in [0, 1] that can be shown as a picture. The sketch learns by
rebuilding the picture alone, through a small decoder of its own, and sends no gradient into the
autoencoder: looking at the code does not change it.

The task is to pass everything on, so nothing is thrown away on the way: average pooling and leaky
rectifiers. Near such an identity Adam all but stops, and Muon halves the error that it leaves.
"""

from __future__ import annotations

from generative.autoencoders.figures import figures
from generative.autoencoders.reconstructor import Reconstructor, cross_entropy, pictures_input
from generative.backend import keras, tf
from generative.card import Card
from generative.models import TrainingConfig
from generative.training.batches import compiled, in_chunks
from generative.validation import IMAGE_SHAPE, Images, check_images

TRAINING = {
    "": TrainingConfig(
        epochs=1,
        batch_size=16,
        learning_rate=5e-3,
        optimizer="muon",
        per_dataset={"mnist": {"learning_rate": 8e-3, "optimizer": "adam"}},
    )
}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]


def build() -> keras.Model:
    """Return the network: pictures → [logits, logits rebuilt from the sketch]."""
    pictures = pictures_input()
    encoder, decoder, sketch, sketch_decoder = _encoder(), _decoder(), _sketch(), _sketch_decoder()
    code = encoder(pictures)
    outputs = [decoder(code), sketch_decoder(sketch(code))]
    return keras.Model(pictures, outputs, name="convolutional")


def loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the cross-entropies of both outputs, added: (batch,) nats per pixel."""
    logits, sketch_logits = network(inputs, training=True)
    return cross_entropy(targets, logits) + cross_entropy(targets, sketch_logits)


def _convolution(
    filters: int, name: str, activation: str | None = "leaky_relu"
) -> keras.layers.Layer:
    return keras.layers.Conv2D(filters, 3, padding="same", activation=activation, name=name)


def _encoder() -> keras.Model:
    return keras.Sequential(
        [
            pictures_input(),
            _convolution(64, "down_28"),
            keras.layers.AveragePooling2D(2),
            _convolution(128, "down_14"),
            keras.layers.AveragePooling2D(2),
            _convolution(256, "code"),
        ],
        name="encoder",
    )


def _decoder() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((7, 7, 256)),
            _convolution(128, "up_7"),
            keras.layers.UpSampling2D(),
            _convolution(64, "up_14"),
            keras.layers.UpSampling2D(),
            _convolution(1, "logits", activation=None),
        ],
        name="decoder",
    )


def _sketch() -> keras.Model:
    return keras.Sequential(
        [keras.Input((7, 7, 256)), StopGradient(), _convolution(1, "filter", "sigmoid")],
        name="sketch",
    )


def _sketch_decoder() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((7, 7, 1)),
            _convolution(32, "spread"),
            keras.layers.Conv2DTranspose(1, 8, strides=4, padding="same", name="logits"),
        ],
        name="sketch_decoder",
    )


class StopGradient(keras.layers.Layer):  # type: ignore[misc]
    """Pass values on and hold gradients back."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.stop_gradient(inputs)


class Model(Reconstructor):
    """A reconstructor whose code is drawn by a filter that was trained for it."""

    def __init__(self, network: keras.Model, card: Card) -> None:
        super().__init__(network, card)
        encoder, sketch = network.get_layer("encoder"), network.get_layer("sketch")
        self._sketch = compiled(
            lambda x: sketch(encoder(x, training=False), training=False), IMAGE_SHAPE
        )

    def sketch(self, images: Images) -> Images:
        """Return the one-filter picture of the code, (n, 7, 7, 1) float32 in [0, 1].

        Raises:
            InputError: wrong images.
        """
        return in_chunks(self._sketch, check_images(images))
