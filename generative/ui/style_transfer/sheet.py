"""A contact sheet: the same two pictures at six balances of α and β, small, to choose from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import gradio as gr

from generative.style_transfer.picture_checks import Pixels, smallest_size
from generative.ui import cards
from generative.ui.handlers import PAINTING_QUEUE, Shelf, readable_errors, stop_with
from generative.ui.picture_chooser import PRESSED
from generative.ui.standing_errors import build_problem, standing
from generative.ui.style_transfer.series import paint_series
from generative.ui.style_transfer.uploads import read_picture
from generative.ui.waiting import build_waiting, look_after
from generative.validation import Range

CONTENT_WEIGHTS = (5.0, 0.15)
STYLE_WEIGHTS = (0.1, 1.0, 10.0)
SIZE, STEPS = 160, 50
ABOUT = (
    "Six small paintings, every other setting at its default: α falls from top to bottom, β grows "
    "to the right. Press one to take over its α and β."
)
BALANCES = [*itertools.product(CONTENT_WEIGHTS, STYLE_WEIGHTS)]
"""(α, β) of every painting, in reading order."""


def build_sheet(
    shelf: Shelf, content: gr.Image, style: gr.Image, alpha: gr.Number, beta: gr.Number
) -> None:
    """Lay out the sheet, which is made on request, and wire it.

    Args:
        shelf: whose studio paints it.
        content: what is painted.
        style: whose style.
        alpha: the content's weight, which a press on a painting sets.
        beta: the style's, the same.
    """
    with gr.Accordion("Contact sheet over α and β", open=False, elem_id="contact-sheet"):
        gr.Markdown(ABOUT)
        with gr.Row():
            make = gr.Button("Make the sheet", elem_id="make-sheet")
            stop = gr.Button("Stop")
        problem = build_problem("sheet-problem")
        waiting = build_waiting(PAINTING_QUEUE)
        look_after(waiting, make)
        sheet = gr.HTML(js_on_load=PRESSED, min_height=100, elem_id="sheet")
        said = gr.HTML('<p role="status"></p>', elem_id="sheet-said", elem_classes="note")
    unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    run = make.click(
        standing(maker(shelf), 1),
        [content, style],
        [sheet, problem],
        concurrency_id=PAINTING_QUEUE,
        **unseen,
    )
    run.then(None, js="() => window.stopped('#sheet')", **unseen)
    stop_with(stop, run)
    sheet.select(take_over, None, [alpha, beta, said], **unseen)


def take_over(event: gr.SelectData) -> tuple[float, float, str]:
    """Return α and β of the painting that was pressed, and say so."""
    with readable_errors():
        at = Range(0, len(BALANCES) - 1, whole=True).check_whole("painting", event.index)
        alpha, beta = BALANCES[at]
        return alpha, beta, f'<p role="status">{_caption(alpha, beta)} is set above.</p>'


def maker(shelf: Shelf) -> Callable[[str | None, str | None], Iterator[tuple[str]]]:
    """Return the handler that makes the sheet: files of content and style → the sheet so far."""

    def make(content: str | None, style: str | None) -> Iterator[tuple[str]]:
        from generative.style_transfer.painter import paint_once

        with readable_errors():
            picture = read_picture("content", content)
            pictures = picture.pixels, read_picture("style", style).pixels
            options = {"size": max(SIZE, smallest_size(*picture.size)), "steps": STEPS}
            run = partial(shelf.studio.run, paint_once, *pictures)
            paintings = [
                (
                    _caption(alpha, beta),
                    partial(run, options | {"content_weight": alpha, "style_weight": beta}),
                )
                for alpha, beta in BALANCES
            ]
            done: list[tuple[str, Pixels]] = []
            with closing(paint_series(paintings)) as series:
                for reached in series:
                    done = reached.pictures
                    now = reached.reason or f"Painting {reached.number} of {len(BALANCES)}…"
                    yield _render(done, now, reached.share)
            yield _render(done, "Done.", 1.0)

    return make


def _caption(alpha: float, beta: float) -> str:
    return f"α = {alpha:g}, β = {beta:g}"


def _render(done: list[tuple[str, Pixels]], text: str, share: float) -> tuple[str]:
    return (cards.tiles(done) + cards.progress(share, text),)
