"""A denoiser that knows what pictures look like: bias-free, and blind to the level of noise.

Trained by squared error on Gaussian noise that nothing clips, it gives the mean of all pictures
that a noisy one may come from, and so the gradient of the log density of pictures: what
`sampling` needs to draw new ones. Without biases it is f(a·y) = a·f(y) for a > 0, and works at
levels of noise that it has seen little of (Mohan et al. 2020, arXiv 1906.05478).
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.random import Generator

from generative import metrics
from generative.autoencoders.reconstructor import pictures_input
from generative.backend import keras, tf
from generative.card import Card, Figures
from generative.data.splits import Split
from generative.denoising.figures import NOISE_SEED
from generative.denoising.sampling import Sampler
from generative.denoising.u_net import u_net
from generative.models import TrainingConfig
from generative.training.batches import compiled, in_chunks
from generative.validation import IMAGE_SHAPE, Images, check_array

LEVELS = (0.1, 0.2, 0.5, 1.0)
"""Standard deviations of the noise under which it is measured."""

GREYS = {"mnist": 0.131, "fashion_mnist": 0.286}
"""Means of the training pictures."""


def add_noise(images: Images, rng: Generator) -> Images:
    """Return pictures with Gaussian noise, unclipped, each of a level uniform in [0, 1].

    Args:
        images: (n, 28, 28, 1) float32 in [0, 1]; the result may reach beyond.
        rng: of all that is drawn.
    """
    levels = rng.random((len(images), 1, 1, 1), np.float32)
    return images + levels * rng.standard_normal(images.shape, np.float32)


TRAINING = {
    "": TrainingConfig(
        epochs=8,
        batch_size=32,
        learning_rate=1e-3,
        half_precision=True,
        configuration={"width": 32, "deep_width": 120, "deep_blocks": 3},
        inputs=add_noise,
    )
}


class Model(Sampler):
    """The trained denoiser, and what can be drawn by it.

    Args:
        network: noisy pictures → clean ones.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        self.grey = GREYS[card["dataset"]]
        self._denoise = compiled(partial(network, training=False), IMAGE_SHAPE)

    def denoise(self, pictures: Images) -> Images:
        """Return `pictures` without their noise: (n, 28, 28, 1) float32 of any range, both.

        Raises:
            InputError: wrong shape or dtype, NaN or infinity.
        """
        return in_chunks(self._denoise, check_array("pictures", pictures, IMAGE_SHAPE))


def build(width: int, deep_width: int, deep_blocks: int) -> keras.Model:
    """Return the network, noisy pictures → clean ones; the arguments are those of `u_net`."""
    pictures = pictures_input()
    sizes = (width, deep_width, deep_blocks)
    noise = u_net(pictures, *sizes, output="noise", use_bias=False)
    clean = keras.layers.Subtract(dtype="float32")([pictures, noise])
    return keras.Model(pictures, clean, name="blind")


def loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the squared error, mean over pixels: (batch,)."""
    return tf.reduce_mean(tf.square(network(inputs, training=True) - targets), axis=[1, 2, 3])


def figures(model: Model, held_out: Split) -> Figures:
    """Return PSNR and SSIM of pictures restored from unclipped Gaussian noise of `LEVELS`."""
    clean = held_out.examples
    found: Figures = {"test_images": len(clean)}
    for level in LEVELS:
        rng = np.random.default_rng(NOISE_SEED)
        noisy = clean + np.float32(level) * rng.standard_normal(clean.shape, np.float32)
        restored = model.denoise(noisy).clip(0, 1)
        found[f"unclipped_gaussian_{level:g}"] = {
            "psnr_db": round(float(metrics.psnr(clean, restored).mean()), 3),
            "ssim": round(float(metrics.ssim(clean, restored).mean()), 4),
        }
    return found
