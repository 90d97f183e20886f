from __future__ import annotations

import json

import numpy as np
import pytest

from generative import metrics, models
from generative.backend import keras
from generative.data.splits import Split
from generative.variational.figures import active_latents, excess, figures, percentiles

IMAGES = np.random.default_rng(1).random((6, 28, 28, 1), np.float32)
LABELS = np.array([3, 0, 9, 3, 1, 7])
CASES = {"vae": ("z2", 2, None), "cvae": ("z16", 16, LABELS)}


@pytest.fixture(scope="module", params=CASES)
def measured(request):
    """An untrained model, the labels that it wants, and its figures."""
    variant, size, labels = CASES[request.param]
    keras.utils.set_random_seed(0)
    source = models.module(request.param)
    network = source.build(**source.TRAINING[variant].configuration)
    model = source.Model(network, {"model": request.param, "metrics": {}})
    return model, size, labels, figures(model, Split(IMAGES, LABELS, tuple("0123456789")))


def test_the_figures_fit_a_card(measured):
    *_, found = measured
    assert set(found) == {
        "test_images",
        "negative_elbo",
        "reconstruction",
        "kl",
        "importance_weighted_500",
        "over_floor",
        "active_latents",
        "kl_per_latent",
        "excess_percentiles",
        "convention",
    }
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert "nats per picture" in found["convention"]


def test_the_cost_is_reconstruction_and_kl(measured):
    model, size, labels, found = measured
    assert found["negative_elbo"] == pytest.approx(found["reconstruction"] + found["kl"], abs=2e-3)
    assert found["kl"] == pytest.approx(sum(found["kl_per_latent"]), abs=size * 1e-3)
    assert len(found["kl_per_latent"]) == size
    expected = model.elbo_terms(IMAGES, labels).negative_elbo.mean()
    assert found["negative_elbo"] == pytest.approx(expected, abs=1e-3)


def test_the_bound_of_many_samples_is_the_models(measured):
    model, _, labels, found = measured
    bounds = model.importance_weighted_bound(IMAGES, labels, samples=500)
    assert found["importance_weighted_500"] == pytest.approx(bounds.mean(), abs=1e-3)


def test_the_floor_is_what_grey_pixels_cost_at_least(measured):
    *_, found = measured
    floor = 784 * metrics.entropy_floor(IMAGES)
    assert found["over_floor"] == pytest.approx(found["negative_elbo"] - floor, abs=2e-3)
    assert found["over_floor"] > 0


def test_percentiles_run_from_the_cheapest_picture_to_the_dearest(measured):
    model, _, labels, found = measured
    table = found["excess_percentiles"]
    costs = excess(IMAGES, model.elbo_terms(IMAGES, labels).negative_elbo)
    assert len(table) == 101
    assert table == sorted(table)
    assert table[0] == pytest.approx(costs.min(), abs=0.01)
    assert table[50] == pytest.approx(np.median(costs), abs=0.01)
    assert table[100] == pytest.approx(costs.max(), abs=0.01)


def test_greys_do_not_count_as_excess():
    grey = np.full((1, 28, 28, 1), 0.5, np.float32)  # Each of its 784 pixels costs log 2.
    pure = (np.arange(784) % 2).astype(np.float32).reshape(1, 28, 28, 1)
    costs = np.array([1000.0])
    assert excess(grey, costs) == pytest.approx(1000 - 784 * np.log(2))
    assert excess(pure, costs) == pytest.approx(1000, abs=1e-3)


def test_percentiles_by_hand():
    assert percentiles(np.arange(201, dtype=np.float32)[::-1]) == [2.0 * p for p in range(101)]
    assert percentiles(np.float32([7])) == [7] * 101


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([[0, 0, 0], [0, 0, 0]], 0),
        # Variances 1, 0.0025 and 0.04: the second is below a hundredth.
        ([[1, 0.05, 5.2], [-1, -0.05, 4.8]], 2),
        ([[5, 5, 5], [5, 5, 5]], 0),
        ([[1, 2, 3], [3, 2, 1]], 2),
    ],
)
def test_a_latent_is_active_if_its_mean_varies(means, expected):
    assert active_latents(np.float32(means)) == expected
