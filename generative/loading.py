"""Load the trained model of a checkpoint, on this machine or on the Hugging Face Hub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from generative import checkpoints, models
from generative.errors import CheckpointError


def load(checkpoint: str, directory: str | os.PathLike[str] | None = None) -> Any:
    """Return the trained model of a checkpoint, for example "denoiser-fashion_mnist".

    Args:
        checkpoint: one of `checkpoints.available(directory)`, or the name of a model that has no
            more than one; or, without a directory, one on the Hugging Face Hub,
            "OWNER/NAME:checkpoint" or "OWNER/NAME:checkpoint@revision".
        directory: folder of checkpoints; by default those that come with the program.

    Returns:
        A `TrainedModel`, of the class that its module calls `Model`: typed as anything, as what
        else it offers depends on its name.

    Raises:
        CheckpointError: missing, truncated, altered or foreign checkpoint.
        InputError, HubError: a checkpoint on the Hub has no such address, or cannot be downloaded.
    """
    if directory is None:
        checkpoint, directory = _locate(checkpoint)
    checkpoint = _only_checkpoint(checkpoint)
    card = checkpoints.read_card(checkpoint, directory)
    entry = models.MODELS.get(card["model"])
    if entry is None or card["dataset"] not in entry.datasets:
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} is of a model {card['model']!r} on {card['dataset']!r} "
            f"that this program does not know. Expected a model of: {', '.join(models.MODELS)}."
        )
    source = models.module(card["model"])
    arrays = checkpoints.read_weights(checkpoint, card, directory)
    # Checked before anything is built: a foreign card could ask for a network of many gigabytes.
    known = source.TRAINING.values()
    if not any(models.fits(card["configuration"], training.configuration) for training in known):
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} cannot be used: its configuration is not one of a "
            f"{card['model']} model. Download or train it again."
        )
    network = source.build(**card["configuration"])
    models.set_weights(network, arrays, checkpoint)
    return source.Model(network, card)


def _only_checkpoint(name: str) -> str:
    """Return the checkpoint of a model that has no more than one; any other name as it is."""
    entry = models.MODELS.get(name)
    if entry is None or len(entry.checkpoints) > 1:
        return name
    return models.checkpoint_id(name, *entry.checkpoints[0])


def _locate(checkpoint: str) -> tuple[str, Path]:
    """Return the name of a checkpoint and the folder it is in, downloaded if it is on the Hub."""
    if "/" not in checkpoint:
        return checkpoint, checkpoints.SHIPPED
    from generative.hub import fetching

    return fetching.fetch_checkpoint(checkpoint)
