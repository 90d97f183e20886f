"""Pictures and models for the commands that work on 28×28 pixels."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generative import data, images, loading
from generative.models import checkpoint_id, choices, compared_in, with_role
from generative.validation import Images

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """Add the choice of data set."""
    parser.add_argument(
        "--dataset",
        choices=data.DATASETS,
        default=data.DATASETS[0],
        help="what the pictures show: digits or garments (%(default)s)",
    )


def add_latent_model(parser: argparse.ArgumentParser) -> None:
    """Add the choice of variational autoencoder."""
    parser.add_argument(
        "--model",
        choices=compared_in("latent space"),
        default=with_role("latent model").name,
        help=f"variational autoencoder: {choices('latent space')} (%(default)s)",
    )


def read(path: Path, dataset: str) -> tuple[Images, tuple[str, ...]]:
    """Return a picture as the models see it, (1, 28, 28, 1) float32 in [0, 1], and its notices.

    Raises:
        InputError: unreadable, or nothing that could be a digit or garment.
    """
    from generative.data import photographed

    opened = images.read(path)
    return photographed.prepare(opened.pixels, dataset), opened.notices


@functools.cache
def load(model: str, dataset: str, variant: str, directory: Path) -> Any:
    """Return a trained model, of a class that depends on its name: see `generative.load`.

    Raises:
        CheckpointError: its checkpoint is missing or damaged.
    """
    return loading.load(checkpoint_id(model, dataset, variant), directory)


def load_latent_model(options: argparse.Namespace) -> LatentModel:
    """Return the variational autoencoder that the options name.

    Raises:
        CheckpointError: its checkpoint is missing or damaged.
    """
    offer = compared_in("latent space")[options.model]
    model: LatentModel = load(offer.model, options.dataset, offer.variant, options.checkpoints)
    return model
