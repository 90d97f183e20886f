"""The lesson: its listings run, and what it says of PCA and of style is true."""

from __future__ import annotations

import numpy as np
import pytest

from generative import models
from generative.autoencoders import principal_components
from generative.data import gallery
from generative.style_transfer import examples, shuffling
from generative.ui.lesson import CHAPTERS
from generative.ui.lesson.controls import PLACE
from generative.validation import Range

PICTURES = np.random.default_rng(0).random((64, 28, 28, 1), np.float32)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_listing_runs(name):
    listing = CHAPTERS[name].words.listing
    assert listing.count("\n") <= 20
    exec(compile(listing, name, "exec"), {"pictures": PICTURES})


def test_every_number_of_the_code_can_be_erased():
    encoder = models.with_role("flat code")
    training = models.module(encoder.model).TRAINING[encoder.variant]
    assert Range(1, training.configuration["code_size"], whole=True) == PLACE


def test_pca_gets_nearer_with_every_component_and_keeps_all_that_it_can():
    found = gallery.sampled("mnist").images
    fitted = principal_components.fit(found)
    errors = [
        np.mean((principal_components.rebuild(fitted, found[:50], kept) - found[:50]) ** 2)
        for kept in (0, 1, 8, 20, 128)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.05 * errors[0]
    # The mean alone, if nothing is kept.
    np.testing.assert_allclose(
        principal_components.rebuild(fitted, found[:1], 0)[0], found.mean(axis=0), atol=1e-5
    )


def test_shuffled_tiles_are_the_same_tiles():
    picture = np.arange(6 * 6 * 3, dtype=np.uint8).reshape(6, 6, 3)
    mixed = shuffling.shuffle(picture, 3, seed=0)
    assert not np.array_equal(mixed, picture)
    assert sorted(mixed.ravel()) == sorted(picture.ravel())
    assert np.array_equal(shuffling.shuffle(picture, 1, seed=0), picture)


def test_shuffling_changes_the_content_more_than_the_style():
    import generative

    network = generative.load("features-pictures").features()
    painting = examples.thumbnail("oil", 96)
    seen = shuffling.change(network, painting, shuffling.shuffle(painting, 4, seed=0))
    assert seen.style < 0.5 * seen.content
    same = shuffling.change(network, painting, painting)
    assert (same.content, same.style) == (0, 0)
