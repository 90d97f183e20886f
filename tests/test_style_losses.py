from __future__ import annotations

import numpy as np
import pytest

from generative.backend import tf
from generative.style_transfer.losses import (
    gram_matrix,
    moments,
    statistics,
    total_variation,
)

RNG = np.random.default_rng(0)
FEATURES = RNG.random((1, 5, 7, 3))
MASKS = RNG.random((2, 5, 7))
PLACES = FEATURES.reshape(-1, 3)
TWO_CHANNELS = np.array([[1, 5], [2, 6], [3, 7], [4, 8]], np.float32)
"""1 to 4 in one channel and 5 to 8 in the other, over four places."""


def slope(function, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Return the gradient of a function by central differences."""
    found = np.empty_like(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = step
        found[place] = (float(function(at + moved)) - float(function(at - moved))) / (2 * step)
    return found


def gradient(function, at: np.ndarray) -> np.ndarray:
    x = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return tape.gradient(value, x).numpy()


# --- By hand ---------------------------------------------------------------------------------


def test_the_gram_matrix_by_hand():
    gram = gram_matrix(TWO_CHANNELS).numpy()
    np.testing.assert_array_equal(4 * gram, [[30, 70], [70, 174]])


def test_all_axes_but_the_last_are_places():
    batch = TWO_CHANNELS.reshape(1, 2, 2, 2)
    np.testing.assert_array_equal(gram_matrix(batch), gram_matrix(TWO_CHANNELS))


def test_the_gram_matrix_does_not_know_where_anything_is():
    shuffled = np.random.default_rng(1).permutation(PLACES)
    np.testing.assert_allclose(gram_matrix(shuffled), gram_matrix(PLACES), rtol=1e-12)


def test_a_picture_seen_twice_has_the_same_gram_matrix():
    twice = np.concatenate([TWO_CHANNELS, TWO_CHANNELS])
    np.testing.assert_array_equal(gram_matrix(twice), gram_matrix(TWO_CHANNELS))


def test_total_variation_by_hand():
    picture = np.array([[0, 1], [3, 7]], np.float32).reshape(1, 2, 2, 1)
    # Down by 3 and 6, across by 1 and 4: (9 + 36) / 2 + (1 + 16) / 2.
    assert float(total_variation(picture)) == 31


def test_total_variation_is_a_mean_over_channels_and_zero_without_any():
    picture = np.array([[0, 1], [3, 7]], np.float32).reshape(1, 2, 2, 1)
    with_a_flat_channel = np.concatenate([picture, np.ones_like(picture)], axis=3)
    assert float(total_variation(with_a_flat_channel)) == 31 / 2
    assert float(total_variation(np.full((1, 4, 4, 3), 0.7, np.float32))) == 0


# --- Moments ---------------------------------------------------------------------------------


def test_moments_by_hand():
    weight, total, products = moments(TWO_CHANNELS.reshape(1, 2, 2, 2))
    np.testing.assert_array_equal(weight, [4])
    np.testing.assert_array_equal(total, [[10, 26]])
    np.testing.assert_array_equal(products, [[[30, 70], [70, 174]]])


def test_moments_of_rough_activations_are_summed_finely():
    # 65,537 ones: bfloat16 stops counting at 256.
    many = tf.ones((1, 1, 65_537, 2), tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch(many)
        _, total, products = moments(many)
        value = tf.reduce_sum(total) + tf.reduce_sum(products * [[[1, 0.5], [0.25, 1]]])
    np.testing.assert_array_equal(total, [[65_537, 65_537]])
    np.testing.assert_array_equal(products, np.full((1, 2, 2), 65_537))
    slopes = tape.gradient(value, many)
    assert slopes.dtype == tf.bfloat16
    np.testing.assert_array_equal(tf.cast(slopes[0, 0, 0], tf.float32), [3.75, 3.75])


def test_statistics_are_numpys_mean_and_covariance():
    found = statistics(*moments(FEATURES))
    np.testing.assert_allclose(found.mean, [PLACES.mean(axis=0)], rtol=1e-12)
    np.testing.assert_allclose(found.covariance, [np.cov(PLACES.T, bias=True)], rtol=1e-10)


def test_a_masks_statistics_are_numpys_weighted_ones():
    found = statistics(*moments(FEATURES, MASKS))
    assert found.mean.shape == (2, 3)
    for region, mask in enumerate(MASKS):
        weights = mask.ravel()
        mean = np.average(PLACES, axis=0, weights=weights)
        covariance = np.cov(PLACES.T, bias=True, aweights=weights)
        np.testing.assert_allclose(found.mean[region], mean, rtol=1e-12)
        np.testing.assert_allclose(found.covariance[region], covariance, rtol=1e-10)


def test_a_white_mask_makes_no_difference():
    masked, whole = (moments(FEATURES, m) for m in (np.ones((1, 5, 7)), None))
    for found, expected in zip(masked, whole, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_mask_of_ones_and_zeros_cuts_out_a_part():
    mask = np.zeros((1, 5, 7))
    mask[:, :, :3] = 1
    for found, expected in zip(
        moments(FEATURES, mask), moments(FEATURES[:, :, :3], None), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("masks", [None, MASKS], ids=["whole", "masked"])
def test_sums_of_tiles_add_up_to_those_of_the_picture(masks):
    def part(rows: slice, columns: slice):
        cut = None if masks is None else masks[:, rows, columns]
        return moments(FEATURES[:, rows, columns], cut)

    tiles = [part(r, c) for r in (slice(2), slice(2, 5)) for c in (slice(4), slice(4, 7))]
    whole = moments(FEATURES, masks)
    for index, expected in enumerate(whole):
        np.testing.assert_allclose(sum(tile[index] for tile in tiles), expected, rtol=1e-12)


def test_a_region_without_a_place_has_finite_statistics():
    found = statistics(*moments(np.float32(FEATURES), np.zeros((1, 5, 7), np.float32)))
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.covariance).all()


# --- Gradients -------------------------------------------------------------------------------

SMALL = np.random.default_rng(3).random((1, 3, 2, 2))
SMALL_MASK = np.random.default_rng(5).random((1, 3, 2))

FUNCTIONS = {
    "gram": lambda x: tf.reduce_sum(tf.square(gram_matrix(x))),
    "variation": total_variation,
    "mean": lambda x: tf.reduce_sum(tf.square(statistics(*moments(x)).mean)),
    "covariance": lambda x: tf.reduce_sum(tf.square(statistics(*moments(x)).covariance)),
    "masked": lambda x: tf.reduce_sum(tf.square(statistics(*moments(x, SMALL_MASK)).covariance)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_gradient_is_the_slope(name):
    function = FUNCTIONS[name]
    found = gradient(function, SMALL)
    assert np.abs(found).max() > 1e-3
    np.testing.assert_allclose(found, slope(function, SMALL), rtol=1e-5, atol=1e-8)
