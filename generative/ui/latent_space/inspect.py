"""The part "What the model thinks": one picture through its eyes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np

from generative import data, images
from generative.card import Figures
from generative.data import gallery
from generative.data.gallery import Gallery
from generative.ui import cards, plots
from generative.ui.cards import ResultCard
from generative.ui.glossary import explain
from generative.ui.handlers import Shelf, computing, respond
from generative.ui.latent_space.setting import CONDITIONAL, FLAT, Setting, gallery_latents, load
from generative.ui.picture_chooser import read_picture
from generative.validation import Images
from generative.variational.inspection import Inspection, inspect

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

API = (
    "What a model makes of a picture. Takes a picture file, the data set and the model. Returns "
    "the result as HTML, plots of the posterior and of the picture's place on the map of two "
    "latents, and: cost in nats, percentile among held-out pictures, class taken for "
    f"({CONDITIONAL}), "
    "posterior mean and log-variance, reconstruction and nearest pictures (PNG data URLs)."
)


def build_inspect(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    gr.Markdown("### What the model thinks\nThe picture at the top as the model sees it.")
    shown = gr.HTML(elem_id="inspection", min_height=200)
    with gr.Row():
        posterior, place = (
            gr.Image(
                label=label,
                format="png",
                interactive=False,
                min_width=300,
                elem_classes="plot",
                buttons=[],
            )
            for label in (
                "Posterior: mean ± σ of every latent",
                "Its place on the map of 2 latents",
            )
        )
    result = gr.JSON(visible=False)
    respond(
        [setting.picture.change, setting.model.input],
        _inspector(shelf),
        [setting.picture, setting.dataset, setting.model],
        [shown, posterior, place, result],
        api_name="inspect",
        api_description=API,
    )


def _inspector(
    shelf: Shelf,
) -> Callable[..., tuple[str, plots.Plot, plots.Plot, Figures]]:
    @computing
    def handle(
        picture: str | None, dataset: str, model: str
    ) -> tuple[str, plots.Plot, plots.Plot, Figures]:
        latent_model = load(shelf, dataset, model)
        clean = read_picture(picture, dataset)
        known = gallery.pictures(dataset)
        seen = inspect(latent_model, clean, known.images, gallery_latents(latent_model, dataset))
        flat = load(shelf, dataset, FLAT)
        return (
            _render(clean, seen, known, dataset),
            plots.posterior(seen.posterior.mean[0], np.exp(seen.posterior.log_variance[0] / 2)),
            _place(flat, clean, known, dataset),
            _figures(seen, known, dataset),
        )

    return handle


def _render(clean: Images, seen: Inspection, known: Gallery, dataset: str) -> str:
    figures = []
    if seen.posterior.labels is not None:
        figures.append(("Taken for", data.CLASSES[dataset][seen.posterior.labels[0]]))
    cost = (
        f"By one sample (seed 0) it costs {seen.negative_elbo:.1f} nats, {seen.excess:.1f} of them "
        "above the floor of its greys."
    )
    card = ResultCard(
        "Your picture", [("picture", clean[0]), ("rebuilt", seen.reconstruction[0])], figures
    )
    neighbours = cards.strip(
        images.grid(known.images[seen.neighbours], columns=len(seen.neighbours)),
        f"Nearest to it in latent space. {known.origin}.",
    )
    return (
        cards.render([card], _verdict(seen.percentile)) + cards.details(explain(cost)) + neighbours
    )


def _verdict(percentile: float | None) -> str:
    if percentile is None:
        return "How unusual it is we cannot say: this checkpoint has not been evaluated."
    if percentile >= 99.5:
        return "More unusual than at least 99 of 100 held-out pictures."
    return f"More unusual than {percentile:.0f} of 100 held-out pictures."


def _place(flat: LatentModel, clean: Images, known: Gallery, dataset: str) -> plots.Plot:
    """Return the map of two latents with the picture ringed."""
    means = gallery_latents(flat, dataset)
    return plots.latent_map(
        np.concatenate([means, flat.infer(clean).mean]), known.labels, data.CLASSES[dataset]
    )


def _figures(seen: Inspection, known: Gallery, dataset: str) -> Figures:
    labels = seen.posterior.labels
    return {
        "negative_elbo": round(seen.negative_elbo, 3),
        "excess": round(seen.excess, 3),
        "percentile": None if seen.percentile is None else round(seen.percentile, 1),
        "taken_for": None if labels is None else data.CLASSES[dataset][labels[0]],
        "mean": seen.posterior.mean[0].round(4).tolist(),
        "log_variance": seen.posterior.log_variance[0].round(4).tolist(),
        "reconstruction": images.data_uri(seen.reconstruction[0]),
        "neighbours": [images.data_uri(known.images[i]) for i in seen.neighbours],
    }
