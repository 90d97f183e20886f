"""The part "Interpolate": the way from one picture to another, straight and round."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
import numpy as np

from generative import data, images
from generative.card import Figures
from generative.ui import cards, inputs, links
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text
from generative.ui.handlers import Shelf, computing, respond_to_pictures
from generative.ui.latent_space.setting import Setting, load
from generative.ui.latent_space.slots import build_slots, build_swap, follow
from generative.ui.picture_chooser import read_picture
from generative.validation import Images
from generative.variational.films import FILM_STEPS, FRAME_MILLISECONDS, way
from generative.variational.interface import Posterior

TITLES = {"linear": "straight line", "slerp": "great circle"}
ABOUT = (
    "A is the picture at the top, B the one that was there before it: pick two, one after the "
    "other, and see the way between them through the latent space. The ends are posterior "
    "means, so they do not jitter. The great circle keeps the distance to the origin at which "
    "latents are typical."
)
API = (
    "Walk from one picture to another in latent space. Takes two picture files, the data set, the "
    "model and the number of steps. Returns the result as HTML, and for the straight line (linear) "
    "and the great circle (slerp) every step as a PNG data URL and a GIF data URL that goes there "
    "and back."
)


def build_interpolate(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    build_text(f"### From A to B\n{ABOUT}")
    a, b = build_slots("interpolate", "AB", setting)
    follow(a, b, setting)
    build_swap(a, b)
    steps = inputs.slider(FILM_STEPS, 16, 1, label="Steps", elem_id="interpolate-steps")
    links.keep(film_steps=steps)
    shown = gr.HTML(elem_id="interpolation", min_height=200)
    result = gr.JSON(visible=False)
    respond_to_pictures(
        [a.picture, b.picture],
        [steps.input, setting.model.input],
        _interpolator(shelf),
        [a.picture, b.picture, setting.dataset, setting.model, steps],
        [shown, result],
        api_name="interpolate",
        api_description=API,
    )


def _interpolator(shelf: Shelf) -> Callable[..., tuple[str, Figures]]:
    @computing
    def interpolate(
        a: str | None, b: str | None, dataset: str, model: str, steps: int
    ) -> tuple[str, Figures]:
        latent_model = load(shelf, dataset, model)
        ends = np.concatenate([read_picture(a, dataset), read_picture(b, dataset)])
        count = FILM_STEPS.check_whole("number of steps", steps)
        posterior = latent_model.infer(ends)
        films = {path: way(latent_model, posterior, count, path) for path in TITLES}
        rebuilt = latent_model.decode(posterior.mean, posterior.labels)
        figures = {
            path: {
                "images": [images.data_uri(p) for p in film],
                "gif": cards.there_and_back(film, FRAME_MILLISECONDS),
            }
            for path, film in films.items()
        }
        return _render(ends, rebuilt, posterior, dataset, films, figures), figures

    return interpolate


def _render(
    ends: Images,
    rebuilt: Images,
    posterior: Posterior,
    dataset: str,
    films: dict[str, Images],
    figures: Figures,
) -> str:
    labels = posterior.labels
    names = [
        "" if labels is None else f", taken for: {data.CLASSES[dataset][labels[i]]}"
        for i in range(2)
    ]
    ends_shown = cards.render(
        [
            ResultCard(f"{end}{names[i]}", [("picture", ends[i]), ("rebuilt", rebuilt[i])])
            for i, end in enumerate("AB")
        ]
    )
    strips = "".join(
        cards.strip(
            images.grid(film, columns=len(film)), f"A to B, {TITLES[path]}, {len(film)} steps"
        )
        for path, film in films.items()
    )
    animations = "".join(
        cards.film(figures[path]["gif"], films[path][0], f"{title} and back", f"{path}.gif")
        for path, title in TITLES.items()
    )
    return f'{ends_shown}{strips}<div class="films">{animations}</div>'
