from __future__ import annotations

from itertools import product

import numpy as np

from generative import seeds
from generative.seeds import CODES, NOISE, ORDER, stream


def start(rng: np.random.Generator) -> int:
    return int(rng.integers(2**63))


def test_the_same_place_is_the_same_stream():
    assert start(stream(3, NOISE, 1, 2)) == start(stream(3, NOISE, 1, 2))


def test_numpys_own_way_has_streams_in_common():
    # What this module is there for.
    first, second, third = (np.random.default_rng(key) for key in ([3, 1], [3, 1, 0], [3, 1, 0, 0]))
    assert start(first) == start(second) == start(third)


def test_no_two_streams_of_a_run_are_one():
    places = [(CODES,), *((ORDER, epoch) for epoch in range(20))]
    places += [(NOISE, *place) for place in product(range(20), range(20))]
    streams = [stream(seed, *place) for seed in range(3) for place in places]
    # And none is one that a caller has who makes a generator of the same seed.
    streams += [np.random.default_rng([seed] + [0] * more) for seed in range(3) for more in (0, 3)]
    starts = [start(rng) for rng in streams]
    assert len(set(starts)) == len(starts) - 3  # the last ones are alike, two by two


def test_the_schemes_have_names_of_their_own():
    assert seeds.SCHEME != seeds.FORMER_SCHEME
