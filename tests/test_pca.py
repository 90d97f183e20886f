from __future__ import annotations

import numpy as np
import pytest

from generative import pca

CROSS = np.array([[1, 5], [3, 5], [2, 7], [2, 3]], np.float32)
"""Centre (2, 5); spread 1 along the first axis and 2 along the second."""

CLOUD = np.random.default_rng(1).normal(size=(60, 5)) * [5, 4, 3, 2, 1] + 10


def test_by_hand():
    fitted = pca.fit(CROSS, width=1)
    np.testing.assert_allclose(fitted.mean, [2, 5])
    np.testing.assert_allclose(np.abs(fitted.components), [[0, 1]], atol=1e-12)
    # The second axis is kept, the first replaced by its mean.
    np.testing.assert_allclose(fitted.reconstruct(CROSS), [[2, 5], [2, 5], [2, 7], [2, 3]])
    np.testing.assert_allclose(np.abs(fitted.encode(CROSS)), [[0], [0], [2], [2]], atol=1e-12)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_components_are_orthonormal(width):
    components = pca.fit(CLOUD, width).components
    np.testing.assert_allclose(components @ components.T, np.eye(width), atol=1e-12)


def test_components_are_the_right_singular_vectors_of_the_centred_data():
    _, _, axes = np.linalg.svd(CLOUD - CLOUD.mean(axis=0), full_matrices=False)
    components = pca.fit(CLOUD, 3).components
    np.testing.assert_allclose(np.abs((components * axes[:3]).sum(axis=1)), 1, atol=1e-10)


def test_the_error_is_what_the_dropped_singular_values_say():
    # Eckart & Young: the squared error of rank 2 is the sum of the other squared singular values.
    values = np.linalg.svd(CLOUD - CLOUD.mean(axis=0), compute_uv=False)
    error = np.square(pca.fit(CLOUD, 2).reconstruct(CLOUD) - CLOUD).sum()
    assert error == pytest.approx(np.square(values[2:]).sum())


def test_codes_are_sorted_by_variance():
    variances = pca.fit(CLOUD, 5).encode(CLOUD).var(axis=0)
    assert (np.diff(variances) < 0).all()


def test_full_width_loses_nothing():
    np.testing.assert_allclose(pca.fit(CLOUD, 5).reconstruct(CLOUD), CLOUD)


def test_float32_examples_are_added_up_in_float64():
    far = (CROSS + 10_000).astype(np.float32)
    np.testing.assert_allclose(pca.fit(far, 1).mean, [10_002, 10_005], rtol=1e-12)
