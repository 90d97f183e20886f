"""A contact sheet: the same two pictures at six balances of α and β, small, to choose from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing

import gradio as gr

from generative.studios import Waiting
from generative.style_transfer.options import Pixels, smallest_size
from generative.ui import cards
from generative.ui.handlers import PAINTING_QUEUE, Shelf, readable_errors
from generative.ui.style_transfer.uploads import read_picture

CONTENT_WEIGHTS = (5.0, 0.15)
STYLE_WEIGHTS = (0.1, 1.0, 10.0)
SIZE, STEPS = 160, 50
STEPS_A_FRAME = 5
ABOUT = (
    "Six small paintings, every other setting at its default: α falls from top to bottom, β grows "
    "to the right."
)


def build_sheet(shelf: Shelf, content: gr.Image, style: gr.Image) -> None:
    """Lay out the sheet, which is made on request, and wire it."""
    with gr.Accordion("Contact sheet over α and β", open=False, elem_id="contact-sheet"):
        gr.Markdown(ABOUT)
        with gr.Row():
            make = gr.Button("Make the sheet", elem_id="make-sheet")
            stop = gr.Button("Stop")
        sheet = gr.HTML(min_height=100, elem_id="sheet")
    run = make.click(
        _maker(shelf),
        [content, style],
        sheet,
        api_visibility="private",
        concurrency_id=PAINTING_QUEUE,
        show_progress="minimal",
    )
    stop.click(None, cancels=run, api_visibility="private")


def _maker(shelf: Shelf) -> Callable[[str | None, str | None], Iterator[str]]:
    def make(content: str | None, style: str | None) -> Iterator[str]:
        from generative.style_transfer.painter import sketch

        with readable_errors():
            picture = read_picture("content", content)
            pictures = picture.pixels, read_picture("style", style).pixels
            options = {"size": max(SIZE, smallest_size(*picture.size)), "steps": STEPS}
            balances = list(itertools.product(CONTENT_WEIGHTS, STYLE_WEIGHTS))
            done: list[tuple[str, Pixels]] = []
            for alpha, beta in balances:
                caption = f"α = {alpha:g}, β = {beta:g}"
                now = f"Painting {len(done) + 1} of {len(balances)}…"
                yield _render(done, now, len(done) / len(balances))
                weights = {"content_weight": alpha, "style_weight": beta}
                shown, share = done, len(done) / len(balances)
                with closing(shelf.studio.run(sketch, *pictures, options | weights)) as steps:
                    for step in steps:
                        if isinstance(step, Waiting):
                            yield _render(shown, step.reason or now, share)
                            continue
                        shown = [*done, (caption, step.image)]
                        if step.step % STEPS_A_FRAME == 0:
                            share = (len(done) + step.step / step.total_steps) / len(balances)
                            yield _render(shown, now, share)
                done = shown
            yield _render(done, "Done.", 1.0)

    return make


def _render(done: list[tuple[str, Pixels]], text: str, share: float) -> str:
    return cards.gallery(done) + cards.progress(share, text)
