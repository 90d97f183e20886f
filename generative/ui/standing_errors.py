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


def sentence(error: object) -> str:
    """Return an error's sentence as HTML for this place."""
    return f'<p role="alert">{escape(str(error))}</p>'


def standing(
    handler: Callable[..., Iterator[tuple[object, ...]]], shown: int
) -> Callable[..., Iterator[tuple[object, ...]]]:
    """Return a handler that also yields what stands in its `build_problem`.

    The first tuple empties it, and the others leave it as it is; at last, it holds the sentence of
    the handler's error, if there is one, which the page does not show a second time.

    Args:
        handler: a generator of tuples.
        shown: values in each of them.
    """

    @functools.wraps(handler)
    def run(*args: Any, **kwargs: Any) -> Iterator[tuple[object, ...]]:
        with closing(handler(*args, **kwargs)) as frames:  # type: ignore[type-var]
            stands: object = ""
            try:
                for frame in frames:
                    yield *frame, stands
                    stands = gr.skip()
            except gr.Error as error:
                yield *(gr.skip() for _ in range(shown)), sentence(error.message)
                raise gr.Error(error.message, visible=False, print_exception=False) from None

    return run
