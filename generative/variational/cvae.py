"""The conditional variational autoencoder (Sohn et al. 2015): "write a 7 in this handwriting"."""

from __future__ import annotations

from generative.variational.figures import figures
from generative.variational.latent_model import LatentModel as Model
from generative.variational.networks import build, loss, training

TRAINING = {"z16": training(16, classes=10)}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]
