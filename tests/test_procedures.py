from __future__ import annotations

import pytest

from generative.style_transfer.coordinates import PIXELS, PYRAMID
from generative.style_transfer.procedures import BY_NAME


def test_strokes_are_settled_in_pixels_after_forms_in_the_pyramid():
    ways = [BY_NAME["pyramid"].way(scale, 3).coordinates for scale in range(3)]
    assert ways == [PYRAMID, PYRAMID, PIXELS]


def test_a_picture_of_one_scale_is_painted_in_the_pyramid():
    assert BY_NAME["pyramid"].way(0, 1).coordinates is PYRAMID


@pytest.mark.parametrize("name", BY_NAME)
def test_the_rate_falls_in_the_last_third(name):
    procedure = BY_NAME[name]
    slowing = [procedure.slowing(progress) for progress in (0, 0.5, 2 / 3, 5 / 6, 1)]
    last = procedure.last_rate
    assert slowing == pytest.approx([1, 1, 1, (1 + last) / 2, last])
