from __future__ import annotations

import numpy as np
import pytest

from generative.variational.paths import PATHS, linear, slerp

SEEDS = range(30)
every_path = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)


def ends_from(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two random latents of a random size."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([2, 3, 16, 32]))
    a, b = rng.normal(0, rng.uniform(0.1, 5), (2, size)).astype(np.float32)
    return a, b


def angles_along(points: np.ndarray) -> np.ndarray:
    """Return the angle between every point and the next."""
    units = points.astype(np.float64) / np.linalg.norm(points, axis=1, keepdims=True)
    chords = np.linalg.norm(np.diff(units, axis=0), axis=1)
    return 2 * np.arcsin(chords / 2)


@every_path
@pytest.mark.parametrize("steps", [2, 3, 17, 100])
def test_a_path_has_as_many_points_as_asked_for(path, steps):
    points = path(*ends_from(1), steps)
    assert points.shape == (steps, len(ends_from(1)[0]))
    assert points.dtype == np.float32


@every_path
def test_a_path_begins_and_ends_exactly_at_its_ends(path):
    for seed in SEEDS:
        a, b = ends_from(seed)
        points = path(a, b, 7)
        np.testing.assert_array_equal(points[0], a)
        np.testing.assert_array_equal(points[-1], b)


@every_path
def test_the_way_back_is_the_way_reversed(path):
    for seed in SEEDS:
        a, b = ends_from(seed)
        np.testing.assert_allclose(path(a, b, 9), path(b, a, 9)[::-1], rtol=1e-5, atol=1e-6)


@every_path
def test_the_ends_are_left_as_they_are(path):
    a, b = ends_from(2)
    before = a.copy(), b.copy()
    path(a, b, 5)[:] = 0
    np.testing.assert_array_equal((a, b), before)


def test_a_line_by_hand():
    points = linear(np.float32([0, 4]), np.float32([4, 0]), 5)
    np.testing.assert_array_equal(points, [[0, 4], [1, 3], [2, 2], [3, 1], [4, 0]])


def test_a_quarter_of_a_circle_by_hand():
    points = slerp(np.float32([2, 0]), np.float32([0, 2]), 4)
    angles = np.radians([0, 30, 60, 90])
    expected = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    np.testing.assert_allclose(points, expected, atol=1e-6)


def test_a_slerp_keeps_the_length_of_ends_of_equal_length():
    for seed in SEEDS:
        a, b = ends_from(seed)
        b = (b * (np.linalg.norm(a) / np.linalg.norm(b))).astype(np.float32)
        lengths = np.linalg.norm(slerp(a, b, 11), axis=1)
        np.testing.assert_allclose(lengths, np.linalg.norm(a), rtol=1e-5)


def test_a_slerp_between_ends_of_different_length_changes_it_evenly():
    for seed in SEEDS:
        a, b = ends_from(seed)
        lengths = np.linalg.norm(slerp(a, 2 * b, 11), axis=1)
        ends = np.linalg.norm(a), np.linalg.norm(2 * b)
        np.testing.assert_allclose(lengths, np.linspace(*ends, 11), rtol=1e-5)


def test_a_slerp_turns_by_equal_angles():
    for seed in SEEDS:
        a, b = ends_from(seed)
        angles = angles_along(slerp(a, b, 11))
        np.testing.assert_allclose(angles, angles.mean(), rtol=1e-3)
        assert angles.sum() < np.pi


def test_a_slerp_stays_farther_from_the_origin_than_the_line():
    for seed in SEEDS:
        lengths = [np.linalg.norm(path(*ends_from(seed), 5)[2]) for path in (slerp, linear)]
        assert lengths[0] > lengths[1]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 3], [2, 4, 6]),
        ([1, 2, 3], [-1, -2, -3]),
        ([1, 2, 3], [-3, -6, -9]),
        ([0, 0, 0], [1, 2, 3]),
        ([1, 2, 3], [0, 0, 0]),
        ([0, 0, 0], [0, 0, 0]),
        ([1, 0, 0], [1, 1e-5, 0]),
    ],
    ids=str,
)
def test_without_one_great_circle_a_slerp_is_the_line(a, b):
    ends = np.float32(a), np.float32(b)
    points = slerp(*ends, 7)
    assert np.isfinite(points).all()
    np.testing.assert_array_equal(points, linear(*ends, 7))


@pytest.mark.parametrize("length", [1e-45, 1e-38, 1e-20, 1e3])
def test_ends_of_any_length_give_finite_points(length):
    points = slerp(np.float32([length, 0]), np.float32([0, 1]), 7)
    assert np.isfinite(points).all()
    assert np.linalg.norm(points, axis=1).max() <= max(1, length) + 1e-6


@pytest.mark.parametrize("off", [1e-5, 9e-5, 1.1e-4, 1e-3])
@pytest.mark.parametrize("side", [1, -1])
def test_nearly_parallel_and_nearly_opposite_ends_stay_sane(off, side):
    a, b = np.float32([3, 0]), np.float32([side * 3, 3 * off])
    points = slerp(a, b, 50)
    assert np.isfinite(points).all()
    assert np.linalg.norm(points, axis=1).max() < 3.001
    np.testing.assert_array_equal(points[[0, -1]], [a, b])
