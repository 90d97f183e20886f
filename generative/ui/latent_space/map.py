"""The part "Map": the plane of two latents, to point at and to travel on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.components import Component
from numpy.typing import NDArray

from generative import data, images
from generative.data import gallery
from generative.errors import InputError
from generative.ui import cards, inputs, links, plots, schemas
from generative.ui.cards import ResultCard
from generative.ui.endpoints import build_endpoint
from generative.ui.glossary import build_text
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond
from generative.ui.latent_space.setting import (
    CONDITIONAL,
    FLAT,
    OFFERS,
    Setting,
    about,
    gallery_latents,
    load,
)
from generative.ui.latent_space.uses import build_uses
from generative.ui.picture_chooser import to_pixels
from generative.validation import SIDE, check_choice
from generative.variational.classes import EVERY, labels_for
from generative.variational.interface import COORDINATE, COUNT
from generative.variational.latent_sets import EXTENT, MAP_TILES, plane_grid, resample

SCRIPT = (Path(__file__).parent / "map.js").read_text(encoding="utf-8")
"""Reports a chosen place as `select`, and a path that was dragged as `submit`."""

MARK = "(x, y) => window.latentMap?.mark(x, y)"
PATH_STEPS = 48
MOST_POINTS = 1000
FRAME_MILLISECONDS = 60
SHOWN = 12
"""Of those, in the strip."""

ABOUT = (
    "Every place on this plane is a picture: the model with two latents decodes it. Point at a "
    "place to see it; press and drag a path, and watch it morph. Arrow keys, <kbd>+</kbd> and "
    "<kbd>−</kbd> work too; <kbd>Ctrl</kbd> and the wheel zoom, <kbd>Shift</kbd> and dragging pan. "
    "The dots are the latents of a thousand pictures, coloured by class."
)
POINTED = (
    '<div class="cards"><div class="card"><div class="pictures"><figure>'
    f'<canvas class="crisp" width="{SIDE}" height="{SIDE}"></canvas><figcaption></figcaption>'
    "</figure></div><h4></h4><dl></dl></div></div>"
)
"""Takes the place of the decoded picture, in the same size, while the pointer moves."""

ZOOM = (
    '<div class="zoom"><button data-zoom="2" aria-label="Zoom in">+</button>'
    '<button data-zoom="0.5" aria-label="Zoom out">−</button></div>'
)
DECODE_API = (
    f"Decode latents. Takes the data set, the model ({', '.join(OFFERS)}), a list of latents, each "
    f"a list of numbers, and the class (every, or the name of one; {CONDITIONAL} only). Returns "
    "the pictures as PNG data URLs."
)


def build_map(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part, the first in the panel, and wire it."""
    del tab  # It is shown with the panel, and has no event of its own then.
    build_text(ABOUT)
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            plane = gr.HTML(js_on_load=SCRIPT, elem_id="map", min_height=300)
            dots = gr.Checkbox(True, label="Show the latents", elem_id="map-dots")
        with gr.Column(scale=1, min_width=260, elem_id="map-look"):
            gr.HTML(POINTED, elem_id="map-pointed", min_height=200)
            decoded = gr.HTML(elem_id="map-decoded", min_height=200)
            x, y = (
                inputs.slider(EXTENT, 0, 0.01, label=f"z{i + 1}", elem_id=f"map-z{i + 1}")
                for i in range(2)
            )
            links.keep(z1=x, z2=y)
            drawn = gr.State()
            build_uses(drawn, setting)
            film = gr.HTML(elem_id="map-film")
    quality = gr.HTML(elem_id="map-quality", elem_classes="note")
    _wire_places(shelf, setting, (plane, quality), (x, y), [decoded, drawn])
    setting.dataset.input(lambda: "", None, film, api_visibility="private")
    plane.submit(
        _traveller(shelf),
        setting.dataset,
        film,
        api_visibility="private",
        concurrency_id=COMPUTE_QUEUE,
        show_progress="hidden",
    )
    dots.input(
        None,
        dots,
        js="(on) => document.querySelector('#map').classList.toggle('no-dots', !on)",
        api_visibility="private",
    )
    build_endpoint(
        _api_decoder(shelf),
        {
            "dataset": (schemas.name(data.DATASETS), None),
            "model": (schemas.name(OFFERS), None),
            "latents": (schemas.POINTS, None),
            "label": (schemas.TEXT, EVERY),
        },
        {"Pictures, PNG data URLs": schemas.URLS},
        api_name="decode",
        api_description=DECODE_API,
        concurrency_id=COMPUTE_QUEUE,
    )


def _wire_places(
    shelf: Shelf,
    setting: Setting,
    drawing: tuple[gr.HTML, gr.HTML],
    place: tuple[gr.Slider, gr.Slider],
    shown: list[Component],
) -> None:
    """Decode the place that map or sliders choose; of many that wait, only the last."""
    plane, point = drawing[0], _decoder(shelf)
    given = [setting.dataset, *place]
    # The first, since an event's handlers run one after another.
    plane.select(
        None, None, list(place), js="() => window.latentMap.place()", api_visibility="private"
    )
    quiet: dict[str, Any] = {
        "api_visibility": "private",
        "concurrency_id": COMPUTE_QUEUE,
        "trigger_mode": "always_last",
        "show_progress": "hidden",
    }
    for event in (
        # The map's own place, as that of a waiting event would be the one before it.
        plane.select(
            point, given, shown, js="(dataset) => [dataset, ...window.latentMap.place()]", **quiet
        ),
        gr.on([each.input for each in place], point, given, shown, **quiet),
        respond(
            [setting.panel.select, setting.dataset.input],
            _drawer(shelf),
            setting.dataset,
            list(drawing),
        )
        .then(None, list(place), js=MARK, api_visibility="private")
        .then(point, given, shown, **quiet),
    ):
        event.then(None, js="() => window.latentMap?.arrived()", api_visibility="private")
    gr.on(
        [each.change for each in place],
        None,
        list(place),
        js=MARK,
        api_visibility="private",
    )


