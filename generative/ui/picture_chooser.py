"""Choosing the picture that every panel works on: from the gallery, drawn, or uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from generative import data, images
from generative.data import gallery, photographed
from generative.data.gallery import Gallery
from generative.errors import InputError
from generative.ui import cards, inputs, links, picture_codes
from generative.ui.drawing_pad import build_drawing_pad, drawing
from generative.ui.handlers import Trigger, computing, readable_errors
from generative.ui.notices import read_out
from generative.ui.picture_codes import of_pixels
from generative.validation import Images, Range, check_choice

CHOOSER = "chooser"
"""Element that holds the choice; the style sheet hides it where it is not used."""

PRESSED = """element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-index]')
    if (!button) return
    element.querySelector('[aria-pressed="true"]')?.setAttribute('aria-pressed', 'false')
    button.setAttribute('aria-pressed', 'true')
    trigger('select', {index: Number(button.dataset.index), value: null})
})"""
"""For pictures that are buttons: the one that was clicked stays pressed, and is reported."""

FIRST = picture_codes.of_gallery(data.DATASETS[0], 0)
"""Code of the picture that the page opens with."""

DATASET_CHOICES = [(title, name) for name, title in data.TITLES.items()]


@dataclass(frozen=True)
class PictureChooser:
    """The widgets that the panels read.

    Attributes:
        dataset: id of the data set.
        picture: the chosen picture as the models see it, 28×28.
        code: what stands for it in a link.
        shelf: the pictures to pick from.
    """

    dataset: gr.Radio
    picture: gr.Image
    code: gr.Textbox
    shelf: gr.HTML


def build_picture_chooser() -> PictureChooser:
    """Lay out the choice of data set and picture; `open_gallery` fills it."""
    with gr.Row(elem_id=CHOOSER):
        with gr.Column(min_width=84):
            picture = inputs.picture(
                label="What the models see, 28×28 pixels",
                show_label=False,
                interactive=False,
                height=116,
                elem_classes="crisp",
                elem_id="picture",
                buttons=[],
            )
        with gr.Column(scale=1):
            dataset = inputs.choice(
                DATASET_CHOICES, value=data.DATASETS[0], label="Data set", elem_id="dataset"
            )
            with gr.Tabs(elem_id="sources", overflow_behavior="wrap"):
                with gr.Tab("Pick"):
                    shelf = gr.HTML(js_on_load=PRESSED, elem_id="gallery", min_height=62)
                with gr.Tab("Draw"):
                    pad = build_drawing_pad("sketch")
                with gr.Tab("Upload"):
                    upload = inputs.picture(
                        label="A photo of one digit or garment on a plain background",
                        sources=["upload", "clipboard", "webcam"],
                        height=220,
                        elem_id="upload",
                    )
    chosen = PictureChooser(dataset, picture, build_code("picture", picture, FIRST), shelf)
    links.keep(dataset=dataset)
    own = gr.State()
    _wire_gallery(chosen, own)
    _wire_own_pictures(chosen, pad, upload, own)
    return chosen


def build_code(name: str, picture: gr.Image, usual: str = "") -> gr.Textbox:
    """Lay out what holds a picture's code, unseen, and keep it in links unless it is the usual."""
    code = links.build_unseen()
    links.keep_with(name, code, _checked_code, (picture, picture_codes.read), usual=usual)
    return code


def _checked_code(code: str) -> str:
    picture_codes.read(code)
    return code


def open_gallery(after: Trigger, chosen: PictureChooser) -> None:
    """Show the pictures to pick from, and choose the first unless a link chose one."""
    after(
        _open,
        [chosen.dataset, chosen.code],
        [chosen.shelf, chosen.picture, chosen.code],
        api_visibility="private",
        show_progress="hidden",
    )


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


def to_pixels(picture: Images) -> NDArray[np.uint8]:
    """Return a batch of one picture as one picture: (28, 28) uint8."""
    return images.to_uint8(picture[0, ..., 0])


def _wire_gallery(chosen: PictureChooser, own: gr.State) -> None:
    chosen.dataset.input(
        _fill,
        [chosen.dataset, own, chosen.code],
        [chosen.shelf, chosen.picture, chosen.code],
        api_visibility="private",
        show_progress="hidden",
    )
    chosen.shelf.select(
        _pick,
        chosen.dataset,
        [chosen.picture, chosen.code, own],
        api_visibility="private",
        show_progress="hidden",
    )


def _wire_own_pictures(
    chosen: PictureChooser, pad: gr.HTML, upload: gr.Image, own: gr.State
) -> None:
    options: dict[str, Any] = {
        "outputs": [chosen.picture, chosen.code, own],
        "api_visibility": "private",
        "trigger_mode": "always_last",
        "show_progress": "hidden",
    }
    pad.submit(_take_drawing, chosen.dataset, **options)
    taken = upload.input(_take, [upload, chosen.dataset], **options)
    # What cannot be used is not left standing there as a broken picture.
    taken.failure(None, None, upload, js="() => null", api_visibility="private")


@computing
def _pictures(dataset: str) -> Gallery:
    return gallery.pictures(dataset)


def _open(dataset: str, code: str) -> tuple[object, object, object]:
    """Show the picked pictures of a data set; choose the first where there is no code yet."""
    found = _pictures(dataset)
    with readable_errors():
        if code:
            return _shelf(found, dataset), gr.skip(), gr.skip()
        return _shelf(found, dataset), *_picked(found, dataset, 0)


def _fill(dataset: str, own: str | bytes | None, code: str) -> tuple[str, NDArray[np.uint8], str]:
    """Show the picked pictures of a data set; choose the visitor's own, or the first of them."""
    found = _pictures(dataset)
    with readable_errors():
        if own is None:
            return _shelf(found, dataset), *_picked(found, dataset, 0)
        prepared = to_pixels(read_picture(own, dataset))
        is_photo = code == links.OWN
        return _shelf(found, dataset), prepared, code if is_photo else of_pixels(prepared)


def _picked(found: Gallery, dataset: str, at: int) -> tuple[NDArray[np.uint8], str]:
    """Return one of the pictures to pick from, and its code."""
    return to_pixels(found.images[found.picked[at]][None]), picture_codes.of_gallery(dataset, at)


def _shelf(found: Gallery, dataset: str) -> str:
    """Return the picked pictures as buttons, above a sentence on where they come from."""
    names = data.CLASSES[dataset]
    buttons = "".join(
        f'<button data-index="{at}" aria-pressed="false">'
        f"{cards.image(found.images[index], names[found.labels[index]])}</button>"
        for at, index in enumerate(found.picked)
    )
    return f'<div class="strip-of-pictures">{buttons}</div><p class="note">{found.origin}.</p>'


def _pick(dataset: str, event: gr.SelectData) -> tuple[NDArray[np.uint8], str, None]:
    """Choose one of the picked pictures."""
    with readable_errors():
        found = _pictures(dataset)
        within = Range(0, len(found.picked) - 1, whole=True)
        return *_picked(found, dataset, within.check_whole("picture", event.index)), None


def _take_drawing(dataset: str, event: gr.EventData) -> tuple[object, object, object]:
    """Choose what was drawn."""
    with readable_errors():
        drawn = drawing(event)
        picture, _, own = _take(drawn, dataset)
        return picture, of_pixels(np.asarray(picture)), own


def _take(source: str | bytes | None, dataset: str) -> tuple[object, object, object]:
    """Choose a drawn or uploaded picture; one that was taken away changes nothing."""
    if source is None:
        return gr.skip(), gr.skip(), gr.skip()
    with readable_errors():
        return to_pixels(read_picture(source, dataset)), links.OWN, source
