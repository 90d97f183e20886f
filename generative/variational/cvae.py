"""The conditional variational autoencoder (Sohn et al. 2015): "write a 7 in this handwriting"."""

from __future__ import annotations

from generative.variational.latent_model import LatentModel as Reconstructor
from generative.variational.networks import build, loss, recipe

RECIPES = {"z16": recipe(16, classes=10)}

__all__ = ["RECIPES", "Reconstructor", "build", "loss"]
