"""The denoising autoencoder (Vincent et al. 2008): the convolutional one, shown noisy pictures.

The noise is Gaussian with standard deviation 0.5, clipped to [0, 1], and drawn anew every batch,
so that the network never sees the same noisy picture twice.
"""

from __future__ import annotations

from functools import partial

from generative.autoencoders.convolutional import Model, build, loss
from generative.data import noise
from generative.denoising.figures import on_gaussian_noise as figures
from generative.models import TrainingConfig

NOISE_STDDEV = 0.5
TRAINING = {
    "": TrainingConfig(
        epochs=1,
        batch_size=32,
        learning_rate=2e-3,
        inputs=partial(noise.gaussian, level=NOISE_STDDEV),
    )
}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]
