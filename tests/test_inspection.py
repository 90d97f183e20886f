from __future__ import annotations

import numpy as np
import pytest

import generative
from generative import metrics, models
from generative.backend import keras
from generative.data import DATASETS, gallery
from generative.errors import InputError
from generative.variational.inspection import NEIGHBOURS, USUAL, inspect, is_unusual

OTHERS = np.random.default_rng(2).random((10, 28, 28, 1), np.float32)
IMAGE = np.random.default_rng(1).random((1, 28, 28, 1), np.float32)


def build(model: str, variant: str):
    keras.utils.set_random_seed(0)
    source = models.module(model)
    network = source.build(**source.TRAINING[variant].configuration)
    return source.Model(network, {"model": model, "metrics": {}})


@pytest.fixture(scope="module")
def vae():
    return build("vae", "z2")


@pytest.fixture
def cost(vae):
    """What the picture costs; the percentiles of the card are gone again after the test."""
    yield float(vae.elbo_terms(IMAGE).negative_elbo[0])
    vae.card["metrics"].clear()


def around(mean: np.ndarray, distances: list[float]) -> np.ndarray:
    """Return latents at given distances from `mean`, each in a direction of its own."""
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, len(distances))
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (mean + np.array(distances)[:, None] * directions).astype(np.float32)


def test_an_inspection_is_what_the_model_says(vae, cost):
    found = inspect(vae, IMAGE, OTHERS[:1], np.zeros((1, 2), np.float32))
    posterior = vae.infer(IMAGE)
    np.testing.assert_array_equal(found.posterior.mean, posterior.mean)
    np.testing.assert_array_equal(found.posterior.log_variance, posterior.log_variance)
    np.testing.assert_array_equal(found.reconstruction, vae.reconstruct(IMAGE))
    assert found.negative_elbo == cost
    assert found.excess == pytest.approx(cost - 784 * metrics.entropy_floor(IMAGE), abs=1e-3)
    assert found.posterior.labels is None


def test_a_conditional_model_finds_out_the_class():
    cvae = build("cvae", "z16")
    found = inspect(cvae, IMAGE, OTHERS[:1], np.zeros((1, 16), np.float32))
    np.testing.assert_array_equal(found.posterior.labels, cvae.most_likely_labels(IMAGE))
    # The class was the cheapest one, so its cost is the least.
    costs = [cvae.elbo_terms(IMAGE, label).negative_elbo[0] for label in range(10)]
    assert found.negative_elbo == pytest.approx(min(costs))
    np.testing.assert_array_equal(found.reconstruction, cvae.reconstruct(IMAGE))


def test_neighbours_are_sorted_by_distance(vae):
    mean = vae.infer(IMAGE).mean
    distances = [0.5, 3, 0.1, 0.2, 9, 0.9, 0.3, 0.8, 0.4, 0.7]
    found = inspect(vae, IMAGE, OTHERS, around(mean, distances)).neighbours
    np.testing.assert_array_equal(found, np.argsort(distances)[:NEIGHBOURS])


def test_a_picture_is_not_its_own_neighbour(vae):
    mean = vae.infer(IMAGE).mean
    images = np.concatenate([OTHERS[:1], IMAGE, OTHERS[1:3]])
    known = around(mean, [0.5, 0.1, 0, 0.2])
    np.testing.assert_array_equal(inspect(vae, IMAGE, images, known).neighbours, [2, 3, 0])
    assert len(inspect(vae, IMAGE, IMAGE, mean).neighbours) == 0


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(1e4, 0), (-1e4, 100), (0, 50), (25, 25), (-25, 75), (-12.5, 62.5), (50, 0), (-50, 100)],
)
def test_the_percentile_is_read_off_the_table(vae, cost, shift, expected):
    cost -= 784 * metrics.entropy_floor(IMAGE)
    # A table that rises by 1 a percentile, with this picture `shift` below its middle.
    vae.card["metrics"]["excess_percentiles"] = [cost + shift + p - 50 for p in range(101)]
    found = inspect(vae, IMAGE, OTHERS[:1], np.zeros((1, 2), np.float32))
    assert found.percentile == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("shift", "expected"), [(-0.5, True), (0.5, False)])
def test_a_picture_is_unusual_beyond_the_last_percentile_of_the_usual(vae, cost, shift, expected):
    assert not is_unusual(vae, IMAGE)  # The card has no percentiles yet.
    table = [0.0] * USUAL + [cost - 784 * metrics.entropy_floor(IMAGE) + shift, 1e6]
    vae.card["metrics"]["excess_percentiles"] = table
    assert is_unusual(vae, IMAGE) == expected


def test_a_model_that_was_not_evaluated_has_no_percentile(vae):
    assert inspect(vae, IMAGE, OTHERS[:1], np.zeros((1, 2), np.float32)).percentile is None


def test_a_wrong_picture_is_refused(vae):
    with pytest.raises(InputError, match=r"^Invalid images\. .*Expected "):
        inspect(vae, IMAGE * 255, OTHERS[:1], np.zeros((1, 2), np.float32))


@pytest.mark.data
@pytest.mark.parametrize(("dataset", "other"), [DATASETS, DATASETS[::-1]])
def test_the_shipped_model_knows_its_own_data_from_the_other(dataset, other):
    model = generative.load(f"vae-{dataset}-z16")
    for name, low, high in ((dataset, 0, 4), (other, 40, 50)):
        pictures = gallery.pictures(name).images[:50]
        assert low <= sum(is_unusual(model, each[None]) for each in pictures) <= high
