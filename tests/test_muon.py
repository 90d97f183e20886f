from __future__ import annotations

import numpy as np
import pytest

from generative.backend import keras, tf
from generative.training.muon import ConvolutionalMuon

RATE = 0.01


def step(shape: tuple[int, ...], gradient: np.ndarray | None = None) -> np.ndarray:
    """Return by how much one step moves a variable of a shape."""
    variable = keras.Variable(np.zeros(shape, np.float32), name="kernel")
    optimizer = ConvolutionalMuon(RATE)
    optimizer.build([variable])
    if gradient is None:
        gradient = np.random.default_rng(0).normal(size=shape)
    optimizer.apply([tf.constant(gradient, tf.float32)], [variable])
    return variable.numpy()


@pytest.mark.parametrize("shape", [(3, 3, 16, 32), (3, 3, 4, 8), (24, 60), (2, 2, 8, 64)])
def test_a_kernel_moves_equally_far_in_every_direction(shape):
    moved = step(shape).reshape(-1, shape[-1])
    lengths = np.linalg.svd(moved, compute_uv=False)
    # Muon's five iterations bring singular values near 1, not exactly there.
    expected = RATE * 0.2 * np.sqrt(max(moved.shape))
    assert lengths.max() < 1.3 * expected
    assert lengths.min() > 0.6 * expected


def test_directions_with_a_small_gradient_are_not_left_behind():
    gradient = np.diag([1.0, 1e-2, 1e-2, 1e-2]).reshape(1, 1, 4, 4)
    lengths = np.abs(np.diag(step((1, 1, 4, 4), gradient).reshape(4, 4)))
    assert lengths.min() > 0.2 * lengths.max()


def test_the_size_of_the_gradient_does_not_matter():
    gradient = np.random.default_rng(1).normal(size=(3, 3, 4, 8))
    np.testing.assert_allclose(
        step((3, 3, 4, 8), gradient), step((3, 3, 4, 8), 100 * gradient), rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize("shape", [(32,), (3, 3, 16, 1)])
def test_biases_and_single_filters_move_as_adam_moves_them(shape):
    gradient = np.random.default_rng(2).normal(size=shape)
    np.testing.assert_allclose(step(shape, gradient), -RATE * np.sign(gradient), rtol=1e-3)


def test_nothing_decays():
    variable = keras.Variable(np.ones((3, 3, 4, 8), np.float32), name="kernel")
    optimizer = ConvolutionalMuon(RATE)
    optimizer.build([variable])
    optimizer.apply([tf.zeros((3, 3, 4, 8))], [variable])
    np.testing.assert_array_equal(variable.numpy(), 1)
