"""The conditional variational autoencoder (Sohn et al. 2015): "write a 7 in this handwriting"."""

from __future__ import annotations

from generative.data import CLASS_COUNT
from generative.variational.figures import figures
from generative.variational.latent_model import LatentModel as Model
from generative.variational.networks import build, loss, training

TRAINING = {"z16": training(16, classes=CLASS_COUNT)}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]
