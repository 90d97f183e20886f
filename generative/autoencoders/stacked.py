"""The stacked autoencoder: dense layers 784-128-64-32-64-128-784, trained as one."""

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
    encoder = [
        keras.layers.Dense(128, activation="gelu", name="hidden_1"),
        keras.layers.Dense(64, activation="gelu", name="hidden_2"),
        # No activation: a clipped code of 32 numbers would lose some of them for good.
        keras.layers.Dense(code_size, name="code"),
    ]
    decoder = [
        keras.layers.Dense(64, activation="gelu", name="hidden_3"),
        keras.layers.Dense(128, activation="gelu", name="hidden_4"),
    ]
    return dense_autoencoder("stacked", encoder, decoder)
