"""What is written on a checkpoint's card, `card.json`."""

from __future__ import annotations

from typing import Any, TypedDict, get_origin, get_type_hints

Figures = dict[str, Any]
"""Held-out figures by name: numbers, lists of them, (name → number), or a remark."""


class _Always(TypedDict):
    format: int
    model: str
    dataset: str
    configuration: dict[str, int]
    parameters: int
    training: dict[str, Any]
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
        training: the run: its command, plan, seconds, packages and commit.
        metrics: what the model reached on held-out data; empty until it was measured.
        weights_sha256: hash of the weights' file, hexadecimal.
        samples: how good its samples are; see `benchmarks/samples.py`.
    """

    samples: Figures


FIELDS = {name: get_origin(kind) or kind for name, kind in get_type_hints(_Always).items()}
"""What every card has, and its type in JSON."""
