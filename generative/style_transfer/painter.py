"""Style transfer for another process, which asks for one step after the other.

What it takes to go on with a painting, hundreds of megabytes for a large one, stays in the process
that paints, unless another asks for it with `save`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from generative.errors import InputError
from generative.style_transfer import drafting, networks, vgg
from generative.style_transfer.engine import StyleStep, stylize
from generative.style_transfer.latest import Latest
from generative.style_transfer.look_inside import reconstruct_from_layers
from generative.style_transfer.options import (
    DRAFT,
    MOST_KEPT,
    OUR_NETWORK,
    Balance,
    LiveWeights,
    Options,
    PaintingOptions,
)
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.state import State

Painted = Generator[StyleStep | None, Balance, None]
"""Yields None once the request is accepted, then every step, without its state. Send the weights
for the next one."""

_kept: Latest[State] = Latest(MOST_KEPT)


def paint(
    directory: Path, key: str, content: Pixels, weights: Balance, options: PaintingOptions
) -> Painted:
    """Begin a painting.

    Args:
        directory: of the checkpoints.
        key: by which `go_on` finds it.
        content: (height, width, 3) uint8.
        weights: for what is computed before the first step.
        options: the other arguments of `stylize`, the network by its name.

    Raises:
        GenerativeError: as `stylize`; what was painted until then can be continued.
    """
    return _paint(directory, key, content, weights, options)


def go_on(
    directory: Path,
    key: str,
    content: Pixels,
    weights: Balance,
    options: PaintingOptions,
    steps: int,
) -> Painted:
    """Go on with a painting exactly where it stopped.

    Args:
        directory: as for `paint`.
        key: that it was begun with.
        content: the same as then.
        weights: for what is computed before the first step.
        options: the same as then.
        steps: to add if all that were planned are done.

    Raises:
        InputError: no painting is kept by this key, or it has as many steps as it can have.
        GenerativeError: as `paint`.
    """
    state = _kept.get(key)
    if state is None:
        raise InputError("There is no painting to go on with: begin one first.")
    return _paint(directory, key, content, weights, options, state, steps)


def _paint(
    directory: Path,
    key: str,
    content: Pixels,
    weights: Balance,
    options: PaintingOptions,
    resume: State | None = None,
    more_steps: int = 0,
) -> Painted:
    live = LiveWeights()
    live.now = weights
    options = _with_models(options, content, None, directory)
    steps = stylize(content, weights=live, resume=resume, more_steps=more_steps, **options)
    with closing(steps):
        live.now = yield None
        for step in steps:
            assert step.state is not None
            _kept.put(key, step.state)
            live.now = yield replace(step, state=None)


def _with_models(
    options: PaintingOptions, content: Pixels, style: Pixels | None, directory: Path
) -> PaintingOptions:
    """Return options with what models of the folder give: the networks, a draft to begin with.

    A network that must be fetched is fetched if nobody did.
    """
    name = options.get("network", OUR_NETWORK)
    assert isinstance(name, str)
    if name == "vgg19":
        deque(vgg.fetch_vgg19(), maxlen=0)
    options = {**options, "network": networks.load_pair(name, directory)}
    chosen = Options(**options)
    if not isinstance(chosen.initial, str) or chosen.initial != DRAFT:
        return options
    return {**options, "initial": drafting.draft(content, style, chosen, directory)}


def save(key: str) -> bytes | None:
    """Return what it takes to go on with a painting; None if none is kept by this key."""
    state = _kept.get(key)
    return None if state is None else state.to_bytes()


def restore(key: str, saved: bytes) -> None:
    """Keep a painting that another process saved.

    Raises:
        InputError: damaged, or something else.
    """
    _kept.put(key, State.from_bytes(saved))


def forget(key: str) -> None:
    """Keep a painting no longer."""
    _kept.forget(key)


def paint_once(
    directory: Path, content: Pixels, style: Pixels, options: PaintingOptions
) -> Generator[StyleStep, None, None]:
    """Paint a picture that nobody turns or continues: every step, without its state.

    As `stylize`, with the networks by their name; without one, those that come with the program.
    """
    yield from _without_state(
        stylize(content, style, **_with_models(options, content, style, directory))
    )


def rebuild(
    directory: Path, picture: Pixels, layers: Sequence[str], kind: str, options: Mapping[str, int]
) -> Generator[StyleStep, None, None]:
    """Rebuild a picture from layers of the network that comes with the program.

    As `reconstruct_from_layers`: every step, without its state.
    """
    network = networks.load(OUR_NETWORK, directory)
    yield from _without_state(
        reconstruct_from_layers(picture, layers, kind, network=network, **options)
    )


def _without_state(
    steps: Generator[StyleStep, None, None],
) -> Generator[StyleStep, None, None]:
    with closing(steps):
        for step in steps:
            yield replace(step, state=None)
