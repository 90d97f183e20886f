from __future__ import annotations

import numpy as np
import pytest

from generative.variational.latent_sets import (
    EXTENT,
    MAP_TILES,
    attribute_vector,
    plane_grid,
    resample,
    traversals,
)

CORNER = np.array([[0, 0], [3, 0], [3, 1]], np.float32)
"""A way of length 4 with a right angle in it."""


def test_a_grid_of_two_by_two_by_hand():
    expected = [[-1.5, 1.5], [1.5, 1.5], [-1.5, -1.5], [1.5, -1.5]]
    np.testing.assert_array_equal(plane_grid(2), expected)


def test_the_grid_is_a_map_read_from_the_top_left():
    points = plane_grid()
    assert points.shape == (MAP_TILES**2, 2)
    assert points.dtype == np.float32
    x, y = points.T.reshape(2, MAP_TILES, MAP_TILES)
    assert (np.diff(x, axis=1) > 0).all()
    assert (np.diff(y, axis=0) < 0).all()
    assert (x == x[0]).all()
    assert (y == y[:, :1]).all()


@pytest.mark.parametrize("side", [1, 5, MAP_TILES])
def test_grid_points_are_the_middles_of_tiles_that_fill_the_extent(side):
    tile = (EXTENT.high - EXTENT.low) / side
    across = plane_grid(side)[:side, 0]
    assert across[0] == pytest.approx(EXTENT.low + tile / 2)
    assert across[-1] == pytest.approx(EXTENT.high - tile / 2)
    np.testing.assert_allclose(np.diff(across), tile, rtol=1e-5)


def test_resampling_by_hand():
    expected = [[0, 0], [1, 0], [2, 0], [3, 0], [3, 1]]
    np.testing.assert_allclose(resample(CORNER, 5), expected, atol=1e-6)


def test_resampling_begins_and_ends_where_the_way_does():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(rng.integers(2, 40), 16)).astype(np.float32)
        resampled = resample(points, 13)
        assert resampled.shape == (13, 16)
        assert resampled.dtype == np.float32
        np.testing.assert_array_equal(resampled[[0, -1]], points[[0, -1]])


def test_a_straight_way_is_evenly_spaced_wherever_its_points_lie():
    places = np.sort(np.random.default_rng(0).random(30)).astype(np.float32)
    points = places[:, None] * np.float32([[3, 4]])
    spaces = np.linalg.norm(np.diff(resample(points, 12), axis=0), axis=1)
    np.testing.assert_allclose(spaces, 5 * (places[-1] - places[0]) / 11, rtol=1e-4)


def test_points_drawn_twice_make_no_difference():
    repeated = CORNER[[0, 0, 1, 1, 1, 2, 2]]
    np.testing.assert_allclose(resample(repeated, 9), resample(CORNER, 9), atol=1e-6)


def test_a_way_that_never_moves_stays_there():
    still = np.tile(np.float32([[0.5, -2]]), (4, 1))
    np.testing.assert_array_equal(resample(still, 6), np.tile(still[:1], (6, 1)))
    np.testing.assert_array_equal(resample(still[:1], 6), np.tile(still[:1], (6, 1)))


def test_an_attribute_vector_by_hand():
    means = np.array([[0, 0], [2, 4], [5, 5], [10, -1], [100, 100]], np.float32)
    labels = np.array([3, 3, 8, 8, 1])
    # From (1, 2), the mean of the threes, to (7.5, 2), that of the eights.
    vector = attribute_vector(means, labels, 3, 8)
    np.testing.assert_array_equal(vector, [6.5, 0])
    assert vector.dtype == np.float32
    np.testing.assert_array_equal(attribute_vector(means, labels, 8, 3), [-6.5, 0])
    np.testing.assert_array_equal(attribute_vector(means, labels, 8, 8), [0, 0])


def test_traversals_change_one_coordinate_of_a_latent_after_the_other():
    points = traversals(np.array([7, 8, 9], np.float32), [2, 0], np.array([1, 2], np.float32))
    np.testing.assert_array_equal(points, [[7, 8, 1], [7, 8, 2], [1, 8, 9], [2, 8, 9]])
    assert points.dtype == np.float32
