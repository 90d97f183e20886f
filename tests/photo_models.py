"""A photo denoiser for tests: as deep as the real one, few channels, random weights."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from generative import checkpoints, models
from generative.backend import keras
from generative.denoising.photographs import denoiser
from generative.denoising.photographs.network import build

NARROW = {
    name: size if name.endswith("blocks") else 4
    for name, size in denoiser.TRAINING[""].configuration.items()
}


def random_network(seed: int = 0) -> keras.Model:
    """Return a network whose kernels, of small gain, are all at work."""
    network, rng = build(**NARROW), np.random.default_rng(seed)
    network.set_weights(
        [
            rng.normal(0, 0.7 / math.sqrt(math.prod(kernel.shape[:3])), kernel.shape)
            for kernel in network.weights
        ]
    )
    return network


def write(folder: Path) -> None:
    """Write such a network as the checkpoint of the photo denoiser."""
    network = random_network()
    card = {
        "model": "photo_denoiser",
        "dataset": "photos",
        "configuration": NARROW,
        "parameters": int(network.count_params()),
        "training": {"seconds": 0.0},
        "metrics": {},
    }
    checkpoints.write("photo_denoiser-photos", card, models.weights(network), folder)
