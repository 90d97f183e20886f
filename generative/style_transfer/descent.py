"""Downhill: an optimizer at work on the objective, of a whole picture or tile by tile."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.style_transfer import optimizers
from generative.style_transfer.coordinates import Size
from generative.style_transfer.objective import Losses, Objective, Targets, Weights
from generative.style_transfer.optimizers import OptimizerState
from generative.style_transfer.procedures import Way
from generative.style_transfer.tensors import check_finite
from generative.style_transfer.tiles import TiledObjective, whole_or_tiled

Descent = Generator[tuple[Losses, OptimizerState] | None, None, None]
"""After every step the losses of the picture that it began with, and where it ended; None after
every tile, when the step is not done yet."""


@dataclass(frozen=True)
class Problem:
    """What is minimised, of which picture.

    Attributes:
        objective: to minimise.
        way: how the picture is moved.
        size: the picture's height and width.
        wanted: targets at this size, and the weights: read anew at every step.
    """

    objective: Objective
    way: Way
    size: Size
    wanted: Callable[[], tuple[Targets, Weights]]

    def picture(self, at: tf.Tensor) -> tf.Tensor:
        """Return the picture, (1, h, w, 3), at coordinates."""
        return self.way.coordinates.decode(at, tf.constant(self.size))


def adam(problem: Problem, state: OptimizerState, rate: Callable[[], float]) -> Descent:
    """Yield the steps of Adam from a state on, without end.

    Args:
        problem: what is minimised.
        state: to start from.
        rate: the learning rate, read anew at every step.
    """
    view = whole_or_tiled(problem.objective, math.prod(problem.size))
    if isinstance(view, TiledObjective):
        yield from _tiled_adam(view, problem, state, rate)
        return
    step, size = adam_step(problem.objective, problem.way), tf.constant(problem.size)
    while True:
        losses, state = step(state, size, *problem.wanted(), tf.constant(rate()))
        yield losses, state


def _tiled_adam(
    view: TiledObjective, problem: Problem, state: OptimizerState, rate: Callable[[], float]
) -> Descent:
    size = tf.constant(problem.size)
    while True:
        picture = problem.picture(state.picture)
        for found in view.value_and_gradient(picture, *problem.wanted()):
            if found is None:
                yield None
                continue
            losses, gradient = found
            state = _descend(problem.way, state, size, gradient, tf.constant(rate()))
            yield losses, state


def lbfgs(problem: Problem, state: OptimizerState, steps: int) -> Descent:
    """Yield at most `steps` steps of L-BFGS; fewer if it finds nothing lower. Other args as `adam`.

    Raises:
        TransferError: a loss or a gradient is not a number.
    """
    shape, coordinates = state.picture.shape, problem.way.coordinates
    latest: list[Losses] = []

    def function(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        at = tf.constant(flat.reshape(shape), tf.float32)
        losses, by_picture = value_and_gradient(problem, at)
        gradient = coordinates.pull_back(at, tf.constant(problem.size), by_picture)
        check_finite(losses.total, gradient)  # SciPy would stop without a word.
        latest[:] = [losses]
        return float(losses.total), gradient.numpy().astype(np.float64).ravel()

    first = state.picture.numpy().astype(np.float64).ravel()
    for flat in optimizers.lbfgs(function, first, steps, coordinates.bounds):
        # Not averaged: every picture is the lowest so far.
        yield latest[0], optimizers.start(tf.constant(flat.reshape(shape), tf.float32))


def value_and_gradient(problem: Problem, at: tf.Tensor) -> tuple[Losses, tf.Tensor]:
    """Return the losses of the picture at coordinates, and their total's gradient by it."""
    view = whole_or_tiled(problem.objective, math.prod(problem.size))
    given = problem.picture(at), *problem.wanted()
    if not isinstance(view, TiledObjective):
        return view.value_and_gradient(*given)
    *_, found = view.value_and_gradient(*given)
    assert found is not None
    return found


@functools.lru_cache(maxsize=32)
def adam_step(
    objective: Objective, way: Way
) -> Callable[
    [OptimizerState, tf.Tensor, Targets, Weights, tf.Tensor], tuple[Losses, OptimizerState]
]:
    """Return the compiled function (state, size, targets, weights, rate) → (losses, next state).

    Everything that changes is an argument, so one trace serves all sizes and all weights.
    """

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(
        state: OptimizerState, size: tf.Tensor, targets: Targets, weights: Weights, rate: tf.Tensor
    ) -> tuple[Losses, OptimizerState]:
        picture = way.coordinates.decode(state.picture, size)
        losses, gradient = objective.differentiate(picture, targets, weights)
        return losses, _descend(way, state, size, gradient, rate)

    return step  # type: ignore[no-any-return]


def _descend(
    way: Way,
    state: OptimizerState,
    size: tf.Tensor,
    gradient: tf.Tensor,
    rate: tf.Tensor,
) -> OptimizerState:
    """Take a step of Adam, given the gradient by the picture.

    The gradient of a mean shrinks as pixels are added; times their number, it is of the same
    order at every scale, and Adam's running means can be carried from one to the next.
    """
    pixels = tf.cast(tf.size(gradient) // 3, tf.float32)
    pulled = way.coordinates.pull_back(state.picture, size, gradient * pixels)
    return optimizers.adam(state, pulled, rate, way)
