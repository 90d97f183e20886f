"""A Gaussian mixture fitted to the training latents: ex-post density estimation.

The prior is where latents are supposed to lie, the training latents are where they do lie. Sampling
from a density fitted to the latents avoids the gaps between the two (Ghosh et al. 2020, arXiv
1903.12436, section 4, who also use ten components with full covariances).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf

COMPONENTS = 10


@dataclass(frozen=True)
class Mixture:
    """Σ weights[k] · N(means[k], factors[k]·factors[k]ᵀ).

    Attributes:
        weights: (k,) float32, at least 0, of sum 1.
        means: (k, z) float32.
        factors: (k, z, z) float32, lower triangular: Cholesky factors of the covariances.
    """

    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    factors: NDArray[np.float32]

    def draw(self, count: int, temperature: float, rng: Generator) -> NDArray[np.float32]:
        """Return `count` points, (count, z) float32; the temperature scales every deviation."""
        shares = self.weights.astype(np.float64)  # Half precision leaves their sum a little off 1.
        chosen = rng.choice(len(shares), count, p=shares / shares.sum())
        noise = rng.standard_normal((count, self.means.shape[1]), np.float32)
        deviations = np.einsum("nij,nj->ni", self.factors[chosen], noise)
        return np.asarray(self.means[chosen] + temperature * deviations, np.float32)


def fit(latents: NDArray[np.float32], seed: int) -> Mixture:
    """Return a mixture fitted to latents by expectation-maximisation.

    Args:
        latents: (n, z) float32, at least as many as there are `COMPONENTS`.
        seed: of the first guess.
    """
    from sklearn.mixture import GaussianMixture

    fitted = GaussianMixture(COMPONENTS, random_state=seed, reg_covar=1e-4).fit(latents)
    factors = np.linalg.cholesky(fitted.covariances_)
    arrays = (fitted.weights_, fitted.means_, factors)
    return Mixture(*(np.asarray(array, np.float32) for array in arrays))


class FittedDensity(keras.layers.Layer):  # type: ignore[misc]
    """Pass latents on unchanged, and keep the mixture that was fitted to them.

    A layer, so that the mixture is stored, checked and loaded like any other weight.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make room for a mixture of as many dimensions as the latents have."""
        size = input_shape[-1]
        shapes = {"weights": (), "means": (size,), "factors": (size, size)}
        self._arrays = {
            name: self.add_weight(
                name=name, shape=(COMPONENTS, *shape), initializer="zeros", trainable=False
            )
            for name, shape in shapes.items()
        }

    def call(self, latents: tf.Tensor) -> tf.Tensor:
        """Return the latents."""
        return latents

    @property
    def mixture(self) -> Mixture | None:
        """`COMPONENTS` Gaussians in as many dimensions as the latents; None before they are set."""
        arrays = {name: variable.numpy() for name, variable in self._arrays.items()}
        return Mixture(**arrays) if arrays["weights"].any() else None

    @mixture.setter
    def mixture(self, mixture: Mixture) -> None:
        for name, variable in self._arrays.items():
            variable.assign(getattr(mixture, name))
