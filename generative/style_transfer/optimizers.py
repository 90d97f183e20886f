"""Two ways down: Adam with an averaged picture, and L-BFGS.

Coordinates are clamped to their bounds after every step: pixels to [0, 1]. The result is the mean
of the latest pictures, not the last one: Adam's steps jitter around what they approach, and their
mean does not.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.style_transfer.coordinates import Coordinates, Size

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

    from generative.style_transfer.procedures import Way

FIRST_DECAY, SECOND_DECAY = 0.9, 0.99
EPSILON = 1e-8


class OptimizerState(NamedTuple):
    """All that a step needs from the one before.

    Attributes:
        picture: float32, its coordinates; for pixels (1, h, w, 3) in [0, 1].
        first, second: running means of gradients and of their squares, of the same shape.
        count: float32 scalar, steps behind the running means.
        average: decayed sum of pictures.
        weight: float32 scalar, decayed sum of ones.
    """

    picture: tf.Tensor
    first: tf.Tensor
    second: tf.Tensor
    count: tf.Tensor
    average: tf.Tensor
    weight: tf.Tensor


def start(picture: tf.Tensor) -> OptimizerState:
    """Return the state in which a descent begins.

    Args:
        picture: float32, coordinates of any shape; for pixels (1, h, w, 3) in [0, 1].
    """
    zeros, zero = tf.zeros_like(picture), tf.constant(0.0)
    return OptimizerState(picture, zeros, zeros, zero, zeros, zero)


def adam(at: OptimizerState, gradient: tf.Tensor, rate: tf.Tensor, way: Way) -> OptimizerState:
    """Return the next state (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1).

    Differs from the paper: coordinates are clamped to their bounds, and averaged (see `averaged`).

    Args:
        at: the state now.
        gradient: float32, of the shape of the coordinates.
        rate: float32 scalar, the learning rate: what a coordinate moves at most, more or less.
        way: bounds of the coordinates, and the decay of their average.
    """
    count = at.count + 1
    first = FIRST_DECAY * at.first + (1 - FIRST_DECAY) * gradient
    second = SECOND_DECAY * at.second + (1 - SECOND_DECAY) * tf.square(gradient)
    unbiased = first / (1 - tf.pow(FIRST_DECAY, count))
    scale = tf.sqrt(second / (1 - tf.pow(SECOND_DECAY, count))) + EPSILON
    picture = tf.clip_by_value(at.picture - rate * unbiased / scale, *way.coordinates.bounds)
    moved = at._replace(first=first, second=second, count=count)
    return averaged(moved, picture, way.averaging)


def averaged(at: OptimizerState, picture: tf.Tensor, decay: float) -> OptimizerState:
    """Return the state moved to `picture`, which joins the running mean.

    Args:
        at: the state before.
        picture: float32, of the shape of its coordinates.
        decay: in [0, 1), of the weight that pictures have in the mean, a step; 0 keeps the last.
    """
    return at._replace(
        picture=picture,
        average=decay * at.average + (1 - decay) * picture,
        weight=decay * at.weight + (1 - decay),
    )


def result(at: OptimizerState) -> tf.Tensor:
    """Return the averaged picture, or the first one where no step was made: float32 coordinates."""
    return at.average / at.weight if float(at.weight) > 0 else at.picture


def enlarge(
    at: OptimizerState, before: Coordinates, after: Coordinates, size: Size, larger: Size
) -> OptimizerState:
    """Return the state in which the next larger scale begins.

    The averaged picture is the start. In the same coordinates, Adam's running means come along:
    they hold the directions that have proved useful, and without them the first steps would undo
    some of what is there.

    Args:
        at: the state in which the scale before ended.
        before: its coordinates.
        after: those of the next scale.
        size: height and width of its picture.
        larger: the same of the next one.
    """
    picture = tf.image.resize(before.decode(result(at), tf.constant(size)), larger, "bicubic")
    begun = start(after.encode(tf.clip_by_value(picture, 0.0, 1.0)))
    if after is not before:
        return begun
    first = after.enlarge(at.first, size, larger, "bicubic")
    second = tf.maximum(after.enlarge(at.second, size, larger, "bilinear"), 0.0)
    return begun._replace(first=first, second=second, count=at.count)


def lbfgs(
    function: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
    first: NDArray[np.float64],
    steps: int,
    bounds: tuple[float, float],
) -> Iterator[NDArray[np.float64]]:
    """Yield the iterates of SciPy's L-BFGS-B within bounds; at most `steps` of them.

    SciPy calls the function and does not return before it is done, so it runs in a thread of its
    own, which makes one step for each that is asked for and ends when the generator is closed.

    Args:
        function: x → value, gradient.
        first: (n,) where to start.
        steps: iterations.
        bounds: of every number.
    """
    from scipy import optimize

    turn, done = threading.Semaphore(0), threading.Event()
    found: queue.Queue[NDArray[np.float64] | BaseException | None] = queue.Queue()

    def hand_over(intermediate_result: OptimizeResult) -> None:
        found.put(intermediate_result.x.copy())
        turn.acquire()
        if done.is_set():
            raise StopIteration

    def work() -> None:
        turn.acquire()
        try:
            if not done.is_set():
                optimize.minimize(
                    function,
                    first,
                    jac=True,
                    method="L-BFGS-B",
                    bounds=optimize.Bounds(*bounds),
                    callback=hand_over,
                    options={"maxiter": steps, "maxfun": 4 * steps, "ftol": 0, "gtol": 0},
                )
            found.put(None)
        except BaseException as error:
            found.put(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        while True:
            turn.release()
            at = found.get()
            if isinstance(at, BaseException):
                raise at
            if at is None:
                return
            yield at
    finally:
        done.set()
        turn.release()
        worker.join()
