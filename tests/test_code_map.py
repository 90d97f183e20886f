from __future__ import annotations

import numpy as np
import pytest

from generative import models
from generative.autoencoders.code_map import MARGIN, CodeMap, code_map
from generative.data.gallery import Gallery

ORIGIN = "Pictures of this test"


def untrained(model: str):
    from generative.backend import keras

    keras.utils.set_random_seed(0)
    source = models.module(model)
    return source.Model(source.build(**source.TRAINING[""].configuration), {"model": model})


def some_pictures(count: int) -> Gallery:
    rng = np.random.default_rng(0)
    images = rng.random((count, 28, 28, 1), np.float32) * np.float32(0.1)
    for i in range(count):
        images[i, : 1 + i % 28] += np.float32(0.8)
    return Gallery(images, np.arange(count) % 10, ORIGIN, (0,))


@pytest.fixture(scope="module")
def stacked():
    return untrained("stacked")


@pytest.fixture(scope="module")
def places(stacked) -> CodeMap:
    return code_map(stacked, some_pictures(60))


def test_every_picture_has_a_place_and_a_reconstruction(stacked, places):
    assert places.positions.shape == (60, 2)
    assert places.gallery.origin == ORIGIN
    np.testing.assert_allclose(
        places.reconstructions, stacked.reconstruct(places.gallery.images), atol=1e-6
    )


def test_the_places_fill_the_map_up_to_its_margin(places):
    np.testing.assert_allclose(places.positions.min(axis=0), MARGIN)
    np.testing.assert_allclose(places.positions.max(axis=0), 1 - MARGIN)


def test_the_directions_are_those_in_which_codes_differ_most(stacked, places):
    codes = stacked.encode(places.gallery.images).astype(np.float64)
    left, _, _ = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    for axis in range(2):
        likeness = np.corrcoef(left[:, axis], places.positions[:, axis])[0, 1]
        assert abs(likeness) > 0.9999


def test_codes_with_far_more_numbers_than_there_are_pictures_have_a_map_too():
    convolutional = untrained("convolutional")
    pictures = some_pictures(20)
    assert convolutional.encode(pictures.images).shape == (20, 7, 7, 256)
    places = code_map(convolutional, pictures)
    assert places.positions.shape == (20, 2)
    np.testing.assert_allclose(places.positions.min(axis=0), MARGIN)
    np.testing.assert_allclose(places.positions.max(axis=0), 1 - MARGIN)


def test_pictures_with_one_and_the_same_code_still_have_places(stacked):
    alike = Gallery(np.full((5, 28, 28, 1), 0.5, np.float32), np.zeros(5, np.int64), ORIGIN, (0,))
    positions = code_map(stacked, alike).positions
    assert np.isfinite(positions).all()
    assert positions.min() >= 0
    assert positions.max() <= 1
