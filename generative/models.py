"""The models by name. A model's module, and TensorFlow with it, is imported when first needed.

A model is one module that offers

    RECIPE                                   how it is trained, a `Recipe`
    build(**configuration) -> keras.Model    the network, untrained
    loss(network, inputs, targets)           one number an example, shape (batch,)
    Reconstructor                            what `generative.load` returns for it
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.random import Generator
from numpy.typing import NDArray

from generative import checkpoints
from generative.data import DATASETS
from generative.errors import CheckpointError
from generative.validation import check_choice

Corrupt = Callable[[NDArray[Any], Generator], NDArray[Any]]
"""Clean examples → what the network is shown of them, drawn anew for every batch."""


@dataclass(frozen=True)
class Recipe:
    """How a model is trained unless the command line says otherwise."""

    epochs: int
    batch_size: int
    learning_rate: float
    configuration: Mapping[str, int] = field(default_factory=dict)
    optimizer: str = "adam"
    corrupt: Corrupt | None = None


@dataclass(frozen=True)
class Entry:
    """What is known of a model before its module is imported."""

    module: str
    datasets: tuple[str, ...]
    summary: str


MODELS: Mapping[str, Entry] = {
    "linear": Entry(
        "generative.autoencoders.linear", ("plane",), "3 → 2 → 3 without activation: PCA by descent"
    ),
    "shallow": Entry("generative.autoencoders.shallow", DATASETS, "784 → 32 → 784"),
    "stacked": Entry("generative.autoencoders.stacked", DATASETS, "784-128-64-32-64-128-784"),
    "convolutional": Entry(
        "generative.autoencoders.convolutional", DATASETS, "convolutions 64-128-256-128-64-1"
    ),
    "denoising": Entry(
        "generative.autoencoders.denoising", DATASETS, "the same, trained on Gaussian noise 0.5"
    ),
    "denoiser": Entry(
        "generative.autoencoders.denoiser", DATASETS, "residual U-Net, blind to kind and level"
    ),
}


def module(model: str) -> Any:
    """Import and return the module of `model`.

    Raises:
        InputError: unknown model.
    """
    return importlib.import_module(MODELS[check_choice("model", model, MODELS)].module)


def load(checkpoint: str, directory: str | os.PathLike[str] = checkpoints.SHIPPED) -> Any:
    """Return the trained model of a checkpoint, for example "denoiser-fashion_mnist".

    Args:
        checkpoint: one of `checkpoints.available(directory)`.
        directory: folder of checkpoints.

    Raises:
        CheckpointError: missing, truncated, altered or foreign checkpoint.
    """
    card = checkpoints.read_card(checkpoint, directory)
    if card["model"] not in MODELS:
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} is of a model {card['model']!r} that this program "
            f"does not know. Expected one of: {', '.join(MODELS)}."
        )
    source = module(card["model"])
    arrays = checkpoints.read_weights(checkpoint, card, directory)
    if card["configuration"].keys() != source.RECIPE.configuration.keys() or not all(
        isinstance(size, int) and 1 <= size <= 4096 for size in card["configuration"].values()
    ):
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} cannot be used: its configuration is not one of a "
            f"{card['model']} model. Download or train it again."
        )
    network = source.build(**card["configuration"])
    set_weights(network, arrays, checkpoint)
    return source.Reconstructor(network, card)


def weights(network: Any) -> checkpoints.Arrays:
    """Return the weights of a Keras model by variable path."""
    return {variable.path: variable.numpy() for variable in network.weights}


def set_weights(network: Any, arrays: checkpoints.Arrays, checkpoint: str) -> None:
    """Copy `arrays` into a Keras model.

    Raises:
        CheckpointError: names or shapes are not those of the model.
    """
    shapes = {variable.path: tuple(variable.shape) for variable in network.weights}
    if shapes != {path: array.shape for path, array in arrays.items()}:
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} cannot be used: its weights do not fit the model on "
            "its card. Download or train it again."
        )
    for variable in network.weights:
        variable.assign(arrays[variable.path])
