"""What every part of the panel shares: which model, which data set, which picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradio as gr

from generative import data
from generative.data import gallery
from generative.models import Role, compared_in, with_role
from generative.ui import cards, inputs, links
from generative.ui.glossary import explain
from generative.ui.handlers import Shelf
from generative.ui.picture_chooser import PictureChooser
from generative.validation import check_choice
from generative.variational.paths import Latents

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

OFFERS = compared_in("latent space")
NEEDED: tuple[Role, ...] = ("map", "latent model", "told the class")
"""What the parts cannot do without: for the map, as the first choice, for the handwriting."""

FLAT, USUAL, CONDITIONAL = (with_role(role).name for role in NEEDED)

FLOOR = "Grey pixels alone cost the floor, whatever the model."


@dataclass(frozen=True)
class Setting:
    """The widgets that the parts read.

    Attributes:
        model: key of `OFFERS`.
        dataset: id of the data set.
        picture: the chosen picture as the models see it, 28×28.
        code: what stands for it in a link.
        panel: the tab of the whole panel; what its parts show first is made when it is opened.
    """

    model: gr.Radio
    dataset: gr.Radio
    picture: gr.Image
    code: gr.Textbox
    panel: gr.Tab


def build_setting(shelf: Shelf, chosen: PictureChooser, panel: gr.Tab) -> Setting:
    """Lay out the choice of model; those without checkpoints are not offered."""
    model = inputs.choice(
        [(offer.title, name) for name, offer in OFFERS.items() if shelf.has(offer)],
        value=USUAL,
        label="Model",
        elem_id="latent-model",
    )
    links.keep(model=model)
    return Setting(model, chosen.dataset, chosen.picture, chosen.code, panel)


def load(shelf: Shelf, dataset: str, model: str) -> LatentModel:
    """Return the trained model that a visitor chose.

    Raises:
        InputError: unknown data set or model.
        CheckpointError: it is not here.
    """
    check_choice("data set", dataset, data.DATASETS)
    offer = OFFERS[check_choice("model", model, OFFERS)]
    chosen: LatentModel = shelf.get(offer.model, dataset, offer.variant)
    return chosen


def about(model: LatentModel) -> str:
    """Return what a visitor should know about a model, as HTML."""
    metrics = model.card["metrics"]
    if "negative_elbo" not in metrics:
        return "This checkpoint has not been evaluated: run <code>python train.py evaluate</code>."
    floor = metrics["negative_elbo"] - metrics["over_floor"]
    used = f"{metrics['active_latents']} of {model.latent_size} latents are in use."
    details = (
        f"A held-out picture costs {metrics['negative_elbo']:.1f} nats, the negative ELBO: "
        f"reconstruction {metrics['reconstruction']:.1f} + KL divergence {metrics['kl']:.1f}. By "
        f"importance sampling, 500 draws, it is {metrics['importance_weighted_500']:.1f}; the "
        f"floor is {floor:.1f}. {FLOOR}"
    )
    return explain(f"{used} {cards.details(details)}")


@functools.lru_cache(maxsize=8)
def gallery_latents(model: LatentModel, dataset: str) -> Latents:
    """Return the means of a data set's gallery, (n, z); a conditional model is told the classes."""
    found = gallery.pictures(dataset)
    means, _ = model.encode(found.images, found.labels if model.classes else None)
    return means
