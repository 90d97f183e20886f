"""A contact sheet: the same two pictures at six balances of α and β, small, to choose from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import gradio as gr

from generative.style_transfer.options import Pixels
from generative.ui import cards
from generative.ui.serving import Shelf, begun, readable_errors
from generative.ui.style_transfer.pictures import read_picture

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

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
        concurrency_id="painting",
        show_progress="minimal",
    )
    stop.click(None, cancels=run, api_visibility="private")


def _maker(shelf: Shelf) -> Callable[[str | None, str | None], Iterator[str]]:
    def make(content: str | None, style: str | None) -> Iterator[str]:
        with readable_errors():
            pictures = read_picture("content", content), read_picture("style", style)
            done: list[tuple[str, Pixels]] = []
            total = len(CONTENT_WEIGHTS) * len(STYLE_WEIGHTS)
            for alpha in CONTENT_WEIGHTS:
                for beta in STYLE_WEIGHTS:
                    caption = f"α = {alpha:g}, β = {beta:g}"
                    now = f"Painting {len(done) + 1} of {total}…"
                    yield _render(done, now, len(done) / total)
                    picture = None
                    with begun(functools.partial(_begin, shelf, pictures, alpha, beta)) as steps:
                        for step in steps:
                            picture = step.image
                            if step.step % STEPS_A_FRAME == 0:
                                share = (len(done) + step.step / step.total_steps) / total
                                yield _render([*done, (caption, picture)], now, share)
                    if picture is not None:
                        done.append((caption, picture))
            yield _render(done, "Done.", 1.0)

    return make


def _begin(
    shelf: Shelf, pictures: tuple[Pixels, Pixels], alpha: float, beta: float
) -> Iterator[StyleStep]:
    from generative.style_transfer import networks, stylize

    network = networks.load("features", shelf.directory)
    return stylize(
        *pictures, content_weight=alpha, style_weight=beta, size=SIZE, steps=STEPS, network=network
    )


def _render(done: list[tuple[str, Pixels]], text: str, share: float) -> str:
    return cards.gallery(done) + cards.progress(share, text)
