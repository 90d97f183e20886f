"""The part "Handwriting": every class in the manner of one picture, by the conditional model."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
import numpy as np

from generative import data, images
from generative.card import Figures
from generative.ui import cards
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text
from generative.ui.handlers import Shelf, computing, respond
from generative.ui.latent_space.setting import CONDITIONAL, Setting, load
from generative.ui.picture_chooser import read_picture

API = (
    "Write every class in the manner of a picture, with the conditional model. Takes a picture "
    "file and the data set. Returns the result as HTML, and the class that the picture was taken "
    "for and the pictures by class (PNG data URLs)."
)


def build_handwriting(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    build_text(
        "### Every class by the same hand\nEvery class in the manner of the picture at the top. "
        "Always by the model that is told the class: its latents are left with the manner."
    )
    shown, result = gr.HTML(elem_id="handwriting", min_height=120), gr.JSON(visible=False)
    respond(
        [setting.picture.change],
        _rewriter(shelf),
        [setting.picture, setting.dataset],
        [shown, result],
        api_name="rewrite",
        api_description=API,
    )


def _rewriter(shelf: Shelf) -> Callable[..., tuple[str, Figures]]:
    @computing
    def rewrite(picture: str | None, dataset: str) -> tuple[str, Figures]:
        model = load(shelf, dataset, CONDITIONAL)
        clean = read_picture(picture, dataset)
        labels = model.most_likely_labels(clean)
        mean, _ = model.encode(clean, labels)
        every = np.arange(model.classes)
        written = model.decode(np.repeat(mean, len(every), axis=0), every)
        names = data.CLASSES[dataset]
        taken_for = names[labels[0]]
        shown = [ResultCard(f"The picture, taken for: {taken_for}", [("", clean[0])])]
        shown += [ResultCard(names[i], [("", written[i])]) for i in every]
        return cards.render(shown, file_name="handwriting.png"), {
            "taken_for": taken_for,
            "images": {names[i]: images.data_uri(written[i]) for i in every},
        }

    return rewrite
