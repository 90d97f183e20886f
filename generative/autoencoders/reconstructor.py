"""What `generative.load` returns for an autoencoder: NumPy in, NumPy out, checked at the edge."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card
from generative.errors import InputError
from generative.models import compared_in
from generative.training.batches import compiled, in_chunks
from generative.validation import IMAGE_SHAPE, Images, check_array, check_images

SKETCH_ROWS = 4
SMALLEST_RANGE = 1e-6
"""Smallest range a drawn code is scaled by; a constant code is black."""


class Reconstructor:
    """A trained network that gives back the pictures it is shown, from logits.

    Args:
        network: pictures → logits; its layers "encoder" and "decoder", where there are any, are
            its two halves.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        halves = {layer.name: layer for layer in network.layers}
        self._encoder = halves.get("encoder")
        self._decoder = halves.get("decoder")
        if self._encoder is None or self._decoder is None:
            self._reconstruct = compiled(
                lambda x: tf.sigmoid(network(x, training=False)), IMAGE_SHAPE
            )
        else:
            encode = partial(self._encoder, training=False)
            decode = partial(self._decoder, training=False)
            self._encode = compiled(encode, IMAGE_SHAPE)
            self._decode = compiled(lambda code: tf.sigmoid(decode(code)), self.code_shape)
            self._reconstruct = compiled(lambda x: tf.sigmoid(decode(encode(x))), IMAGE_SHAPE)

    def reconstruct(self, images: Images) -> Images:
        """Return what the model makes of `images`: (n, 28, 28, 1) float32 in [0, 1], both.

        Raises:
            InputError: wrong shape, dtype or range, or NaN.
        """
        return in_chunks(self._reconstruct, check_images(images))

    def encode(self, images: Images) -> NDArray[np.float32]:
        """Return the codes of `images`, (n, *code_shape) float32.

        Raises:
            InputError: wrong images, or a model without a code.
        """
        if self._encoder is None:
            raise InputError(
                f"The model {self.card['model']!r} has no code. Expected an autoencoder with a "
                f"bottleneck: {', '.join(compared_in('reconstruction'))}."
            )
        return in_chunks(self._encode, check_images(images))

    def decode(self, codes: NDArray[np.float32]) -> Images:
        """Return the pictures of `codes`: (n, *code_shape) float32 → (n, 28, 28, 1) in [0, 1].

        Raises:
            InputError: wrong codes, or a model without a code.
        """
        if self._decoder is None:
            raise InputError(f"The model {self.card['model']!r} has no code to decode.")
        return in_chunks(self._decode, check_array("codes", codes, self.code_shape))

    def sketch(self, images: Images) -> Images:
        """Return a picture of each code, (n, height, width, 1) float32 in [0, 1].

        Its numbers as greys, in rows, 4 of them if that comes out even; black is the least.

        Raises:
            InputError: wrong images, or a model without a code.
        """
        codes = self.encode(images).reshape(len(images), -1)
        least, most = codes.min(axis=1, keepdims=True), codes.max(axis=1, keepdims=True)
        greys = (codes - least) / np.maximum(most - least, SMALLEST_RANGE)
        rows = SKETCH_ROWS if codes.shape[1] % SKETCH_ROWS == 0 else 1
        return np.asarray(greys.reshape(len(codes), rows, -1, 1), np.float32)

    @property
    def code_shape(self) -> tuple[int, ...]:
        """The shape of one code; empty where the model has none."""
        return () if self._decoder is None else tuple(self._decoder.input_shape[1:])


def reconstruction_loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the binary cross-entropy from logits, mean over pixels: (batch,) nats per pixel.

    On grey targets its floor is their own entropy, not 0: see `metrics.entropy_floor`.
    """
    return cross_entropy(targets, network(inputs, training=True))


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return mean over pixels of −t·log p − (1 − t)·log(1 − p), p = sigmoid(logits): (batch,)."""
    pixelwise = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
    return tf.reduce_mean(pixelwise, axis=[1, 2, 3])


def pictures_input() -> keras.KerasTensor:
    """Return a Keras input of pictures, (batch, 28, 28, 1) float32."""
    return keras.Input(IMAGE_SHAPE)
