"""Held-out figures of a variational autoencoder, in nats per picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative import metrics
from generative.card import Figures
from generative.data.splits import Split
from generative.validation import PIXELS, Images
from generative.variational.latent_model import LatentModel
from generative.variational.networks import BETA

IMPORTANCE_SAMPLES = 500
ACTIVE = 0.01
"""A latent is active if its posterior mean varies by more than this over the data (Burda et al.
2016, section 5.3)."""

CONVENTION = (
    f"nats per picture; grey pixels count as probabilities of a Bernoulli variable, whose "
    f"cross-entropy is summed over {PIXELS} pixels; KL summed over latents, weight {BETA:g}"
)


def figures(model: LatentModel, held_out: Split) -> Figures:
    """Return the figures of a model on held-out pictures; a conditional one is told the classes."""
    images, labels = held_out.examples, held_out.labels if model.classes else None
    terms = model.elbo_terms(images, labels)
    costs = terms.negative_elbo
    kl = terms.kl.mean(axis=0)
    bound = model.importance_weighted_bound(images, labels, samples=IMPORTANCE_SAMPLES).mean()
    means, _ = model.encode(images, labels)
    floor = PIXELS * metrics.entropy_floor(images)
    return {
        "test_images": len(images),
        "negative_elbo": round(float(costs.mean()), 3),
        "reconstruction": round(float(terms.reconstruction.mean()), 3),
        "kl": round(float(kl.sum()), 3),
        f"importance_weighted_{IMPORTANCE_SAMPLES}": round(float(bound), 3),
        "over_floor": round(float(costs.mean()) - floor, 3),
        "active_latents": active_latents(means),
        "kl_per_latent": kl.round(3).tolist(),
        "excess_percentiles": percentiles(excess(images, costs)),
        "convention": CONVENTION,
    }


def excess(images: Images, costs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what pictures cost above the entropy floor: (n,) nats.

    A picture of many greys costs more than one in black and white, whatever the model; what is
    left says how badly the model knows it.

    Args:
        images: (n, 28, 28, 1) float32 in [0, 1].
        costs: (n,) estimates of the negative evidence lower bound, nats.
    """
    return costs - PIXELS * metrics.binary_cross_entropy(images, images)


def active_latents(means: NDArray[np.float32]) -> int:
    """Return how many latents carry something: see `ACTIVE`; means (n, z)."""
    return int((means.var(axis=0) > ACTIVE).sum())


def percentiles(costs: NDArray[np.floating]) -> list[float]:
    """Return the percentiles 0 to 100 of costs (n,): 101 numbers that never decrease."""
    return [round(float(cost), 2) for cost in np.percentile(costs, np.arange(101))]
