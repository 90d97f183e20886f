from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from generative.backend import tf
from generative.variational.gaussian import kl_divergence, log_density, reparameterize

RNG = np.random.default_rng(0)
MEAN, LOG_VARIANCE, NOISE = (RNG.normal(size=(5, 3)).astype(np.float32) for _ in range(3))


@pytest.mark.parametrize(
    ("mean", "log_variance", "expected"),
    [
        (0, 0, 0),
        (1, 0, 1 / 2),
        (-3, 0, 9 / 2),
        (0, math.log(4), (4 - 1 - math.log(4)) / 2),
        (2, math.log(1 / 2), (4 + 1 / 2 - 1 + math.log(2)) / 2),
        (0, -14, (math.exp(-14) - 1 + 14) / 2),
        (0, 14, (math.exp(14) - 1 - 14) / 2),
    ],
)
def test_kl_by_hand(mean, log_variance, expected):
    found = kl_divergence(np.float32([mean]), np.float32([log_variance]))
    np.testing.assert_allclose(found, [expected], rtol=1e-5)


def test_kl_is_what_sampling_says():
    rng = np.random.default_rng(1)
    for mean, deviation in [(0.3, 0.5), (-1.2, 1.4), (2, 0.1)]:
        samples = rng.normal(mean, deviation, 100_000)
        ratios = stats.norm.logpdf(samples, mean, deviation) - stats.norm.logpdf(samples)
        kl = float(kl_divergence(np.float32(mean), np.float32(2 * math.log(deviation))))
        assert abs(ratios.mean() - kl) < 5 * ratios.std() / math.sqrt(len(ratios))


def test_kl_has_one_number_a_latent_and_is_never_negative():
    spread = np.linspace(-14, 14, 1001, dtype=np.float32)
    kl = kl_divergence(np.zeros_like(spread), spread).numpy()
    assert kl.shape == spread.shape
    # Next to a variance of 1 there is rounding.
    assert kl.min() > -1e-6
    assert kl_divergence(MEAN, LOG_VARIANCE).shape == MEAN.shape


def test_without_noise_a_sample_is_the_mean():
    sample = reparameterize(MEAN, LOG_VARIANCE, np.zeros_like(MEAN))
    np.testing.assert_array_equal(sample, MEAN)


def test_samples_have_the_mean_and_the_variance_asked_for():
    count = 100_000
    noise = np.random.default_rng(2).standard_normal((count, 3), np.float32)
    mean, variance = np.float32([-1, 0, 5]), np.float32([0.25, 1, 4])
    samples = reparameterize(mean, np.log(variance), noise).numpy().astype(np.float64)
    assert (np.abs(samples.mean(axis=0) - mean) < 5 * np.sqrt(variance / count)).all()
    assert (np.abs(samples.var(axis=0) / variance - 1) < 5 * math.sqrt(2 / count)).all()


def test_a_sample_has_a_gradient_to_mean_and_log_variance():
    mean, log_variance = tf.Variable(MEAN), tf.Variable(LOG_VARIANCE)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.square(reparameterize(mean, log_variance, NOISE)))
    to_mean, to_log_variance = tape.gradient(total, [mean, log_variance])
    # d(z²) = 2z·dz with dz/dmean = 1 and dz/dlog σ² = σ·noise/2.
    deviation = np.exp(LOG_VARIANCE / 2) * NOISE
    np.testing.assert_allclose(to_mean, 2 * (MEAN + deviation), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_log_variance, (MEAN + deviation) * deviation, rtol=1e-5)


def test_the_gradient_of_kl_is_the_closed_form():
    mean, log_variance = tf.Variable(MEAN), tf.Variable(LOG_VARIANCE)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(kl_divergence(mean, log_variance))
    to_mean, to_log_variance = tape.gradient(total, [mean, log_variance])
    np.testing.assert_allclose(to_mean, MEAN, rtol=1e-6)
    np.testing.assert_allclose(to_log_variance, (np.exp(LOG_VARIANCE) - 1) / 2, rtol=1e-5)


def test_log_density_is_scipys():
    found = log_density(NOISE, MEAN, LOG_VARIANCE).numpy()
    expected = stats.norm.logpdf(NOISE, MEAN, np.exp(LOG_VARIANCE / 2)).sum(axis=-1)
    assert found.shape == (5,)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_log_density_takes_one_gaussian_for_many_values():
    values = RNG.normal(size=(4, 5, 3)).astype(np.float32)
    found = log_density(values, 0.0, np.zeros_like(values))
    np.testing.assert_allclose(found, stats.norm.logpdf(values).sum(axis=-1), rtol=1e-5)
