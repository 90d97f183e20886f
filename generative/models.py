"""The models by name. A model's module, and TensorFlow with it, is imported when first needed.

A model is one module, which offers what `ModelModule` says, and one entry of `MODELS`. Nothing else
knows it by name: training, evaluation and the panels ask here.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative import checkpoints
from generative.card import Card, Figures
from generative.data import DATASETS
from generative.data.splits import EXAMPLES, PICTURES, PLANE, Split
from generative.errors import CheckpointError
from generative.validation import Images, check_choice

if TYPE_CHECKING:
    from generative.backend import keras, tf

Inputs = Callable[[Any, Generator], Any]
"""A batch of examples → what the network is shown: noisy pictures, say. Drawn anew every batch."""

Finish = Callable[["keras.Model", Any, int], None]
"""(trained network, inputs of all examples, seed): fit what depends on the trained network."""


class Loss(Protocol):
    """What training makes small."""

    def __call__(self, network: keras.Model, inputs: Any, targets: Any, /) -> tf.Tensor:
        """Return one number an example: (batch,)."""


class AnnealedLoss(Protocol):
    """The same, where `TrainingConfig.annealing` is not 0: a part of it comes in little by little.

    `annealed`, a scalar in [0, 1], is what that part is multiplied by.
    """

    def __call__(
        self, network: keras.Model, inputs: Any, targets: Any, annealed: tf.Tensor, /
    ) -> tf.Tensor:
        """Return one number an example: (batch,)."""


Optimizer = Literal["adam", "muon", "sgd"]

Comparison = Literal["denoising", "reconstruction", "latent space"]
"""Where models stand side by side: one of the app's panels."""

Role = Literal[
    "denoiser",
    "blind denoiser",
    "autoencoder",
    "flat code",
    "map",
    "latent model",
    "told the class",
    "fine network",
    "coarse network",
    "draft",
]
"""What a part of the program asks for without knowing models: see `with_role`.

"denoiser", "autoencoder" and "latent model" are the first choice among several. "flat code" is an
autoencoder whose code is a row of numbers, "map" a model of two latents.
"""

