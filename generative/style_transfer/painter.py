"""Style transfer for another process, which asks for one step after the other.

What it takes to go on with a painting, hundreds of megabytes for a large one, stays in the process
that paints.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from generative.errors import InputError
from generative.style_transfer import networks
from generative.style_transfer.engine import StyleStep, stylize
from generative.style_transfer.look_inside import reconstruct_from_layers
from generative.style_transfer.options import MOST_KEPT, Balance, LiveWeights, Pixels
from generative.style_transfer.state import State

Painted = Generator[StyleStep | None, Balance, None]
"""None once it is clear that nothing is refused, then every step, without its state. Send it the
weights of the next step."""

_kept: OrderedDict[str, State] = OrderedDict()


def paint(
    key: str, content: Pixels, weights: Balance, directory: Path, options: Mapping[str, Any]
) -> Painted:
    """Begin a painting.

    Args:
        key: by which `go_on` finds it.
        content: (height, width, 3) uint8.
        weights: for what is computed before the first step.
        directory: of the checkpoints.
        options: the other arguments of `stylize`, the network by its name.

    Raises:
        GenerativeError: as `stylize`; what was painted until then can be continued.
    """
    return _paint(key, content, weights, directory, options)


def go_on(
    key: str,
    content: Pixels,
    weights: Balance,
    directory: Path,
    options: Mapping[str, Any],
    steps: int,
) -> Painted:
    """Go on with a painting exactly where it stopped.

    Args:
        key: that it was begun with.
        content: the same as then.
        weights: for what is computed before the first step.
        directory: as for `paint`.
        options: the same as then.
        steps: to add if all that were planned are done.

    Raises:
        InputError: no painting is kept by this key, or it has as many steps as it can have.
        GenerativeError: as `paint`.
    """
    state = _kept.get(key)
    if state is None:
        raise InputError("There is no painting to go on with: press Paint to begin one.")
    return _paint(key, content, weights, directory, options, state, steps)


def _paint(
    key: str,
    content: Pixels,
    weights: Balance,
    directory: Path,
    options: Mapping[str, Any],
    resume: State | None = None,
    more_steps: int = 0,
) -> Painted:
    live = LiveWeights()
    live.now = weights
    network = networks.load_pair(options["network"], directory)
    steps = stylize(
        content,
        weights=live,
        resume=resume,
        more_steps=more_steps,
        **{**options, "network": network},
    )
    with closing(steps):
        live.now = yield None
        for step in steps:
            assert step.state is not None
            _keep(key, step.state)
            live.now = yield replace(step, state=None)


def _keep(key: str, state: State) -> None:
    """Keep a painting as the latest; the least recently used one makes room."""
    _kept[key] = state
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def sketch(
    content: Pixels, style: Pixels, directory: Path, options: Mapping[str, Any]
) -> Generator[StyleStep, None, None]:
    """Paint a picture that nobody turns or continues: every step, without its state.

    As `stylize`, with the networks that come with the program.
    """
    network = networks.load_pair("features", directory)
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
