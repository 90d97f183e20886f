"""Autoencoders of dense layers: what the shallow and the stacked one have in common."""

from __future__ import annotations

from collections.abc import Sequence

from generative.autoencoders.reconstructor import pictures_input
from generative.backend import keras
from generative.validation import IMAGE_SHAPE, PIXELS


def dense_autoencoder(
    name: str, encoder: Sequence[keras.layers.Dense], decoder: Sequence[keras.layers.Dense]
) -> keras.Model:
    """Return a network, pictures → logits, in the two halves that a `Reconstructor` looks for.

    Args:
        name: of the network.
        encoder: layers from the 784 pixels to the code, which is what the last one gives.
        decoder: layers from there on, before the one that gives 784 logits.
    """
    halves = [
        keras.Sequential([pictures_input(), keras.layers.Flatten(), *encoder], name="encoder"),
        keras.Sequential(
            [
                keras.Input((encoder[-1].units,)),
                *decoder,
                keras.layers.Dense(PIXELS, name="logits"),
                keras.layers.Reshape(IMAGE_SHAPE),
            ],
            name="decoder",
        ),
    ]
    return keras.Sequential([pictures_input(), *halves], name=name)
