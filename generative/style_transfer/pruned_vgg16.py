"""Make the checkpoint of the coarse network, a pruned VGG-16.

python train.py features --teacher FILE --images DIR
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np

from generative import checkpoints, evaluation, models, seeds
from generative.card import Card, TrainingRecord
from generative.data import labelled_photos
from generative.data.splits import PICTURES
from generative.style_transfer import classifier, networks, pruning, vgg
from generative.training import runs

SIDE = 128
"""Of the pictures, pixels: eight places of the deepest layer."""

ENOUGH = 256
"""Pictures; as many places of the deepest layer as a kernel there has numbers, ten times over."""

WIDTHS = {"block1": 16, "block2": 32, "block3": 64, "block4": 128, "block5": 128}
"""Channels of each block: what makes forms needs fewer than what makes strokes."""

HELD_OUT = 64
"""Pictures on which the card's shares are measured."""


def make(
    teacher: Path,
    images: str,
    output: Path = checkpoints.SHIPPED,
    seed: int = 0,
    limit: int | None = None,
) -> Card:
    """Write the feature network pruned from a VGG-16, measure it, and return its card.

    Args:
        teacher: a file of weights, see `vgg.vgg16`.
        images: labelled pictures, as the classifier learns from; all kinds that are to be painted
            should be among them, photos and paintings for example.
        output: folder of checkpoints.
        seed: of crops, colours and places.
        limit: how many pictures; `ENOUGH` by default.

    Raises:
        DataError: the weights or the pictures cannot be used.
        TrainingError: a trial would replace the program's own checkpoint, or nothing can be
            written.
    """
    runs.refuse_trial(limit, output)
    begun, rng = time.perf_counter(), seeds.stream(seed, seeds.NOISE)
    large = vgg.vgg16(teacher)
    found = labelled_photos.load(images, "train", SIDE, limit or ENOUGH)
    held_out = labelled_photos.load(images, "validation", SIDE, HELD_OUT)
    pictures = classifier.augment(found.images, rng)
    pruned = pruning.prune(large, pictures, WIDTHS, rng)
    unseen = held_out.images.astype(np.float32) / np.float32(255)
    shares = pruning.explained(pruned, large, unseen, seed)
    network = pruning.as_classifier(pruned, pictures, found.labels, len(found.classes))
    given = f" --limit {limit}" if limit else ""
    record: TrainingRecord = {
        "command": f"python train.py features --images IMAGES --teacher FILE{given} --seed {seed}",
        "teacher_sha256": hashlib.sha256(teacher.read_bytes()).hexdigest(),
        "pictures": len(pictures),
        "seed": seed,
        "seeding": seeds.SCHEME,
        "limit": limit,
        "seconds": round(time.perf_counter() - begun, 1),
        "explained": {layer: round(share, 4) for layer, share in shares.items()},
        **runs.made_with(),
    }
    checkpoints.write(
        networks.COARSE_CHECKPOINT,
        {
            "model": models.with_role("coarse network").model,
            "dataset": PICTURES,
            "configuration": {**WIDTHS, "classes": len(found.classes)},
            "parameters": int(network.count_params()),
            "training": record,
            "metrics": {},
        },
        models.weights(network),
        output,
    )
    card = evaluation.measure(networks.COARSE_CHECKPOINT, output, None, images)
    checkpoints.rewrite_card(networks.COARSE_CHECKPOINT, card, output)
    return card
