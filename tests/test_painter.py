"""Painting as one process asks another for it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from painting import SHALLOW, picture

from generative.errors import InputError, TransferError
from generative.style_transfer import StyleStep, networks, painter, stylize
from generative.style_transfer.options import MOST_KEPT, Balance

CONTENT, STYLE = picture(48, 64, 1), picture(64, 64, 2)
OPTIONS = {
    "styles": [(STYLE, 1.0)],
    "size": 64,
    "steps": 6,
    "network": "features",
    "initial": "content",
}
NOWHERE = Path("nowhere")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every network the tiny one."""
    monkeypatch.setattr(networks, "load", lambda *_: SHALLOW)


def begin(key: str = "a", **changes: Any) -> painter.Painted:
    return painter.paint(NOWHERE, key, CONTENT, Balance(), {**OPTIONS, **changes})


def go_on(key: str = "a", steps: int = 3) -> painter.Painted:
    return painter.go_on(NOWHERE, key, CONTENT, Balance(), OPTIONS, steps)


def all_of(painting: painter.Painted, weights: Balance = Balance()) -> list[Any]:  # noqa: B008
    """Return everything that a painting yields if it is told the same weights at every step."""
    found: list[Any] = [next(painting)]
    try:
        while True:
            found.append(painting.send(weights))
    except StopIteration:
        return found


def test_it_yields_nothing_and_then_the_steps_without_their_state() -> None:
    ready, *steps = all_of(begin())
    assert ready is None
    expected = [*stylize(CONTENT, **{**OPTIONS, "network": SHALLOW})]
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6]
    assert all(step.state is None for step in steps)
    np.testing.assert_array_equal(steps[-1].image, expected[-1].image)


def test_a_painting_that_was_stopped_goes_on_exactly_there() -> None:
    painting = begin()
    next(painting)
    for _ in range(3):
        painting.send(Balance())
    painting.close()
    _, *steps = all_of(go_on())
    assert [step.step for step in steps] == [4, 5, 6]
    _, *whole = all_of(begin("b"))
    np.testing.assert_array_equal(steps[-1].image, whole[-1].image)


def test_a_painting_that_is_done_gets_more_steps_every_time() -> None:
    all_of(begin())
    assert [step.step for step in all_of(go_on(steps=3))[1:]] == [7, 8, 9]
    assert [step.step for step in all_of(go_on(steps=2))[1:]] == [10, 11]


def test_the_weights_that_are_sent_count_from_the_next_step_on() -> None:
    _, *plain = all_of(begin())
    painting = begin()
    next(painting)
    first = painting.send(Balance())
    assert first is not None
    np.testing.assert_array_equal(first.image, plain[0].image)
    *_, turned = [painting.send(Balance(content=50, style=0.01)) for _ in range(5)]
    assert turned is not None
    assert turned.content_loss < plain[-1].content_loss


@pytest.mark.parametrize("changes", [{"size": 5}, {"styles": []}, {"steps": 0}])
def test_what_is_refused_is_refused_before_anything_else(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        next(begin(**changes))


@pytest.mark.parametrize("key", ["unknown", ""])
def test_there_is_no_going_on_with_what_was_not_begun(key: str) -> None:
    with pytest.raises(InputError, match="begin one first"):
        next(go_on(key))


def test_the_latest_paintings_are_kept() -> None:
    for number in range(MOST_KEPT + 1):
        painting = begin(str(number))
        next(painting)
        painting.send(Balance())
        painting.close()
    with pytest.raises(InputError):
        next(go_on("0"))
    for number in range(1, MOST_KEPT + 1):
        assert next(go_on(str(number))) is None


def test_what_was_reached_before_an_error_can_be_gone_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def diverging(*arguments: Any, **options: Any) -> Generator[StyleStep, None, None]:
        steps = stylize(*arguments, **options)
        yield next(steps)
        steps.close()
        raise TransferError("The loss is no longer a number: choose smaller weights.")

    with monkeypatch.context() as patched:
        patched.setattr(painter, "stylize", diverging)
        painting = begin()
        next(painting)
        painting.send(Balance())
        with pytest.raises(TransferError):
            painting.send(Balance())
    assert [step.step for step in all_of(go_on())[1:]] == [2, 3, 4, 5, 6]
