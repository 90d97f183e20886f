"""A playground of classic generative image models.

    import generative

    generative.available()                          # ids of all checkpoints
    model = generative.load("denoiser-fashion_mnist")
    restored = model.reconstruct(images)            # (n, 28, 28, 1) float32 in [0, 1] → the same
    model.encode(images)                            # codes, if the model has an encoder
    model.card                                      # configuration, training run, metrics

TensorFlow is imported when the first model is loaded, not before.
"""

from generative import style_transfer
from generative.checkpoints import available
from generative.errors import (
    CheckpointError,
    DataError,
    GenerativeError,
    HubError,
    InputError,
    TrainingError,
)
from generative.loading import load

__all__ = [
    "CheckpointError",
    "DataError",
    "GenerativeError",
    "HubError",
    "InputError",
    "TrainingError",
    "available",
    "load",
    "style_transfer",
]
