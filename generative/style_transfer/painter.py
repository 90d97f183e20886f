"""Style transfer as one process asks another for it: step by step, and at the end its state.

The state of a large painting is hundreds of megabytes, so it does not travel with every step.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from generative.errors import TransferError
from generative.style_transfer import networks
from generative.style_transfer.engine import StyleStep, stylize
from generative.style_transfer.look_inside import reconstruct_from_layers
from generative.style_transfer.options import Balance, LiveWeights, Pixels
from generative.style_transfer.state import State


def paint(
    content: Pixels,
    weights: Balance,
    directory: Path,
    options: Mapping[str, Any],
    resume: State | None = None,
) -> Generator[StyleStep | State | None, Balance | None, None]:
    """Paint a picture, told the weights anew before every step.

    Args:
        content: (height, width, 3) uint8.
        weights: for what is computed before the first step.
        directory: of the checkpoints.
        options: the other arguments of `stylize`, the network by its name.
        resume: as in `stylize`.

    Yields:
        None once it is clear that nothing is refused; then every step, without its state; last,
        also before an error, the state, if there was a step. Send the weights for the next step,
        or None to end.

    Raises:
        GenerativeError: as `stylize`.
    """
    network = networks.load(options["network"], directory)
    live = LiveWeights()
    live.now = weights
    steps = stylize(content, weights=live, resume=resume, **{**options, "network": network})
    state, failure = None, None
    with closing(steps):
        turned = yield None
        while turned is not None:
            live.now = turned
            try:
                step = next(steps)
            except StopIteration:
                break
            except TransferError as error:
                failure = error
                break
            state = step.state
            turned = yield replace(step, state=None)
    if state is not None:
        yield state
    if failure is not None:
        raise failure


def sketch(
    content: Pixels, style: Pixels, directory: Path, options: Mapping[str, Any]
) -> Generator[StyleStep, None, None]:
    """Paint a picture that nobody will turn or go on with: every step, without its state.

    As `stylize`, with the network that comes with the program.
    """
    network = networks.load("features", directory)
    yield from _without_state(stylize(content, style, network=network, **options))


def rebuild(
    picture: Pixels, layers: Sequence[str], kind: str, directory: Path, options: Mapping[str, Any]
) -> Generator[StyleStep, None, None]:
    """Rebuild a picture from layers of the network that comes with the program.

    As `reconstruct_from_layers`: every step, without its state.
    """
    network = networks.load("features", directory)
    yield from _without_state(
        reconstruct_from_layers(picture, layers, kind, network=network, **options)
    )


def _without_state(
    steps: Generator[StyleStep, None, None],
) -> Generator[StyleStep, None, None]:
    with closing(steps):
        for step in steps:
            yield replace(step, state=None)
