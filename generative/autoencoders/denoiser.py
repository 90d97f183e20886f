"""Our best denoiser: a residual U-Net that is told neither the kind of noise nor its level.

The picture is first folded 2×2 pixels into 14×14×4 (as FFDNet does, Zhang et al. 2018, arXiv
1710.04026): at this noise most of what can be known about a pixel comes from far away, so the
time is better spent on a wide view at 14×14 and 7×7 than on convolutions at full size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from generative import noise
from generative.autoencoders.reconstructor import Reconstructor, pictures_input
from generative.autoencoders.reconstructor import reconstruction_loss as loss
from generative.backend import keras
from generative.models import Recipe
from generative.validation import Images

SHARES = {"gaussian": 0.55, "salt_and_pepper": 0.15, "speckle": 0.15, "masked": 0.15}
"""How often each kind of noise comes up in training."""

__all__ = ["RECIPE", "Reconstructor", "build", "loss"]


def corrupt(images: Images, rng: Generator) -> Images:
    """Give every picture noise of a kind drawn from `SHARES`, at a level drawn from [0, 1]."""
    levels = rng.random(len(images), np.float32)
    kinds = rng.choice(list(SHARES), len(images), p=list(SHARES.values()))
    noisy = images.copy()
    for kind, add in noise.KINDS.items():
        chosen = kinds == kind
        noisy[chosen] = add(images[chosen], rng, levels[chosen])
    return noisy


RECIPE = Recipe(
    epochs=6,
    batch_size=32,
    learning_rate=1e-3,
    configuration={"width": 48, "deep_width": 128, "deep_blocks": 3},
    corrupt=corrupt,
)


def build(width: int, deep_width: int, deep_blocks: int) -> keras.Model:
    """Return the network, noisy pictures → logits of the clean ones.

    Args:
        width: channels at 14×14.
        deep_width: channels at 7×7.
        deep_blocks: residual blocks at 7×7.
    """
    pictures = pictures_input()
    x = _convolution(width, "enter")(_fold(pictures))
    fine = _residual_block(x, "down")
    x = keras.layers.Conv2D(deep_width, 2, strides=2, name="descend")(fine)
    for index in range(deep_blocks):
        x = _residual_block(x, f"deep_{index + 1}")
    x = keras.layers.Conv2DTranspose(width, 2, strides=2, name="ascend")(x)
    x = keras.layers.Add()([x, fine])
    x = _residual_block(_residual_block(x, "up_1"), "up_2")
    logits = _unfold(_convolution(4, "leave")(keras.layers.ReLU()(x)))
    return keras.Model(pictures, logits, name="denoiser")


def _convolution(filters: int, name: str, **options: Any) -> Any:
    return keras.layers.Conv2D(filters, 3, padding="same", name=name, **options)


def _residual_block(x: Any, name: str) -> Any:
    """Add to x what two convolutions make of it; nothing at first, so that depth costs no start."""
    y = _convolution(x.shape[-1], f"{name}_a", activation="relu")(x)
    y = _convolution(x.shape[-1], f"{name}_b", kernel_initializer="zeros")(y)
    return keras.layers.Add()([x, y])


def _fold(pictures: Any) -> Any:
    """(28, 28, 1) → (14, 14, 4): every 2×2 pixels become the channels of one."""
    x = keras.layers.Reshape((14, 2, 14, 2))(pictures)
    return keras.layers.Reshape((14, 14, 4))(keras.layers.Permute((1, 3, 2, 4))(x))


def _unfold(x: Any) -> Any:
    """(14, 14, 4) → (28, 28, 1), the reverse of `_fold`."""
    x = keras.layers.Permute((1, 3, 2, 4))(keras.layers.Reshape((14, 14, 2, 2))(x))
    return keras.layers.Reshape((28, 28, 1))(x)
