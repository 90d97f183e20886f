"""Choosing the picture that every panel works on: from the gallery, drawn, or uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from generative import data, images
from generative.data import gallery, photographed
from generative.data.gallery import Gallery
from generative.errors import InputError
from generative.ui import inputs
from generative.ui.handlers import computing, readable_errors
from generative.ui.notices import read_out
from generative.validation import Images, Range, check_choice

SHOWN = 16
"""Pictures in the gallery."""

CHOOSER = "chooser"
"""Element that holds the choice; panels that have pictures of their own hide it."""

TAKE_THE_BRUSH = """() => setTimeout(() => {
    document.querySelector('#sketch button[aria-label="Brush"]')?.click();
}, 400)"""
"""Without it the pad asks for a tool first, and the first strokes of a visitor do nothing."""

DATASET_CHOICES = [(title, name) for name, title in data.TITLES.items()]


@dataclass(frozen=True)
class PictureChooser:
    """The widgets that the panels read.

    Attributes:
        dataset: id of the data set.
        picture: the chosen picture as the models see it, 28×28.
    """

    dataset: gr.Radio
    picture: gr.Image


def build_picture_chooser(demo: gr.Blocks) -> PictureChooser:
    """Lay out the choice of data set and picture, and fill it when the page loads."""
    with gr.Row(elem_id=CHOOSER):
        with gr.Column(scale=1, min_width=220):
            dataset = inputs.choice(DATASET_CHOICES, value=data.DATASETS[0], label="Data set")
            gr.Markdown("What the models see, 28×28 pixels:")
            picture = inputs.picture(
                label="What the models see",
                show_label=False,
                interactive=False,
                height=230,
                elem_classes="crisp",
                elem_id="picture",
                buttons=["download"],
            )
        with gr.Column(scale=3, min_width=300), gr.Tabs():
            with gr.Tab("Pick one"):
                origin = gr.Markdown()
                shelf = gr.Gallery(
                    label="Pictures to pick",
                    show_label=False,
                    columns=8,
                    rows=2,
                    height=270,
                    format="png",
                    allow_preview=False,
                    interactive=False,
                    elem_classes="crisp",
                    elem_id="gallery",
                    buttons=[],
                )
            with gr.Tab("Draw one") as drawing:
                sketch = inputs.sketch(
                    label="Draw a digit or a garment",
                    canvas_size=(280, 280),
                    fixed_canvas=True,
                    brush=gr.Brush(20, ["#000000", "#777777"], color_mode="fixed"),
                    layers=False,
                    transforms=(),
                    height=360,
                    elem_id="sketch",
                )
            with gr.Tab("Upload one"):
                upload = inputs.picture(
                    label="A photo of one digit or garment on a plain background",
                    sources=["upload", "clipboard", "webcam"],
                    height=260,
                    elem_id="upload",
                )
    chosen = PictureChooser(dataset, picture)
    own = gr.State()
    _wire_gallery(demo, chosen, shelf, origin, own)
    _wire_own_pictures(chosen, sketch, upload, own)
    drawing.select(fn=None, js=TAKE_THE_BRUSH, api_visibility="private")
    return chosen


def show_chooser_in(panels: Sequence[gr.Tab], elsewhere: gr.Tab) -> None:
    """Show the choice in some panels, and hide it in one that does not use it."""
    script = f"() => {{ document.getElementById('{CHOOSER}').style.display = '%s' }}"
    for tab, display in [*((panel, "") for panel in panels), (elsewhere, "none")]:
        tab.select(fn=None, js=script % display, api_visibility="private")


def read_picture(source: str | bytes | None, dataset: str) -> Images:
    """Return an uploaded or drawn picture as the models see it: (1, 28, 28, 1) float32 in [0, 1].

    Raises:
        InputError: no picture, an unreadable one, one that shows nothing, or an unknown data set.
    """
    check_choice("data set", dataset, data.DATASETS)
    if source is None:
        raise InputError("There is no picture yet: pick one, draw one or upload one.")
    opened = read_out("Your picture", images.read(source))
    return photographed.prepare(opened.pixels, dataset)


def show(picture: Images) -> NDArray[np.uint8]:
    """Return a batch of one picture as one picture: (28, 28) uint8."""
    return (picture[0, ..., 0] * 255).round().astype(np.uint8)


def _wire_gallery(
    demo: gr.Blocks,
    chosen: PictureChooser,
    shelf: gr.Gallery,
    origin: gr.Markdown,
    own: gr.State,
) -> None:
    gr.on(
        [demo.load, chosen.dataset.input],
        _fill,
        [chosen.dataset, own],
        [shelf, origin, chosen.picture],
        api_visibility="private",
    )
    shelf.select(_pick, chosen.dataset, [chosen.picture, own], api_visibility="private")


def _wire_own_pictures(
    chosen: PictureChooser, sketch: gr.Sketchpad, upload: gr.Image, own: gr.State
) -> None:
    # A drawing's `input` event comes before the drawing itself does; its `change` event, after.
    for source, taken in ((sketch, sketch.change), (upload, upload.input)):
        taken(
            _take,
            [source, chosen.dataset],
            [chosen.picture, own],
            api_visibility="private",
            trigger_mode="always_last",
            show_progress="hidden",
        )


@computing
def _pictures(dataset: str) -> Gallery:
    return gallery.pictures(dataset)


def _fill(dataset: str, own: str | bytes | None) -> tuple[object, str, NDArray[np.uint8]]:
    """Show the gallery of a data set; choose the visitor's own picture, or the gallery's first."""
    found = _pictures(dataset)
    names = data.CLASSES[dataset]
    items = [(show(found.images[i : i + 1]), names[found.labels[i]]) for i in range(SHOWN)]
    with readable_errors():
        picture = items[0][0] if own is None else show(read_picture(own, dataset))
    return gr.update(value=items, selected_index=None), f"{found.origin}:", picture


def _pick(dataset: str, event: gr.SelectData) -> tuple[NDArray[np.uint8], None]:
    """Choose a picture of the gallery."""
    with readable_errors():
        at = Range(0, SHOWN - 1, whole=True).check_whole("picture", event.index)
        return show(_pictures(dataset).images[at : at + 1]), None


def _take(source: str | bytes | None, dataset: str) -> tuple[object, object]:
    """Choose a drawn or uploaded picture; one that was taken away changes nothing."""
    if source is None:
        return gr.skip(), gr.skip()
    with readable_errors():
        return show(read_picture(source, dataset)), source
