"""Widgets that hand their values to the library exactly as they were sent.

Gradio's own conversion decodes pictures (failing on a broken one with an empty message), lets NaN
through a slider, and rounds fractions. These widgets switch it off, so that `images.decode` and
`generative.validation` report what is wrong with a value, in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block
from gradio.utils import get_upload_folder

from generative.ui import schemas
from generative.ui.handlers import computing
from generative.ui.schemas import Schema
from generative.validation import SEED, Range

CONVERTED = "_generative_converted"

C = TypeVar("C", bound=gr.components.Component)


def picture(**options: Any) -> gr.Image:
    """Return an image field whose value arrives as a path, undecoded; None if empty."""
    return _converting(gr.Image(format="png", **options), _path)


def slider(within: Range, value: float, step: float, **options: Any) -> gr.Slider:
    """Return a slider over a range of the library's; its number arrives unchecked."""
    component = gr.Slider(within.low, within.high, value=value, step=step, **options)
    return _described(_converting(component), schemas.number(within))


def number(within: Range, value: float, **options: Any) -> gr.Number:
    """Return a number field over a range of the library's; its number arrives unchecked."""
    step = 1 if within.whole else 0.1  # Links take a step of 1 to mean whole numbers.
    component = gr.Number(value, minimum=within.low, maximum=within.high, step=step, **options)
    return _described(_converting(component), schemas.number(within))


def seed() -> gr.Number:
    """Return a seed field; its number arrives unchecked."""
    return number(SEED, 0, label="Seed", min_width=80)


@computing
def next_seed(seed: object) -> int:
    """Return the seed after `seed`, wrapping from the last to the first."""
    return (SEED.check_whole("seed", seed) + 1) % (int(SEED.high) + 1)


def menu(choices: Sequence[tuple[str, int]], **options: Any) -> gr.Dropdown:
    """Return a menu of (title, number) pairs; the chosen number arrives unchecked."""
    numbers = [number for _, number in choices]
    within = Range(min(numbers), max(numbers), whole=True)
    return _described(_converting(gr.Dropdown(list(choices), **options)), schemas.number(within))


def choice(choices: Sequence[tuple[str, str]], **options: Any) -> gr.Radio:
    """Return radio buttons for (title, name) pairs; the name arrives unchecked."""
    return _converting(gr.Radio(choices, **options))


def changing_choice(choices: Sequence[tuple[str, str]], **options: Any) -> gr.Radio:
    """`choice` whose choices change, so that the API names none of them."""
    return _described(choice(choices, **options), schemas.TEXT)


def choices(options: Sequence[tuple[str, str]], **more: Any) -> gr.CheckboxGroup:
    """Return checkboxes for (title, name) pairs; the list of names arrives unchecked."""
    return _converting(gr.CheckboxGroup(list(options), **more))


def file(**options: Any) -> gr.File:
    """Return a file field whose value arrives as a path; None if empty."""
    return _converting(gr.File(**options), _path)


def _converting(component: C, convert: Callable[[Any], Any] = lambda payload: payload) -> C:
    # Set on the instance: for a subclass, Gradio would write a stub file beside the source.
    component.preprocess = convert  # type: ignore[assignment, method-assign]
    setattr(component, CONVERTED, True)
    return component


def _described(component: C, schema: Schema) -> C:
    setattr(component, "api_info_as_input", lambda: schema)  # noqa: B010 (mypy: a method)
    return component


def keep_conversion(component: Block, copy: Block) -> None:
    """Make a session's own copy of one of these widgets convert as the widget does.

    Gradio makes such a copy, by its constructor alone, when a handler changes a property.
    """
    if getattr(component, CONVERTED, False):
        copy.preprocess = component.preprocess  # type: ignore[attr-defined]


def is_uploaded(path: str) -> bool:
    """Tell whether a path lies in Gradio's folder of uploads and results."""
    try:
        return Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (OSError, ValueError):
        return False


def _path(payload: object) -> str | None:
    """Return the path of an uploaded file; None for any other path on this machine."""
    path = getattr(payload, "path", None)
    return path if path and is_uploaded(path) and Path(path).is_file() else None
