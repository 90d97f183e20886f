"""The models by name. A model's module, and TensorFlow with it, is imported when first needed.

A model is one module that offers

    RECIPE                                   how it is trained, a `Recipe`; or, where it comes in
                                             several variants, RECIPES, one for each
    build(**configuration) -> keras.Model    the network, untrained
    loss(network, inputs, targets)           one number an example, shape (batch,); where the
                                             recipe anneals, with a fourth argument
    Reconstructor                            what `generative.load` returns for it
"""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.random import Generator

from generative import checkpoints
from generative.data import DATASETS
from generative.errors import CheckpointError
from generative.validation import check_choice

Inputs = Callable[[Any, Generator], Any]
"""A batch of examples → what the network is shown: noisy pictures, say. Drawn anew every batch."""

Finish = Callable[[Any, Any, int], None]
"""(trained network, inputs of all examples, seed): fit what depends on the trained network."""


LARGEST = 4
"""How many times as large as its recipe's a number of a configuration may be."""

PICTURES = "pictures"
"""What stands for a data set where the user names the pictures to train on: `--images`."""


@dataclass(frozen=True)
class Recipe:
    """How a model is trained unless the command line says otherwise.

    Attributes:
        epochs: passes over the data.
        batch_size: examples a step.
        learning_rate: the peak of the schedule.
        configuration: arguments of the module's `build`.
        optimizer: "adam", "muon" or "sgd".
        annealing: share of the run in which a part of the loss comes in, see `Plan`.
        half_precision: whether convolutions compute in bfloat16 where the processor gains by it.
        labelled: whether examples are pairs (pictures, classes), not pictures alone.
        elsewhere: by data set, attributes that are another there.
        inputs: see `Inputs`; the examples themselves by default.
        finish: see `Finish`.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    configuration: Mapping[str, int] = field(default_factory=dict)
    optimizer: str = "adam"
    annealing: float = 0.0
    half_precision: bool = False
    labelled: bool = False
    elsewhere: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: Inputs | None = None
    finish: Finish | None = None

    def on(self, dataset: str) -> Recipe:
        """Return the recipe for a data set."""
        return replace(self, **self.elsewhere.get(dataset, {}))


@dataclass(frozen=True)
class Entry:
    """What is known of a model before its module is imported.

    The first of its data sets and of its variants is the default.
    """

    module: str
    datasets: tuple[str, ...]
    summary: str
    variants: tuple[str, ...] = ("",)

    @property
    def trainings(self) -> list[tuple[str, str]]:
        """Every (data set, variant) that it is trained on and in."""
        return list(itertools.product(self.datasets, self.variants))


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
        "generative.denoising.denoising",
        DATASETS,
        "the convolutional one, trained on Gaussian noise 0.5",
    ),
    "denoiser": Entry(
        "generative.denoising.denoiser", DATASETS, "residual U-Net, blind to kind and level"
    ),
    "vae": Entry(
        "generative.variational.vae",
        DATASETS,
        "variational autoencoder, 2, 16 or 32 latents",
        ("z16", "z2", "z32"),
    ),
    "features": Entry(
        "generative.style_transfer.classifier",
        (PICTURES,),
        "the small VGG that style transfer looks through",
    ),
    "cvae": Entry(
        "generative.variational.cvae", DATASETS, "variational autoencoder, told the class", ("z16",)
    ),
}


def checkpoint_id(model: str, dataset: str, variant: str = "") -> str:
    """Return the name of a checkpoint, for example "vae-mnist-z16"."""
    return "-".join(filter(None, (model, dataset, variant)))


def module(model: str) -> Any:
    """Import and return the module of `model`.

    Raises:
        InputError: unknown model.
    """
    return importlib.import_module(MODELS[check_choice("model", model, MODELS)].module)


def recipes(model: str) -> Mapping[str, Recipe]:
    """Return the recipes of `model` by variant; "" stands for the only one.

    Raises:
        InputError: unknown model.
    """
    source = module(model)
    return source.RECIPES if MODELS[model].variants != ("",) else {"": source.RECIPE}


def load(checkpoint: str, directory: str | os.PathLike[str] = checkpoints.SHIPPED) -> Any:
    """Return the trained model of a checkpoint, for example "denoiser-fashion_mnist".

    Args:
        checkpoint: one of `checkpoints.available(directory)`.
        directory: folder of checkpoints.

    Raises:
        CheckpointError: missing, truncated, altered or foreign checkpoint.
    """
    card = checkpoints.read_card(checkpoint, directory)
    entry = MODELS.get(card["model"])
    if entry is None or card["dataset"] not in entry.datasets:
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} is of a model {card['model']!r} on {card['dataset']!r} "
            f"that this program does not know. Expected a model of: {', '.join(MODELS)}."
        )
    source = module(card["model"])
    arrays = checkpoints.read_weights(checkpoint, card, directory)
    # Checked before anything is built: a foreign card could ask for a network of many gigabytes.
    known = recipes(card["model"]).values()
    if not any(fits(card["configuration"], recipe.configuration) for recipe in known):
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} cannot be used: its configuration is not one of a "
            f"{card['model']} model. Download or train it again."
        )
    network = source.build(**card["configuration"])
    set_weights(network, arrays, checkpoint)
    return source.Reconstructor(network, card)


def fits(configuration: Mapping[str, Any], recipe: Mapping[str, int]) -> bool:
    """Tell whether a configuration has a recipe's sizes, none over `LARGEST` times as large."""
    return configuration.keys() == recipe.keys() and all(
        type(size) is int and min(1, recipe[name]) <= size <= LARGEST * recipe[name]
        for name, size in configuration.items()
    )


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
