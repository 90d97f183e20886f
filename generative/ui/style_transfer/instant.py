"""Drafts on the page: the painting in one pass follows pictures and settings as they change."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr
from gradio.components import Component
from gradio.components.api_component import Api

from generative import images
from generative.card import Figures
from generative.data.splits import EXAMPLES
from generative.style_transfer.options import SIZE, STRENGTH
from generative.style_transfer.picture_checks import (
    Pixels,
    check_picture,
    check_result,
    no_picture,
)
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.settings import AS_PAINTED, CHOICES
from generative.ui import cards, inputs, links, schemas
from generative.ui.endpoints import as_file
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond
from generative.validation import check_choice

WEIGHT_OF_FIRST = 1.0

FOLLOWED = ("style_scale", "colour", "size")
"""Settings of a painting that a draft follows too, beside the weights of the styles."""

LARGEST = 1024
"""Longest side of a draft on the page, pixels: a larger one would not follow the pointer."""

FIRST = cards.empty("Your photo in the style, as soon as both are there.")
ABOUT = (
    "Painted in one pass, in a fraction of a second. Refine goes on from here by optimisation, "
    "which takes seconds to minutes and finds finer strokes."
)
SAVE = (
    '<a class="download" download="draft.jpg" href="#" onclick="this.href = '
    "this.closest('.block').querySelector('.compare img:last-of-type').src\">Download the JPEG</a>"
)
REFINE = """() => {
    document.querySelector('#painting-tab-button').click()
    window.pressOnceOpen('painting-tab', 'paint')
}"""
API = (
    "Paint a photo in the style of another picture in one pass of a network, in a fraction of a "
    "second. Takes the photo and the style picture as files, optionally a second and third style "
    "with their weights (0 to 1000) beside the first's 1, the strength (0 returns the photo, 1 is "
    "full), the size of the strokes, whose colours (style, luminance for the photo's, or "
    "statistics for the style recoloured first), and the longest side in pixels. Returns the "
    "draft as a PNG file, and the seconds that it took."
)


class Instant(NamedTuple):
    """What the tab consists of.

    Attributes:
        tab: that holds the rest.
        draft: photo and draft in one place.
        strength: how far from one to the other.
        refine: goes on by optimisation.
    """

    tab: gr.Tab
    draft: gr.HTML
    strength: gr.Slider
    refine: gr.Button


def lay_out_instant() -> Instant:
    """Lay out the tab; the pictures and settings that it follows come later."""
    with gr.Tab("Instant", elem_id="instant-tab", render_children=True) as tab:
        draft = gr.HTML(FIRST, elem_id="draft", min_height=280)
        strength = inputs.slider(STRENGTH, 1.0, 0.05, label="Strength", elem_id="strength")
        links.keep(strength=strength)
        refine = gr.Button("Refine", variant="primary", elem_id="refine", min_width=80)
        gr.Markdown(ABOUT, elem_classes="note")
    return Instant(tab, draft, strength, refine)


def wire_instant(
    shelf: Shelf, instant: Instant, pictures: Sequence[gr.Image], settings: Mapping[str, Component]
) -> None:
    """Let the draft follow what is chosen.

    Args:
        shelf: of the network.
        instant: the tab.
        pictures: content, and the three styles.
        settings: all of them by their names in `SETTINGS`.
    """
    followed = [
        instant.strength,
        *(settings[name] for name in FOLLOWED),
        *(settings[name] for name in ("second_weight", "third_weight")),
    ]
    with instant.tab:
        respond(
            [*(getattr(each, "change") for each in (*pictures, *followed)), instant.tab.select],  # noqa: B009 (mypy)
            _shower(shelf),
            [*pictures, *followed],
            instant.draft,
        )
    unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    chosen = instant.refine.click(None, None, settings["initial"], js="() => 'draft'", **unseen)
    chosen.then(None, js=REFINE, **unseen)
    _build_api(shelf, instant, pictures, settings)


def _shower(shelf: Shelf) -> Any:
    """Return the handler: files and settings → photo and draft as HTML."""

    @computing
    def show(content: str | None, style: str | None, *others: Any) -> str:
        if content is None or style is None:
            return FIRST
        second, third, strength, style_scale, colour, size, *weights = others
        photo, painted, seconds = _draft(
            shelf,
            content,
            [(style, WEIGHT_OF_FIRST), *zip((second, third), weights, strict=True)],
            strength,
            style_scale,
            colour,
            min(SIZE.check_whole("size", size), LARGEST),
        )
        height, width = painted.shape[:2]
        text = f"{width} × {height} pixels in {seconds:.2f} s."
        return cards.compare(("photo", photo), ("draft", painted)) + (
            f'<p class="note">{text} {SAVE}</p>'
        )

    return show


def _draft(
    shelf: Shelf,
    content: str | None,
    styles: Sequence[tuple[str | None, float]],
    strength: float,
    style_scale: float,
    colour: str,
    size: int,
) -> tuple[Pixels, Pixels, float]:
    """Return the photo at the size of its draft, the draft, and the seconds that it took."""
    size = SIZE.check_whole("size", size)
    check_choice("colours", colour, CHOICES["colour"])
    photo = read("content", content)
    check_result(photo.shape[1], photo.shape[0], size)
    height, width = fit(photo.shape[0], photo.shape[1], size)
    photo = resize(photo, height, width)
    used = [(read("style", file), weight) for file, weight in styles if file is not None]
    if not used:
        raise no_picture("style")
    began = time.perf_counter()
    painted = network(shelf).stylize(
        photo,
        used,
        strength=strength,
        preserve_color=None if colour == AS_PAINTED else colour,
        style_scale=style_scale,
    )
    return photo, painted, time.perf_counter() - began


def _build_api(
    shelf: Shelf, instant: Instant, pictures: Sequence[gr.Image], settings: Mapping[str, Component]
) -> None:
    """Add the endpoint `/draft`."""

    @computing
    def draft(
        content: str | None,
        style: str | None,
        strength: float,
        style_scale: float,
        colour: str,
        size: int,
        second_style: str | None = None,
        second_weight: float = 1.0,
        third_style: str | None = None,
        third_weight: float = 1.0,
    ) -> tuple[dict[str, Any], Figures]:
        if style is None:
            raise no_picture("style")
        styles = [
            (style, WEIGHT_OF_FIRST),
            (second_style, second_weight),
            (third_style, third_weight),
        ]
        _, painted, seconds = _draft(shelf, content, styles, strength, style_scale, colour, size)
        figures = {"seconds": round(seconds, 3), "size": [painted.shape[1], painted.shape[0]]}
        return as_file(painted, "draft.png"), figures

    content, style, second, third = pictures
    scale, colour, size = (settings[name] for name in FOLLOWED)
    gr.Button(visible=False).click(
        draft,
        [
            *(content, style, instant.strength, scale, colour, size),
            *(second, settings["second_weight"], third, settings["third_weight"]),
        ],
        [Api(None, schemas.file(), "Draft"), Api(None, schemas.RECORD, "Figures")],
        api_name="draft",
        api_description=API,
        concurrency_id=COMPUTE_QUEUE,
        show_progress="hidden",
    )


def network(shelf: Shelf) -> Any:
    """Return the network that paints in one pass."""
    return shelf.with_role("draft", EXAMPLES)


def read(name: str, source: str | None) -> Pixels:
    """Return an uploaded picture, shrunk to the size of the largest result.

    Raises:
        InputError: none, an unreadable one, or one that style transfer cannot take.
    """
    if source is None:
        raise no_picture(name)
    opened = images.read(source, longest=int(SIZE.high))
    return check_picture(name, opened.pixels, opened.size)
