"""The panel "Photographs": take the noise out of a photo, as much of it as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from generative import images
from generative.denoising.photographs import white_noise
from generative.denoising.photographs.removal import STRENGTH
from generative.style_transfer import examples
from generative.ui import inputs, links, schemas
from generative.ui.endpoints import build_endpoint
from generative.ui.glossary import build_text
from generative.ui.handlers import Shelf, computing, respond
from generative.ui.photographs.results import Darkroom, check_upload
from generative.ui.style_transfer.uploads import ChosenPicture, build_picture
from generative.validation import SEED

QUEUE = "photographs"
"""Concurrency id of the queue of photographs: one at a time, so that quick answers pass them."""

IN_QUEUE: dict[str, Any] = {"concurrency_id": QUEUE, "concurrency_limit": 1}

FIRST = "coffee"
ADDED = 25
"""Level of the noise that is added to the examples at first, of 255."""

ABOUT = (
    "The network is told nothing of the noise. The examples are photographs that come with "
    "scikit-image, with noise added here; your own photo gets none unless you ask for it. Point at "
    "either picture for a loupe at 100%."
)
COMPARISON = (
    "The middle of the photograph, as it is and as three methods leave it. The classical ones are "
    "told the level of the noise."
)
API = (
    "Take the noise out of a photograph. Takes a picture file, the level of white noise to add "
    "first (0 to 75 of 255; 0 for none) and its seed, the strength (0 returns the photograph as it "
    "is, 1 takes out all the noise), the shares of that for luminance and for colour, and the "
    "format of the result (png or jpeg). Returns the photograph, upright, in the colours of its "
    "file and with their profile, and figures: the level of the noise that was found, and PSNR and "
    "SSIM before and after if noise was added."
)


def can_build_photographs(shelf: Shelf) -> bool:
    """Tell whether the photo denoiser is there."""
    return shelf.has_roles("photo denoiser")


def build_photographs(shelf: Shelf, tab: gr.Tab) -> None:
    """Lay out the panel in a tab, and wire it."""
    darkroom = Darkroom(shelf)
    build_text(ABOUT, elem_classes="note")
    with gr.Row(elem_id="photographs"):
        with gr.Column(scale=1, min_width=280):
            names = list(examples.CONTENTS)
            photo = build_picture("Photograph", names, FIRST, tab, "photo", check_upload)
            settings = _build_settings(photo)
        with gr.Column(scale=3, min_width=300):
            said = gr.HTML(elem_id="photo-figures", min_height=60)
            with gr.Row():
                pictures = [_result("Before", "photo-before"), _result("After", "photo-after")]
            given = [photo.picture, *settings]
            _build_downloads(darkroom, given)
            _build_comparison(darkroom, given)

    @computing
    def show(picture: str | None, *asked: Any) -> Any:
        return [gr.skip()] * 3 if picture is None else darkroom.show(picture, *asked)

    triggers = [tab.select, photo.picture.change, *(setting.change for setting in settings)]
    respond(triggers, show, given, [said, *pictures], queue=IN_QUEUE)
    _build_endpoint(darkroom)


def _build_settings(photo: ChosenPicture) -> list[gr.Slider | gr.Number]:
    """Lay out what is added and what is taken away, in the order of the handlers' arguments."""
    strength = inputs.slider(STRENGTH, 1, 0.01, label="Strength", elem_id="strength")
    luminance = inputs.slider(STRENGTH, 1, 0.01, label="of the noise in brightness")
    colour = inputs.slider(STRENGTH, 1, 0.01, label="of the noise in colour")
    added = inputs.slider(
        white_noise.LEVEL, ADDED, 1, label="Noise to add, σ of 255", elem_id="added-noise"
    )
    with gr.Row():
        seed = inputs.seed()
        again = gr.Button("New noise", min_width=110)
    again.click(inputs.next_seed, seed, seed, api_visibility="private")
    # A visitor's own photograph has noise enough.
    photo.picture.input(None, None, added, js="() => 0", api_visibility="private")
    links.keep(
        strength=strength,
        brightness_strength=luminance,
        colour_strength=colour,
        added_noise=added,
        added_seed=seed,
    )
    return [added, seed, strength, luminance, colour]


def _result(label: str, name: str) -> gr.Image:
    return gr.Image(
        label=label,
        type="filepath",
        interactive=False,
        elem_id=name,
        elem_classes="under-loupe",
        buttons=["fullscreen"],
        min_width=260,
    )


def _build_downloads(darkroom: Darkroom, given: Sequence[Component]) -> None:
    """Lay out a button for each format: the file is made when it is asked for."""
    file = gr.File(visible="hidden")
    with gr.Row():
        for kind in images.KEPT_AS:
            button = gr.Button(
                f"Download {kind.upper()}", min_width=140, elem_id=f"download-{kind}"
            )
            made = button.click(
                darkroom.save(kind), given, file, api_visibility="private", **IN_QUEUE
            )
            made.success(
                None, file, None, js="(file) => window.saveFile(file)", api_visibility="private"
            )


def _build_comparison(darkroom: Darkroom, given: Sequence[Component]) -> None:
    with gr.Accordion("Beside the classical methods", open=False, elem_id="photo-beside"):
        build_text(COMPARISON, elem_classes="note")
        button = gr.Button("Compare", elem_id="compare-photo")
        shown = gr.HTML(elem_id="photo-comparison")
        button.click(
            computing(darkroom.compare), given, shown, api_visibility="private", **IN_QUEUE
        )


def _build_endpoint(darkroom: Darkroom) -> None:
    share = (schemas.number(STRENGTH), 1.0)
    build_endpoint(
        computing(darkroom.answer),
        {
            "picture": (schemas.file(), None),
            "level": (schemas.number(white_noise.LEVEL), 0),
            "seed": (schemas.number(SEED), 0),
            "strength": share,
            "luminance": share,
            "colour": share,
            "format": (schemas.name(images.KEPT_AS), images.KEPT_AS[0]),
        },
        {"Picture": schemas.file(), "Figures": schemas.RECORD},
        api_name="denoise_photo",
        api_description=API,
        concurrency_id=QUEUE,
    )