def _drawer(shelf: Shelf) -> Callable[[str], tuple[str, str]]:
    @functools.lru_cache(maxsize=len(data.DATASETS))
    def drawn(dataset: str) -> tuple[str, str]:
        model = load(shelf, dataset, FLAT)
        tiles = images.grid(model.decode(plane_grid()), columns=MAP_TILES, gap=0)
        found, classes = gallery.pictures(dataset), data.CLASSES[dataset]
        circles = "".join(
            f'<circle cx="{x:.3f}" cy="{-y:.3f}" r=".03" fill="{plots.COLOURS[label]}"/>'
            for (x, y), label in zip(gallery_latents(model, dataset), found.labels, strict=True)
        )
        span = EXTENT.high - EXTENT.low
        html = (
            '<div class="plane" tabindex="0" role="application" aria-label="Map of two latents: '
            'arrow keys move, plus and minus zoom">'
            f'<img class="tiles" hidden alt="" src="{images.data_uri(tiles)}" '
            f'data-side="{MAP_TILES}" data-low="{EXTENT.low}" data-high="{EXTENT.high}">'
            '<canvas class="ground crisp"></canvas>'
            f'<svg class="over" viewBox="{EXTENT.low} {-EXTENT.high} {span} {span}">'
            f'<g class="dots">{circles}</g><polyline class="path" points=""/>'
            '<circle class="ghost" cx="99" cy="99" r=".09"/>'
            '<circle class="marker" cx="0" cy="0" r=".09"/></svg>'
            f'<canvas class="lens" width="{SIDE}" height="{SIDE}"></canvas>{ZOOM}</div>'
            f"{cards.legend(classes, plots.COLOURS)}"
            f'<p class="note">{escape(found.origin)}.</p>'
        )
        return html, about(model)

    @computing
    def draw(dataset: str) -> tuple[str, str]:
        return drawn(check_choice("data set", dataset, data.DATASETS))

    return draw


def _decoder(shelf: Shelf) -> Callable[[str, float, float], tuple[str, Any]]:
    @computing
    def point(dataset: str, x: float, y: float) -> tuple[str, Any]:
        latent = [[EXTENT.check("latent", value) for value in (x, y)]]
        picture = load(shelf, dataset, FLAT).decode(np.array(latent, np.float32))
        title = f"z = ({latent[0][0]:.2f}, {latent[0][1]:.2f})"
        return cards.render([ResultCard(title, [("", picture[0])])]), to_pixels(picture)

    return point


def _traveller(shelf: Shelf) -> Callable[..., str]:
    @computing
    def travel(dataset: str, event: gr.EventData) -> str:
        points = _path(getattr(event, "_data", None))
        pictures = load(shelf, dataset, FLAT).decode(resample(points, PATH_STEPS))
        gif = cards.there_and_back(pictures, FRAME_MILLISECONDS)
        strip = images.grid(pictures[:: PATH_STEPS // SHOWN], columns=SHOWN)
        return cards.film(gif, pictures[0], "Along the path and back", "path.gif") + cards.strip(
            strip, "Along the path"
        )

    return travel


def _path(sent: object) -> NDArray[np.float32]:
    """Return the path that was dragged: (n, 2) float32.

    Raises:
        InputError: it is not a list of at least two places on the map.
    """
    points = sent.get("points") if isinstance(sent, dict) else None
    if not isinstance(points, list) or not 2 <= len(points) <= MOST_POINTS:
        raise InputError(f"Invalid path. Expected a list of 2 to {MOST_POINTS} places on the map.")
    if not all(isinstance(place, list) and len(place) == 2 for place in points):
        raise InputError("Invalid path. Expected two numbers for every place.")
    return np.array(
        [[EXTENT.check("latent", value) for value in place] for place in points], np.float32
    )


def _api_decoder(shelf: Shelf) -> Callable[..., list[str]]:
    @computing
    def decode(
        dataset: str, model: str, latents: list[list[float]], label: str = EVERY
    ) -> list[str]:
        latent_model = load(shelf, dataset, model)
        size = latent_model.latent_size
        if not isinstance(latents, list) or not all(
            isinstance(latent, list) and len(latent) == size for latent in latents
        ):
            raise InputError(
                f"Invalid latents. Expected a list of latents of {size} numbers each for the model "
                f"{model}."
            )
        COUNT.check("number of latents", len(latents))
        numbers = [[COORDINATE.check("latent", x) for x in latent] for latent in latents]
        points = np.array(numbers, np.float32)
        labels = labels_for(label, len(points), dataset, latent_model)
        return [images.data_uri(picture) for picture in latent_model.decode(points, labels)]

    return decode
