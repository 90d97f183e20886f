"""A wall: the visitor's photo in every style at once, each a button that chooses the style."""

from __future__ import annotations

from typing import Any

import gradio as gr

from generative.style_transfer import examples, style_pictures
from generative.style_transfer.picture_checks import MIN_SIDE
from generative.style_transfer.resizing import fit, resize
from generative.ui import cards
from generative.ui.handlers import Shelf, computing, readable_errors, respond
from generative.ui.picture_chooser import PRESSED
from generative.ui.style_transfer.instant import network, read
from generative.ui.style_transfer.uploads import ChosenPicture
from generative.validation import Range

SIZE = 192
"""Longest side of a tile, pixels, unless its shortest would be too short to be painted."""

ABOUT = "Press a picture to take its style."


def build_wall(shelf: Shelf, content: gr.Image, style: ChosenPicture) -> None:
    """Lay out the wall, which is painted while it is open, and wire it.

    Args:
        shelf: of the network.
        content: what is painted.
        style: that a press on a tile chooses.
    """
    with gr.Accordion("Your photo in every style", open=False, elem_id="wall") as accordion:
        gr.Markdown(ABOUT, elem_classes="note")
        tiles = gr.HTML(js_on_load=PRESSED, min_height=100, elem_id="wall-tiles")
    respond([accordion.expand, content.change], _painter(shelf), content, tiles, part="wall-tiles")
    unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    tiles.select(pick, None, [style.picture, style.code], **unseen)


def pick(event: gr.SelectData) -> tuple[str, str]:
    """Return the file and the name of the style whose tile was pressed."""
    names = list(style_pictures.STYLES)
    with readable_errors():
        at = Range(0, len(names) - 1, whole=True).check_whole("style", event.index)
        return str(examples.path(names[at])), names[at]


def _painter(shelf: Shelf) -> Any:
    """Return the handler: file of the photo → tiles as HTML."""

    @computing
    def paint(content: str | None) -> str:
        if content is None:
            return cards.empty("Choose a photo first.")
        photo = read("content", content)
        height, width = photo.shape[:2]
        longest = max(SIZE, MIN_SIDE * max(height, width) / min(height, width))
        photo = resize(photo, *fit(height, width, longest))
        model = network(shelf)
        return cards.tiles(
            [
                (style.title, model.stylize(photo, [(examples.load(name), 1.0)]))
                for name, style in style_pictures.STYLES.items()
            ]
        )

    return paint
