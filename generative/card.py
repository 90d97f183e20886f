"""What is written on a checkpoint's card, `card.json`."""

from __future__ import annotations

from typing import Any, TypedDict, get_origin, get_type_hints, is_typeddict

Figures = dict[str, Any]
"""Figures by name, as JSON holds them: numbers, texts, lists and objects."""


class TrainingRecord(TypedDict, total=False):
    """How a checkpoint was made; `seconds` alone is on every card.

    Attributes:
        command: the command line that makes it again.
        seconds: of all epochs together, or of the pruning.
        machine, packages, commit: what made it: processor, package → version, the code's version.
        seed, seeding: of its random numbers; see `generative.seeds`.
        limit: examples it was trained on at most, or None.
        epochs, batch_size, learning_rate, optimizer, precision, annealing: see `trainer.Plan`.
        epochs_done: complete ones; as many as `epochs` once the run has ended.
        last_loss: of the last step.
        replicas: devices that shared a batch.
        pictures, teacher_sha256, explained: of a pruned network: how many pictures it was fitted
            to, the hash of the large one's file, layer → share of its variance that is kept.
    """

    command: str
    seconds: float
    machine: str
    packages: dict[str, str]
    commit: str | None
    seed: int
    seeding: str
    limit: int | None
    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str
    precision: str
    annealing: float
    epochs_done: int
    last_loss: float
    replicas: int
    pictures: int
    teacher_sha256: str
    explained: dict[str, float]


class _Always(TypedDict):
    format: int
    model: str
    dataset: str
    configuration: dict[str, int]
    parameters: int
    training: TrainingRecord
    metrics: Figures
    weights_sha256: str


class Card(_Always, total=False):
    """A checkpoint's card.

    Attributes:
        format: of the card; see `checkpoints.FORMAT`.
        model: its name in `models.MODELS`.
        dataset: what it was trained on.
        configuration: arguments of the model's `build`.
        parameters: how many numbers it has learned.
        training: the run that made it.
        metrics: what the model reached on held-out data; empty until it was measured.
        weights_sha256: hash of the weights' file, hexadecimal.
        samples: how good its samples are; see `benchmarks/samples.py`.
    """

    samples: Figures


FIELDS = {
    name: dict if is_typeddict(kind) else get_origin(kind) or kind
    for name, kind in get_type_hints(_Always).items()
}
"""What every card has, and its type in JSON."""
