"""Errors that stand where they arose, instead of passing by in a corner of the page."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import closing
from html import escape
from typing import Any

import gradio as gr


def build_problem(elem_id: str) -> gr.HTML:
    """Lay out the place where a handler's error stands; empty at first."""
    return gr.HTML(elem_id=elem_id, elem_classes="problem", padding=False)


def standing(
    handler: Callable[..., Iterator[tuple[object, ...]]], shown: int
) -> Callable[..., Iterator[tuple[object, ...]]]:
    """Return a handler that also yields what stands in its `build_problem`.

    Nothing, as long as all goes well; then the sentence of its error, which the page does not show
    a second time.

    Args:
        handler: a generator of tuples.
        shown: values in each of them.
    """

    @functools.wraps(handler)
    def run(*args: Any, **kwargs: Any) -> Iterator[tuple[object, ...]]:
        with closing(handler(*args, **kwargs)) as frames:  # type: ignore[type-var]
            try:
                for frame in frames:
                    yield *frame, ""
            except gr.Error as error:
                sentence = f'<p role="alert">{escape(str(error.message))}</p>'
                yield *(gr.skip() for _ in range(shown)), sentence
                raise gr.Error(error.message, visible=False, print_exception=False) from None

    return run
