"""The part "Traverse": what each latent does, one strip and one slider for each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from generative import images
from generative.card import Figures
from generative.errors import InputError
from generative.ui import cards, inputs, links
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text, explain
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond
from generative.ui.latent_space.setting import Setting, load
from generative.ui.picture_chooser import read_picture
from generative.validation import IMAGE_SHAPE, Images
from generative.variational.latent_sets import EXTENT, traversals

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

MOST_LATENTS = 32
"""As many sliders there are: a model with more latents needs more."""

UNUSED = 0.05
"""Nats: a latent that carries less than this changes nothing that one could see."""

MARK, NUMBER = re.compile("[0-9a-f]{8}"), re.compile(r"-?\d(\.\d+)?")
VALUES = np.linspace(EXTENT.low, EXTENT.high, 13, dtype=np.float32)
ABOUT = (
    "The picture at the top, with one latent changed at a time. The latents that carry most come "
    "first; those that the model does not use are greyed out."
)
API = (
    "Change one latent of a picture at a time. Takes a picture file, the data set and the model. "
    "Returns the strips as HTML, and the posterior mean, the latents by falling KL divergence, "
    "that divergence in nats, the values given to them, and a strip of pictures for each (PNG data "
    "URLs)."
)


def build_traverse(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    build_text(f"### One latent at a time\n{ABOUT}")
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            decoded = gr.HTML(elem_id="traversed", min_height=200)
            reset = gr.Button("Back to the picture")
            sliders = [
                inputs.slider(EXTENT, 0, 0.05, label=f"z{i + 1}", visible=i < 16)
                for i in range(MOST_LATENTS)
            ]
        with gr.Column(scale=2, min_width=300):
            strips = gr.HTML(elem_id="strips", min_height=200)
    result = gr.JSON(visible=False)
    moved = links.build_unseen()
    links.keep_with("moved", moved, _checked)
    given = [setting.picture, setting.dataset, setting.model]
    # Another data set brings another picture, so it needs no trigger of its own.
    anew = [setting.picture.change, setting.model.input]
    respond(
        anew,
        _traverser(shelf),
        given,
        [strips, result],
        api_name="traverse",
        api_description=API,
    )
    move, place = _mover(shelf), _placer(shelf)
    quiet: dict[str, Any] = {"api_visibility": "private", "concurrency_id": COMPUTE_QUEUE}
    for placed in (
        respond(anew, place, [*given, moved], sliders),
        reset.click(
            place, [*given, moved], sliders, js="(...given) => [...given.slice(0, -1), '']", **quiet
        ),
    ):
        placed.then(move, [*given, *sliders], [decoded, moved], show_progress="hidden", **quiet)
    respond([slider.input for slider in sliders], move, [*given, *sliders], [decoded, moved])


def _traverser(shelf: Shelf) -> Callable[..., tuple[str, Figures]]:
    @computing
    def traverse(picture: str | None, dataset: str, model: str) -> tuple[str, Figures]:
        latent_model = load(shelf, dataset, model)
        posterior = latent_model.infer(read_picture(picture, dataset))
        order, kl = _by_kl(latent_model)
        points = traversals(posterior.mean[0], order, VALUES)
        label = None if posterior.labels is None else int(posterior.labels[0])
        pictures = latent_model.decode(points, label).reshape(len(order), -1, *IMAGE_SHAPE)
        strips = dict(zip(order, pictures, strict=True))
        html = "".join(
            cards.strip(images.grid(strip, columns=len(VALUES)), _title(d), _is_unused(d, kl))
            for d, strip in strips.items()
        )
        scale = f"Every strip goes from {VALUES[0]:g} to {VALUES[-1]:g}."
        costs = ", ".join(f"{_title(d)} {kl[d]:.2f}" for d in order)
        details = cards.details(explain(f"KL divergence, nats a picture: {costs}."))
        return f'{html}<p class="note">{scale}</p>{details}', {
            "latent": posterior.mean[0].round(4).tolist(),
            "order": order,
            "kl": [float(kl[d]) for d in order],
            "values": VALUES.tolist(),
            "images": [[images.data_uri(p) for p in strip] for strip in strips.values()],
        }

    return traverse


def _placer(shelf: Shelf) -> Callable[..., list[Any]]:
    @computing
    def place(picture: str | None, dataset: str, model: str, moved: str) -> list[Any]:
        """Set every slider to where it was moved, or else to the picture's own latent.

        In the order of the strips; a latent beyond its slider's end is set to that end.
        """
        latent_model = load(shelf, dataset, model)
        clean = read_picture(picture, dataset)
        order, kl = _by_kl(latent_model)
        own = _own(latent_model, clean)
        values = _latents_moved(moved, _mark(clean, dataset, model))
        values = values if len(values) == len(own) else own
        used = [
            gr.update(
                value=value,
                label=_title(d),
                interactive=not _is_unused(d, kl),
                visible=True,
            )
            for d, value in zip(order, values, strict=True)
        ]
        return used + [gr.update(visible=False)] * (MOST_LATENTS - len(used))

    return place


def _mover(shelf: Shelf) -> Callable[..., tuple[str, str]]:
    @computing
    def move(picture: str | None, dataset: str, model: str, *values: float) -> tuple[str, str]:
        latent_model = load(shelf, dataset, model)
        clean = read_picture(picture, dataset)
        labels = latent_model.most_likely_labels(clean) if latent_model.classes else None
        order, _ = _by_kl(latent_model)
        latent = np.zeros((1, latent_model.latent_size), np.float32)
        latents = [EXTENT.check("latent", value) for value in values[: len(order)]]
        latent[0, order] = latents
        decoded = latent_model.decode(latent, labels)[0]
        is_moved = latents != _own(latent_model, clean)
        html = cards.render(
            [ResultCard("With these latents", [("picture", clean[0]), ("decoded", decoded)])]
        )
        return html, links.text([_mark(clean, dataset, model), *latents]) if is_moved else ""

    return move


def _own(model: LatentModel, clean: Images) -> list[float]:
    """Return a picture's own latents as the sliders show them, in the order of the strips."""
    mean = model.infer(clean).mean[0]
    order, _ = _by_kl(model)
    return [round(float(np.clip(mean[d], EXTENT.low, EXTENT.high)), 2) for d in order]


