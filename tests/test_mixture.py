from __future__ import annotations

import numpy as np
import pytest

import generative
from generative import checkpoints, models
from generative.variational.mixture import COMPONENTS, FittedDensity, Mixture, fit

CENTRES = np.array([[-5, 0], [5, 2]])
COVARIANCES = np.array([[[1, 0.5], [0.5, 2]], [[0.3, -0.1], [-0.1, 0.2]]])
SHARES = (0.3, 0.7)


def two_clusters(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    sizes = [round(share * count) for share in SHARES]
    parts = [
        rng.multivariate_normal(centre, covariance, size)
        for centre, covariance, size in zip(CENTRES, COVARIANCES, sizes, strict=True)
    ]
    return np.concatenate(parts).astype(np.float32)


def random_mixture(size: int) -> Mixture:
    rng = np.random.default_rng(1)
    weights = rng.dirichlet(np.ones(COMPONENTS))
    factors = np.tril(rng.normal(size=(COMPONENTS, size, size)))
    arrays = (weights, 3 * rng.normal(size=(COMPONENTS, size)), factors)
    return Mixture(*(array.astype(np.float32) for array in arrays))


@pytest.fixture(scope="module")
def fitted():
    return fit(two_clusters(3000), seed=0)


def test_a_fit_has_the_shapes_that_are_stored(fitted):
    arrays = (fitted.weights, fitted.means, fitted.factors)
    assert [a.shape for a in arrays] == [(COMPONENTS,), (COMPONENTS, 2), (COMPONENTS, 2, 2)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert fitted.weights.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(fitted.factors, np.tril(fitted.factors))


@pytest.mark.parametrize("cluster", [0, 1])
def test_a_fit_recovers_two_clusters(fitted, cluster):
    nearest = np.linalg.norm(fitted.means[:, None] - CENTRES, axis=2).argmin(axis=1)
    weights, means = fitted.weights[nearest == cluster], fitted.means[nearest == cluster]
    assert weights.sum() == pytest.approx(SHARES[cluster], abs=1e-3)
    # A cluster may be made of several components: mean and covariance are theirs together.
    shares = weights / weights.sum()
    mean = shares @ means
    np.testing.assert_allclose(mean, CENTRES[cluster], atol=0.2)
    factors = fitted.factors[nearest == cluster]
    within = np.einsum("k,kij,klj->il", shares, factors, factors)
    between = np.einsum("k,ki,kj->ij", shares, means - mean, means - mean)
    np.testing.assert_allclose(within + between, COVARIANCES[cluster], atol=0.2)


def test_a_fit_depends_on_its_seed_alone(fitted):
    again, other = (fit(two_clusters(3000), seed) for seed in (0, 1))
    np.testing.assert_array_equal(again.means, fitted.means)
    assert not np.array_equal(other.means, fitted.means)


def test_drawn_points_have_the_moments_of_the_mixture():
    mixture, count = random_mixture(3), 50_000
    points = mixture.draw(count, 1.0, np.random.default_rng(0)).astype(np.float64)
    mean = mixture.weights @ mixture.means
    deviations = mixture.means - mean
    covariance = np.einsum("k,kij,klj->il", mixture.weights, mixture.factors, mixture.factors)
    covariance += np.einsum("k,ki,kj->ij", mixture.weights, deviations, deviations)
    errors = np.sqrt(np.diag(covariance) / count)
    assert (np.abs(points.mean(axis=0) - mean) < 5 * errors).all()
    np.testing.assert_allclose(np.cov(points.T), covariance, rtol=0.05, atol=0.1)


def test_a_draw_depends_on_its_generator_alone():
    mixture = random_mixture(3)
    first, again, other = (mixture.draw(9, 1.0, np.random.default_rng(s)) for s in (4, 4, 5))
    assert first.shape == (9, 3)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_temperature_0_draws_the_means_themselves():
    mixture = random_mixture(3)
    points = mixture.draw(2000, 0.0, np.random.default_rng(0))
    which = np.linalg.norm(points[:, None] - mixture.means, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(points, mixture.means[which])
    shares = np.bincount(which, minlength=COMPONENTS) / 2000
    np.testing.assert_allclose(shares, mixture.weights, atol=0.05)


def test_the_temperature_scales_deviations_from_the_means():
    mixture = random_mixture(3)
    cold, warm, hot = (mixture.draw(50, t, np.random.default_rng(0)) for t in (0.0, 1.0, 2.0))
    np.testing.assert_allclose(hot - cold, 2 * (warm - cold), rtol=1e-4, atol=1e-4)


def test_weights_that_do_not_quite_sum_to_1_are_no_obstacle():
    mixture = random_mixture(2)
    rounded = Mixture(np.float32(np.float16(mixture.weights)), mixture.means, mixture.factors)
    assert rounded.weights.sum() != 1
    assert rounded.draw(5, 1.0, np.random.default_rng(0)).shape == (5, 2)


def test_the_layer_passes_latents_on_and_keeps_a_mixture():
    layer = FittedDensity()
    latents = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_array_equal(layer(latents), latents)
    assert layer.mixture is None
    assert layer.trainable_variables == []
    mixture = random_mixture(3)
    layer.mixture = mixture
    np.testing.assert_array_equal(layer(latents), latents)
    for name in ("weights", "means", "factors"):
        np.testing.assert_array_equal(getattr(layer.mixture, name), getattr(mixture, name))


def test_a_mixture_survives_a_checkpoint_up_to_half_precision(tmp_path):
    source = models.module("vae")
    configuration = source.TRAINING["z2"].configuration
    network = source.build(**configuration)
    card = {
        "model": "vae",
        "dataset": "mnist",
        "configuration": dict(configuration),
        "parameters": int(network.count_params()),
        "training": {"seconds": 0.0},
        "metrics": {},
    }
    checkpoints.write("before", card, models.weights(network), tmp_path)
    mixture = random_mixture(2)
    network.get_layer("encoder").get_layer("density").mixture = mixture
    checkpoints.write("after", card, models.weights(network), tmp_path)
    assert generative.load("before", tmp_path).mixture is None
    loaded = generative.load("after", tmp_path).mixture
    for name in ("weights", "means", "factors"):
        found, expected = getattr(loaded, name), getattr(mixture, name)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
