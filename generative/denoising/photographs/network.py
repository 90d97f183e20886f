"""The network of the photo denoiser: a residual U-Net without biases.

Without biases the network is homogeneous: a photograph at half the contrast, with half the noise,
gives the same result at half the contrast. It then generalises to levels that it has not seen
(Mohan et al. 2020, arXiv 1906.05478). It works at a half, a quarter and an eighth of the
resolution; folding 2×2 pixels into channels at the entrance, as FFDNet does (Zhang et al. 2018,
arXiv 1710.04026), costs little in colour and makes it four times as fast.
"""

from __future__ import annotations

from generative.backend import keras

UNIT = 8
"""Pixels that a place of the deepest part stands for: sides of what it is shown are multiples."""

REACH = 96
"""How far it sees at most in each direction, pixels, rounded up to a multiple of `UNIT`."""


def build(
    width: int,
    blocks: int,
    middle_width: int,
    middle_blocks: int,
    deep_width: int,
    deep_blocks: int,
) -> keras.Model:
    """Return the network, noisy photographs (batch, h, w, 3) → clean ones, sides multiples of 8.

    Args:
        width: channels at a half of the resolution.
        blocks: residual blocks there, on the way down and again on the way up.
        middle_width: channels at a quarter of it.
        middle_blocks: residual blocks there, each way.
        deep_width: channels at an eighth of it.
        deep_blocks: residual blocks there.
    """
    noisy = keras.Input((None, None, 3))
    at_half = _blocks(_down(width, 6, "enter")(noisy), blocks, "half_down")
    at_quarter = _blocks(_down(middle_width, 2, "to_quarter")(at_half), middle_blocks, "down")
    deep = _blocks(_down(deep_width, 2, "to_eighth")(at_quarter), deep_blocks, "deep")
    x = keras.layers.Add()([_up(middle_width, 2, "from_eighth")(deep), at_quarter])
    x = _blocks(x, middle_blocks, "up")
    x = keras.layers.Add()([_up(width, 2, "from_quarter")(x), at_half])
    x = _blocks(x, blocks, "half_up")
    # Float32, as the sum is: in bfloat16 a bright pixel would be rounded to a whole level of 255.
    noise = _up(3, 6, "noise", kernel_initializer="zeros", dtype="float32")(x)
    clean = keras.layers.Subtract(dtype="float32")([noisy, noise])
    return keras.Model(noisy, clean, name="photo_denoiser")


def _blocks(x: keras.KerasTensor, count: int, name: str) -> keras.KerasTensor:
    """Add to x, time after time, what two convolutions make of it; nothing at first."""
    for index in range(1, count + 1):
        y = _convolution(x.shape[-1], f"{name}_{index}a")(x)
        y = keras.layers.ReLU()(y)
        y = _convolution(x.shape[-1], f"{name}_{index}b", kernel_initializer="zeros")(y)
        x = keras.layers.Add()([x, y])
    return x


def _convolution(channels: int, name: str, **options: str) -> keras.layers.Layer:
    return keras.layers.Conv2D(channels, 3, padding="same", use_bias=False, name=name, **options)


def _down(channels: int, size: int, name: str) -> keras.layers.Layer:
    """Halve both sides. A kernel of 6×6 does what 2×2 folded into channels and 3×3 would."""
    return keras.layers.Conv2D(channels, size, strides=2, padding="same", use_bias=False, name=name)


def _up(channels: int, size: int, name: str, **options: str) -> keras.layers.Layer:
    """Double both sides."""
    return keras.layers.Conv2DTranspose(
        channels, size, strides=2, padding="same", use_bias=False, name=name, **options
    )
