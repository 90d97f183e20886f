"""What goes into a variational autoencoder and what comes out, without TensorFlow.

The panels need it to be laid out, and TensorFlow is imported when the first model is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.validation import Range
from generative.variational.paths import Latents

COUNT = Range(1, 1000, whole=True)
TEMPERATURE = Range(0, 2)
STEPS = Range(2, 100, whole=True)
COORDINATE = Range(-100, 100)
"""Of a latent; the prior's own hardly leave [-4, 4]."""

SOURCES = ("prior", "mixture")
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class ElboTerms:
    """The two terms of the negative evidence lower bound, for every picture.

    Their sum is the bound on average over samples; for one sample it is an estimate of it.

    Attributes:
        reconstruction: (n,) float32, nats: cross-entropy summed over pixels, of one sample.
        kl: (n, z) float32, nats: KL divergence of each latent dimension.
    """

    reconstruction: NDArray[np.float32]
    kl: NDArray[np.float32]

    @property
    def negative_elbo(self) -> NDArray[np.float32]:
        """(n,) float32, nats per picture: what the picture costs. Lower means more typical."""
        return np.asarray(self.reconstruction + self.kl.sum(axis=1))


@dataclass(frozen=True)
class Posterior:
    """What a model makes of pictures whose class it was not told.

    Attributes:
        mean: (n, z) float32, posterior means.
        log_variance: (n, z) float32.
        labels: (n,) int64, the class that a conditional model takes each picture for; None for an
            unconditional one.
    """

    mean: Latents
    log_variance: Latents
    labels: Labels | None
