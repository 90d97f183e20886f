from __future__ import annotations

import numpy as np
import pytest
from painting import picture

from generative.style_transfer.resizing import fit, resize, shrink


@pytest.mark.parametrize(
    ("height", "width", "longest", "expected"),
    [
        (300, 400, 200, (150, 200)),
        (400, 300, 200, (200, 150)),
        (100, 100, 512, (512, 512)),
        (333, 500, 64, (43, 64)),
        (1, 1000, 100, (1, 100)),
    ],
)
def test_a_size_is_fitted_by_its_longest_side(height, width, longest, expected):
    assert fit(height, width, longest) == expected


def test_a_picture_of_the_size_is_returned_as_it_is():
    pixels = picture(40, 60)
    assert resize(pixels, 40, 60) is pixels
    assert shrink(pixels, 60) is pixels


@pytest.mark.parametrize("shape", [(40, 60, 3), (40, 60)], ids=["picture", "mask"])
def test_a_flat_picture_stays_flat_at_any_size(shape):
    flat = np.full(shape, 90, np.uint8)
    for size in ((20, 30), (80, 120)):
        found = resize(flat, *size)
        assert found.shape == (*size, *shape[2:])
        assert (found == 90).all()


def test_a_fine_pattern_becomes_grey_where_it_does_not_fit():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    found = resize(stripes, 16, 16)[:, 2:-2].astype(float)
    assert np.abs(found - 127.5).max() < 10


def test_a_picture_is_shrunk_to_a_longest_side():
    assert shrink(picture(40, 60), 30).shape == (20, 30, 3)
