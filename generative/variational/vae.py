"""The variational autoencoder (Kingma & Welling 2014, Rezende et al. 2014), z = 2, 16 or 32."""

from __future__ import annotations

from generative.variational.latent_model import LatentModel as Reconstructor
from generative.variational.networks import build, loss, recipe

RECIPES = {f"z{size}": recipe(size) for size in (2, 16, 32)}

__all__ = ["RECIPES", "Reconstructor", "build", "loss"]
