"""Downhill: an optimizer at work on the objective, of a whole picture or tile by tile."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.style_transfer import optimizers
from generative.style_transfer.objective import Losses, Objective, Targets, Weights
from generative.style_transfer.optimizers import OptimizerState
from generative.style_transfer.tensors import check_finite
from generative.style_transfer.tiles import TiledObjective, whole_or_tiled

Descent = Generator[tuple[Losses, OptimizerState] | None, None, None]
"""After every step the losses of the picture that it began with, and where it ended; None after
every tile, when the step is not done yet."""


def adam(
    objective: Objective,
    state: OptimizerState,
    targets: Targets,
    weights: Callable[[], Weights],
) -> Descent:
    """Yield the steps of Adam, without end.

    Args:
        objective: to minimise.
        state: to start from.
        targets: at the picture's size.
        weights: read anew at every step.
    """
    view = whole_or_tiled(objective, _pixels(state.picture))
    if isinstance(view, TiledObjective):
        yield from _tiled_adam(view, state, targets, weights)
        return
    step = adam_step(objective)
    while True:
        losses, state = step(state, targets, weights())
        yield losses, state


def _tiled_adam(
    view: TiledObjective,
    state: OptimizerState,
    targets: Targets,
    weights: Callable[[], Weights],
) -> Descent:
    while True:
        for found in view.value_and_gradient(state.picture, targets, weights()):
            if found is None:
                yield None
                continue
            losses, gradient = found
            state = _descend(state, gradient)
            yield losses, state


def lbfgs(
    objective: Objective,
    state: OptimizerState,
    targets: Targets,
    weights: Callable[[], Weights],
    steps: int,
) -> Descent:
    """Yield at most `steps` steps of L-BFGS; fewer if it finds nothing lower. Other args as `adam`.

    Raises:
        TransferError: a loss or a gradient is not a number.
    """
    shape = state.picture.shape
    latest: list[Losses] = []

    def function(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        picture = tf.constant(flat.reshape(shape), tf.float32)
        losses, gradient = value_and_gradient(objective, picture, targets, weights())
        check_finite(losses.total, gradient)  # SciPy would stop without a word.
        latest[:] = [losses]
        return float(losses.total), gradient.numpy().astype(np.float64).ravel()

    first = state.picture.numpy().astype(np.float64).ravel()
    for flat in optimizers.lbfgs(function, first, steps):
        # Not averaged: every picture is the lowest so far.
        yield latest[0], optimizers.start(tf.constant(flat.reshape(shape), tf.float32))


def value_and_gradient(
    objective: Objective, picture: tf.Tensor, targets: Targets, weights: Weights
) -> tuple[Losses, tf.Tensor]:
    """Return the losses of a picture, (1, h, w, 3), and their total's gradient, of any size."""
    view = whole_or_tiled(objective, _pixels(picture))
    if not isinstance(view, TiledObjective):
        return view.value_and_gradient(picture, targets, weights)
    *_, found = view.value_and_gradient(picture, targets, weights)
    assert found is not None
    return found


@functools.lru_cache(maxsize=32)
def adam_step(
    objective: Objective,
) -> Callable[[OptimizerState, Targets, Weights], tuple[Losses, OptimizerState]]:
    """Return the compiled function (state, targets, weights) → (losses, next state).

    Everything that changes is an argument, so one trace serves all sizes and all weights.
    """

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(
        state: OptimizerState, targets: Targets, weights: Weights
    ) -> tuple[Losses, OptimizerState]:
        losses, gradient = objective.differentiate(state.picture, targets, weights)
        return losses, _descend(state, gradient)

    return step  # type: ignore[no-any-return]


def _descend(state: OptimizerState, gradient: tf.Tensor) -> OptimizerState:
    """Take a step of Adam.

    The gradient of a mean shrinks as pixels are added; times their number, it is of the same
    order at every scale, and Adam's running means can be carried from one to the next.
    """
    pixels = tf.cast(tf.size(gradient) // 3, tf.float32)
    return optimizers.adam(state, gradient * pixels)


def _pixels(picture: tf.Tensor) -> int:
    """Return height times width."""
    return int(picture.shape[1]) * int(picture.shape[2])
