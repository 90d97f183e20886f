"""Style transfer in one pass: a photo and the code of a style → a painting, in a tenth of a second.

    model = generative.load("stylizer")
    model.stylize(photo, styles=[(oil, 2), (woodcut, 1)], strength=0.8)

What the network is, is in `stylizer_network.py`; what it learns from, in `lessons.py`.
"""

from __future__ import annotations

from generative.backend import keras, tf
from generative.card import Card, Figures
from generative.models import TrainingConfig
from generative.style_transfer.stylizer_network import STRIDE, Stylizer

NAME, DATASET = "stylizer", "paintings"
CHECKPOINT = f"{NAME}-{DATASET}"

TRAINING = {
    "": TrainingConfig(
        epochs=14,
        batch_size=4,
        learning_rate=1e-3,
        configuration={
            "description": 2448,
            "code": 44,
            "full": 12,
            "half": 32,
            "quarter": 64,
            "eighth": 128,
        },
        half_precision=True,
    )
}


def build(**configuration: int) -> keras.Model:
    """Return the network, untrained: see `stylizer_network.Stylizer`."""
    network = Stylizer(**configuration)
    side = 2 * STRIDE
    network((tf.zeros((1, side, side, 3)), tf.zeros((1, configuration["description"])), tf.ones(1)))
    return network


class Model:
    """The trained network.

    Args:
        network: see `stylizer_network.Stylizer`.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card


def figures(model: Model) -> Figures:
    """Return what it reaches on pictures that it was not trained on."""
    return {}
