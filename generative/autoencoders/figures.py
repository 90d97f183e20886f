"""Held-out figures of an autoencoder: what is lost on the way through its code."""

from __future__ import annotations

from generative import metrics
from generative.card import Figures
from generative.data.splits import Split
from generative.models import PictureModel


def figures(model: PictureModel, held_out: Split) -> Figures:
    """Return mean squared error and cross-entropy, nats per pixel, of rebuilt pictures."""
    pictures = held_out.examples
    rebuilt = model.reconstruct(pictures)
    cross_entropy = float(metrics.binary_cross_entropy(pictures, rebuilt).mean())
    return {
        "test_images": len(pictures),
        "mse": round(float(metrics.mse(pictures, rebuilt).mean()), 6),
        "bce": round(cross_entropy, 5),
        "bce_over_floor": round(cross_entropy - metrics.entropy_floor(pictures), 5),
    }
