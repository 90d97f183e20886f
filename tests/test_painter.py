"""Painting as one process asks another for it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from painting import NETWORK, picture

from generative.errors import InputError, TransferError
from generative.style_transfer import StyleStep, networks, painter, stylize
from generative.style_transfer.options import Balance
from generative.style_transfer.state import State

CONTENT, STYLE = picture(48, 64, 1), picture(64, 64, 2)
OPTIONS = {"styles": [(STYLE, 1.0)], "size": 64, "steps": 6, "network": "features"}
NOWHERE = Path("nowhere")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every network the tiny one."""
    monkeypatch.setattr(networks, "load", lambda *_: NETWORK)


def begin(resume: State | None = None, **changes: Any) -> Generator[Any, Any, None]:
    return painter.paint(CONTENT, Balance(), NOWHERE, {**OPTIONS, **changes}, resume)


def all_of(painting: Generator[Any, Any, None], weights: Balance) -> list[Any]:
    """Return everything that a painting yields if it is told the same weights at every step."""
    found = [next(painting)]
    try:
        while True:
            found.append(painting.send(weights))
    except StopIteration:
        return found


def test_it_yields_nothing_then_the_steps_then_the_state() -> None:
    ready, *steps, state = all_of(begin(), Balance())
    assert ready is None
    expected = [*stylize(CONTENT, **{**OPTIONS, "network": NETWORK})]
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6]
    assert all(step.state is None for step in steps)
    np.testing.assert_array_equal(steps[-1].image, expected[-1].image)
    assert isinstance(state, State)
    assert state.done == 6


def test_whoever_sends_no_weights_gets_the_state_and_goes_on_from_there() -> None:
    painting = begin()
    next(painting)
    for _ in range(3):
        painting.send(Balance())
    state = next(painting)
    assert state.done == 3
    with pytest.raises(StopIteration):
        next(painting)
    _, *steps, last = all_of(begin(resume=state), Balance())
    assert [step.step for step in steps] == [4, 5, 6]
    _, *whole, _ = all_of(begin(), Balance())
    np.testing.assert_array_equal(steps[-1].image, whole[-1].image)
    assert last.done == 6


def test_without_a_step_there_is_no_state() -> None:
    painting = begin()
    assert next(painting) is None
    with pytest.raises(StopIteration):
        next(painting)


def test_the_weights_that_are_sent_count_from_the_next_step_on() -> None:
    _, *plain, _ = all_of(begin(), Balance())
    painting = begin()
    next(painting)
    first = painting.send(Balance())
    np.testing.assert_array_equal(first.image, plain[0].image)
    turned = [painting.send(Balance(content=50, style=0.01)) for _ in range(5)]
    assert turned[-1].content_loss < plain[-1].content_loss


@pytest.mark.parametrize("changes", [{"size": 5}, {"styles": []}, {"steps": 0}])
def test_what_is_refused_is_refused_before_anything_else(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        next(begin(**changes))


def test_what_was_reached_before_an_error_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverging(*arguments: Any, **options: Any) -> Generator[StyleStep, None, None]:
        steps = stylize(*arguments, **options)
        yield next(steps)
        steps.close()
        raise TransferError("The loss is no longer a number: choose smaller weights.")

    monkeypatch.setattr(painter, "stylize", diverging)
    painting = begin()
    next(painting)
    assert painting.send(Balance()).step == 1
    assert painting.send(Balance()).done == 1
    with pytest.raises(TransferError):
        next(painting)
