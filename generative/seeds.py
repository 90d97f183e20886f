"""Streams of random numbers for one training run: each purpose its own, all from one seed.

NumPy fills short entropy up with zeros: `default_rng([s, e])` and `default_rng([s, e, 0])` are one
stream, and so are `default_rng(s)` and `default_rng([s, 0])`. What a stream is for goes into the
spawn key instead, which is never filled up.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator, SeedSequence

SCHEME = "spawn-key"
"""How runs draw: see `stream`. Noted on the card as `training.seeding`."""

FORMER_SCHEME = "entropy-list"
"""How runs drew before, and what a card or a saved state that says nothing stands for: the order of
an epoch from `default_rng([seed, epoch])`, noise from `default_rng([seed, epoch, step])`, the noise
of fitted codes from `default_rng(seed)`. The commit on the card makes such a run again."""

ORDER, NOISE, CODES = range(3)
"""What a stream is for: the order of an epoch, noise of a batch, noise of the codes fitted last."""


def stream(seed: int, purpose: int, *place: int) -> Generator:
    """Return the stream of a purpose at a place of the run.

    Args:
        seed: of the run.
        purpose: `ORDER`, `NOISE` or `CODES`.
        *place: epoch and step, as far as the purpose has them.
    """
    return np.random.default_rng(SeedSequence(seed, spawn_key=(purpose, *place)))