def _mark(clean: Images, dataset: str, model: str) -> str:
    """Return what tells one picture, seen by one model, from others."""
    return f"{zlib.crc32(clean.tobytes() + f'{dataset} {model}'.encode()):08x}"


def _latents_moved(moved: str, mark: str) -> list[float]:
    """Return the latents that sliders were moved to; none if it was for another picture."""
    mark_then, *latents = moved.split(links.SEPARATOR)
    return [float(each) for each in latents] if mark_then == mark else []


def _checked(moved: str) -> str:
    """Return what a link says of moved latents.

    Raises:
        InputError: something else than a mark and numbers on the sliders.
    """
    mark, *latents = moved.split(links.SEPARATOR)
    if not MARK.fullmatch(mark) or not 0 < len(latents) <= MOST_LATENTS:
        raise InputError("Invalid latents in a link.")
    for each in latents:
        EXTENT.check("latent", float(each) if NUMBER.fullmatch(each) else each)
    return moved


def _by_kl(model: LatentModel) -> tuple[list[int], list[float]]:
    """Return the latents by falling KL divergence, and the divergence of each, nats."""
    kl = model.card["metrics"].get("kl_per_latent") or [0.0] * model.latent_size
    return np.argsort(kl)[::-1].tolist(), kl


def _is_unused(dimension: int, kl: list[float]) -> bool:
    return any(kl) and kl[dimension] < UNUSED


def _title(dimension: int) -> str:
    return f"z{dimension + 1}"
