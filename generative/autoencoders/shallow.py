"""The shallow autoencoder: one hidden layer, 784 → 32 (relu) → 784 (sigmoid).

The non-negative code makes it a parts-based model. It beats PCA of the same width because the
sigmoid clips for free what a linear decoder has to spend components on.
"""

from __future__ import annotations

from generative.autoencoders.dense import dense_autoencoder
from generative.autoencoders.figures import figures
from generative.autoencoders.reconstructor import Reconstructor as Model
from generative.autoencoders.reconstructor import reconstruction_loss as loss
from generative.backend import keras
from generative.models import TrainingConfig

TRAINING = {
    "": TrainingConfig(
        epochs=60, batch_size=256, learning_rate=3e-3, configuration={"code_size": 32}
    )
}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]


def build(code_size: int) -> keras.Model:
    """Return the network, pictures → logits, whose code has `code_size` numbers."""
    code = keras.layers.Dense(code_size, activation="relu", name="code")
    return dense_autoencoder("shallow", [code], [])
