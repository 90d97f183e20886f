"""The variational autoencoder (Kingma & Welling 2014, Rezende et al. 2014), z = 2, 16 or 32."""

from __future__ import annotations

from generative.variational.figures import figures
from generative.variational.latent_model import LatentModel as Model
from generative.variational.networks import build, loss, training

TRAINING = {
    # Two latents crumple at a high learning rate: classes end up folded over each other.
    "z2": training(2, epochs=12, learning_rate=1e-3),
    "z16": training(16),
    "z32": training(32),
}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]
