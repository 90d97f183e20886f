from __future__ import annotations

import math

import numpy as np
import pytest

from generative.data import plane
from generative.errors import InputError

POINTS = plane.sample(10_000, seed=4)


def test_points_are_centred_float32():
    assert POINTS.shape == (10_000, 3)
    assert POINTS.dtype == np.float32
    np.testing.assert_allclose(POINTS.mean(axis=0), 0, atol=1e-6)


def test_by_default_there_are_a_thousand():
    assert plane.sample().shape == (1000, 3)


def test_they_lie_off_the_plane_by_the_noise_alone():
    normal = np.cross(*plane.TILT)
    distance = POINTS @ (normal / np.linalg.norm(normal))
    assert distance.std() == pytest.approx(0.1, abs=5 * 0.1 / math.sqrt(2 * 10_000))


def test_within_the_plane_they_are_spread_wider_than_the_noise():
    values = np.linalg.svd(POINTS, compute_uv=False) / math.sqrt(len(POINTS))
    assert values[1] > 3 * values[2]


def test_they_leave_a_quarter_of_the_ring_open():
    # Positions within the plane, by least squares, lie on a unit ring about an unknown centre.
    position = POINTS @ np.linalg.pinv(plane.TILT)
    angles = np.linspace(0, 1.5 * math.pi, 100_001)
    centre = np.array([np.cos(angles).mean(), np.sin(angles).mean()])
    ring = position + centre
    angle = np.arctan2(ring[:, 1], ring[:, 0]) % (2 * math.pi)
    open_quarter = (angle > 1.55 * math.pi) & (angle < 1.95 * math.pi)
    assert open_quarter.mean() < 0.05  # 0.2 if the ring were closed


def test_the_seed_decides():
    np.testing.assert_array_equal(plane.sample(seed=1), plane.sample(seed=1))
    assert not np.array_equal(plane.sample(seed=1), plane.sample(seed=2))


@pytest.mark.parametrize("count", [9, 10_001, 10.5, math.nan, "100", None])
def test_a_wrong_count_is_refused(count):
    with pytest.raises(InputError, match="Invalid number of points"):
        plane.sample(count)


def test_a_wrong_seed_is_refused():
    with pytest.raises(InputError, match="Invalid seed"):
        plane.sample(seed=-1)