LARGEST = 4
"""A card's sizes may exceed those in `TRAINING` by this factor."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained unless the command line says otherwise.

    Attributes:
        epochs: passes over the data.
        batch_size: examples a step.
        learning_rate: the peak of the schedule.
        configuration: arguments of the module's `build`.
        optimizer: see `trainer.Plan`.
        annealing: share of the run in which a part of the loss comes in, see `Plan`.
        half_precision: whether convolutions compute in bfloat16 where the processor gains by it.
        labelled: whether examples are pairs (pictures, classes), not pictures alone.
        classes_from_data: whether `classes` of the configuration is as many as the data have.
        per_dataset: attributes that differ for a data set, by its name.
        inputs: see `Inputs`; the examples themselves by default.
        finish: see `Finish`.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    configuration: Mapping[str, int] = field(default_factory=dict)
    optimizer: Optimizer = "adam"
    annealing: float = 0.0
    half_precision: bool = False
    labelled: bool = False
    classes_from_data: bool = False
    per_dataset: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: Inputs | None = None
    finish: Finish | None = None

    def for_dataset(self, dataset: str) -> TrainingConfig:
        """Return the configuration for a data set."""
        return replace(self, **self.per_dataset.get(dataset, {}))


class TrainedModel(Protocol):
    """What `generative.load` returns, whatever the model.

    Attributes:
        network: the Keras model.
        card: the checkpoint's card.
    """

    network: keras.Model
    card: Card


class PictureModel(TrainedModel, Protocol):
    """A trained model that gives back pictures, as all that are compared do.

    Those of "reconstruction" are `CodingModel`s too, those of "latent space" have what
    `variational.latent_model.LatentModel` has.
    """

    def reconstruct(self, images: Images) -> Images:
        """Return what the model makes of `images`: (n, 28, 28, 1) float32 in [0, 1], both."""


class CodingModel(PictureModel, Protocol):
    """A trained model whose code can be seen: see `autoencoders.reconstructor.Reconstructor`."""

    def encode(self, images: Images) -> NDArray[np.float32]:
        """Return the codes of `images`, (n, *code_shape) float32."""

    def decode(self, codes: NDArray[np.float32]) -> Images:
        """Return the pictures of `codes`: (n, *code_shape) float32 → (n, 28, 28, 1) in [0, 1]."""

    def sketch(self, images: Images) -> Images:
        """Return a picture of each code, (n, height, width, 1) float32 in [0, 1]."""


M = TypeVar("M", bound=TrainedModel)


class ModelModule(Protocol[M]):
    """What the module of a model offers."""

    @property
    def TRAINING(self) -> Mapping[str, TrainingConfig]:
        """How each variant is trained; "" stands for the only one."""

    @property
    def Model(self) -> Callable[[keras.Model, Card], M]:
        """The class that `generative.load` returns, made of a trained network and its card."""

    @property
    def loss(self) -> Loss | AnnealedLoss:
        """What training makes small."""

    def build(self, **configuration: int) -> keras.Model:
        """Return the network, untrained."""

    def figures(self, model: M, held_out: Split) -> Figures:
        """Return what a trained model reaches on examples that it was not trained on."""


@dataclass(frozen=True)
class Entry:
    """What is known of a model before its module is imported.

    Attributes:
        module: see `ModelModule`.
        datasets: those that it is trained on; the first is the default.
        summary: what it is, in a line.
        variants: those that it comes in; the first is the default, and "" the only one.
        compared_in: where it stands beside others, if anywhere.
        titles: what readers of the comparison know its variants by, in the order of the page.
        roles: those that it has → the variant that has it.
        pruned: further variants, pruned from a large network instead of trained → the module whose
            `make` does that.
        folders: of pictures that it learns from in place of a data set, and what each holds.
        taught_by: the module whose `run` trains it then.
    """

    module: str
    datasets: tuple[str, ...]
    summary: str
    variants: tuple[str, ...] = ("",)
    compared_in: Comparison | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[Role, str] = field(default_factory=dict)
    pruned: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    taught_by: str = ""

    @property
    def trainings(self) -> list[tuple[str, str]]:
        """Every (data set, variant) that it is trained on and in."""
        return list(itertools.product(self.datasets, self.variants))

    @property
    def checkpoints(self) -> list[tuple[str, str]]:
        """Every (data set, variant) that it has a checkpoint of."""
        return list(itertools.product(self.datasets, (*self.variants, *self.pruned)))


@dataclass(frozen=True)
class ModelVariant:
    """A model in one of its variants.

    Attributes:
        model: its name in `MODELS`.
        variant: "" for the only one.
    """

    model: str
    variant: str

    @property
    def name(self) -> str:
        """What programs choose it by: the model, or the variant where there are several."""
        return self.variant if len(MODELS[self.model].variants) > 1 else self.model

    @property
    def title(self) -> str:
        """What readers of a comparison know it by."""
        return MODELS[self.model].titles[self.variant]

    def checkpoint(self, dataset: str) -> str:
        """Return the name of its checkpoint for a data set."""
        return checkpoint_id(self.model, dataset, self.variant)


MODELS: Mapping[str, Entry] = {
    "linear": Entry(
        "generative.autoencoders.linear", (PLANE,), "3 → 2 → 3 without activation: PCA by descent"
    ),
    "shallow": Entry(
        "generative.autoencoders.shallow",
        DATASETS,
        "784 → 32 → 784",
        compared_in="reconstruction",
        titles={"": "Shallow, 784 → 32 → 784"},
    ),
    "stacked": Entry(
        "generative.autoencoders.stacked",
        DATASETS,
        "784-128-64-32-64-128-784",
        compared_in="reconstruction",
        titles={"": "Stacked, 784-128-64-32-64-128-784"},
        roles={"flat code": ""},
    ),
    "convolutional": Entry(
        "generative.autoencoders.convolutional",
        DATASETS,
        "convolutions 64-128-256-128-64-1",
        compared_in="reconstruction",
        titles={"": "Convolutional, 28×28 → 7×7×256 → 28×28"},
        roles={"autoencoder": ""},
    ),
    "denoiser": Entry(
        "generative.denoising.denoiser",
        DATASETS,
        "residual U-Net, blind to kind and level",
        compared_in="denoising",
        titles={"": "Our denoiser (U-Net)"},
        roles={"denoiser": ""},
    ),
    "denoising": Entry(
        "generative.denoising.denoising_autoencoder",
        DATASETS,
        "the convolutional one, trained on Gaussian noise 0.5",
        compared_in="denoising",
        titles={"": "Denoising autoencoder"},
    ),
    "blind": Entry(
        "generative.denoising.blind",
        DATASETS,
        "bias-free U-Net for unclipped Gaussian noise, which generates too",
        roles={"blind denoiser": ""},
    ),
    "vae": Entry(
        "generative.variational.vae",
        DATASETS,
        "variational autoencoder, 2, 16 or 32 latents",
        variants=("z16", "z2", "z32"),
        compared_in="latent space",
        titles={"z2": "2 latents", "z16": "16 latents", "z32": "32 latents"},
        roles={"map": "z2", "latent model": "z16"},
    ),
    "features": Entry(
        "generative.style_transfer.classifier",
        (PICTURES,),
        "the small VGG that style transfer looks through",
        roles={"fine network": "", "coarse network": "forms"},
        pruned={"forms": "generative.style_transfer.pruned_vgg16"},
    ),
    "stylizer": Entry(
        "generative.style_transfer.stylizer",
        (EXAMPLES,),
        "style transfer in one pass, any style",
        roles={"draft": ""},
        folders={
            "contents": "photos to paint",
            "styles": "pictures in whose style to paint them",
            "pairs": "in place of both: originals and their paintings in one style, see pairs",
        },
        taught_by="generative.style_transfer.stylizer_run",
    ),
    "cvae": Entry(
        "generative.variational.cvae",
        DATASETS,
        "variational autoencoder, told the class",
        variants=("z16",),
        compared_in="latent space",
        titles={"z16": "16, told the class"},
        roles={"told the class": "z16"},
    ),
}


def checkpoint_id(model: str, dataset: str, variant: str = "") -> str:
    """Return the name of a checkpoint, for example "vae-mnist-z16"."""
    return "-".join(filter(None, (model, dataset, variant)))


def compared_in(comparison: Comparison) -> dict[str, ModelVariant]:
    """Return the models of a comparison by their names, in the order of the page."""
    compared = [
        ModelVariant(model, variant)
        for model, entry in MODELS.items()
        if entry.compared_in == comparison
        for variant in entry.titles
    ]
    return {each.name: each for each in compared}


def choices(comparison: Comparison) -> str:
    """Return the names of a comparison's models and what each is, in words."""
    return ", ".join(f"{name} ({each.title})" for name, each in compared_in(comparison).items())


def with_role(role: Role) -> ModelVariant:
    """Return the model that has a role."""
    return next(
        ModelVariant(model, entry.roles[role])
        for model, entry in MODELS.items()
        if role in entry.roles
    )


def module(model: str) -> ModelModule[TrainedModel]:
    """Import and return the module of `model`.

    Raises:
        InputError: unknown model.
    """
    name = MODELS[check_choice("model", model, MODELS)].module
    return cast("ModelModule[TrainedModel]", importlib.import_module(name))


def fits(configuration: Mapping[str, object], known: Mapping[str, int]) -> bool:
    """Tell whether a configuration has a known one's sizes, none over `LARGEST` times as large."""
    return configuration.keys() == known.keys() and all(
        type(size) is int and min(1, known[name]) <= size <= LARGEST * known[name]
        for name, size in configuration.items()
    )


def weights(network: keras.Model) -> checkpoints.Arrays:
    """Return the weights of a Keras model by variable path."""
    return {variable.path: variable.numpy() for variable in network.weights}


def set_weights(network: keras.Model, arrays: checkpoints.Arrays, checkpoint: str) -> None:
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
