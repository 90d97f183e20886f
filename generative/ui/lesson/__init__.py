"""The lesson: six short chapters, from PCA to style, each with one control to play with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from generative.autoencoders import principal_components
from generative.data import noise
from generative.style_transfer import shuffling
from generative.ui import inputs, links
from generative.ui.glossary import build_text, explain
from generative.ui.handlers import Shelf, respond
from generative.ui.lesson import chapters
from generative.ui.lesson.chapters import Chapter
from generative.ui.lesson.controls import (
    NEEDED,
    PLACE,
    SHARE,
    WIDTH,
    Control,
    cut,
    erase,
    go_between,
    keep_components,
    spoil,
    widen,
)
from generative.ui.picture_chooser import PictureChooser
from generative.validation import Range

SCRIPT = (Path(__file__).parent / "lesson.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class PlayedChapter:
    """A chapter with its one control.

    Attributes:
        words: what it says.
        label, within, value, step: of the control's slider.
        control: makes what answers it.
    """

    words: Chapter
    label: str
    within: Range
    value: float
    step: float
    control: Callable[[Shelf], Control]


CHAPTERS = {
    "components": PlayedChapter(
        chapters.LINEAR, "Numbers kept", principal_components.KEPT, 8, 1, keep_components
    ),
    "erased": PlayedChapter(chapters.CODES, "Number to erase", PLACE, 1, 1, erase),
    "spoiled": PlayedChapter(chapters.NOISE, "Level of the noise", noise.LEVEL, 0.5, 0.01, spoil),
    "width": PlayedChapter(chapters.VARIATIONAL, "σ, times", WIDTH, 1, 0.05, widen),
    "between": PlayedChapter(chapters.SPACE, "Share of the way", SHARE, 0.5, 0.01, go_between),
    "tiles": PlayedChapter(chapters.STYLE, "Tiles along a side", shuffling.TILES, 4, 1, cut),
}
"""By the names of their controls in links."""


def can_build_lesson(shelf: Shelf) -> bool:
    """Tell whether the checkpoints that the chapters play with are there."""
    return shelf.has_roles(*NEEDED)


def build_lesson(shelf: Shelf, chosen: PictureChooser) -> None:
    """Lay out the chapters."""
    gr.HTML(
        '<button class="projector" aria-pressed="false">For the projector</button>',
        js_on_load=SCRIPT,
    )
    controls = [each.control(shelf) for each in CHAPTERS.values()]
    laid_out = [
        _lay_out(name, number, each) for number, (name, each) in enumerate(CHAPTERS.items(), 1)
    ]
    sliders = [slider for slider, _ in laid_out]
    shown = [answer for _, answer in laid_out]
    given = [chosen.picture, chosen.dataset]
    for control, slider, answer in zip(controls, sliders, shown, strict=True):
        respond([slider.input], control, [*given, slider], answer)

    def answer_all(picture: str | None, dataset: str, *values: float) -> list[object]:
        return [
            control(picture, dataset, value)
            for control, value in zip(controls, values, strict=True)
        ]

    respond([chosen.picture.change], answer_all, [*given, *sliders], shown)


def _lay_out(name: str, number: int, chapter: PlayedChapter) -> tuple[gr.Slider, gr.HTML]:
    """Lay out one chapter; return its control, and where that is answered."""
    words = chapter.words
    with gr.Column(elem_classes="chapter"):
        build_text(f"### {number}. {words.title}\n{words.sentence}\n\n**{words.question}**")
        slider = inputs.slider(
            chapter.within,
            chapter.value,
            chapter.step,
            label=chapter.label,
            elem_id=f"lesson-{name}",
        )
        links.keep(**{name: slider})
        shown = gr.HTML(elem_id=f"lesson-{name}-shown", min_height=150)
        gr.HTML(
            "<details><summary>The surprise</summary>"
            f"<p>{explain(escape(words.surprise))}</p></details>"
            f'<p class="formula">{escape(words.formula)}</p>'
            "<details><summary>In Keras</summary>"
            f'<div class="listing"><button class="copy">Copy</button>'
            f'<pre tabindex="0"><code>{escape(words.listing)}</code></pre></div></details>',
            js_on_load=SCRIPT,
        )
    return slider, shown
