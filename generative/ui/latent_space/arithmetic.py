"""The part "Arithmetic": A − B + C, and directions from one class to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from generative import data, images
from generative.card import Figures
from generative.data import gallery
from generative.ui import cards, inputs, links
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond, respond_to_pictures
from generative.ui.latent_space.setting import Setting, gallery_latents, load
from generative.ui.latent_space.slots import build_slots, build_takes
from generative.ui.picture_chooser import read_picture
from generative.validation import Images, Range, check_choice
from generative.variational.latent_sets import attribute_vector
from generative.variational.paths import Latents

CLASS = Range(0, data.CLASS_COUNT - 1, whole=True)
AMOUNT = Range(0, 2)
SOURCE, TARGET = 7, 9
"""Classes to begin with: sneaker and ankle boot, or 7 and 9."""

AMOUNTS = np.linspace(AMOUNT.low, AMOUNT.high, 9, dtype=np.float32)
API = (
    "Add and subtract latents. Takes three picture files A, B and C, the data set and the model. "
    "Returns the result of A − B + C as HTML, and its latent and picture (a PNG data URL)."
)
VECTOR_API = (
    "Move a picture from one class towards another. Takes a picture file, the data set, the model, "
    "the numbers of the class to leave and of the class to go to (0 to 9, in the data set's "
    "order), and the amount from 0 to 2. Returns the result as HTML, and its latent and picture (a "
    "PNG data URL)."
)
TOLD = (
    "This model is told the class, so its latents hold little of it: choose a model that is not, "
    "or see Handwriting."
)


def build_arithmetic(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    gr.Markdown("### A − B + C\nWhat A has and B has not, added to C.")
    slots = build_slots("arithmetic", "ABC", setting, first=2)
    build_takes(slots, "ABC", setting)
    _wire_sum(shelf, setting, [slot.picture for slot in slots])
    build_text(
        "### From one class to another\nThe difference of two classes' mean latents, added to the "
        "picture at the top: ankle boot − sneaker, for example."
    )
    with gr.Row():
        classes = _class_choices(data.DATASETS[0])
        source = inputs.menu(classes, value=SOURCE, label="From", elem_id="class-from")
        target = inputs.menu(classes, value=TARGET, label="To", elem_id="class-to")
        amount = inputs.slider(AMOUNT, 1.0, 0.05, label="Amount", elem_id="amount")
    links.keep(leave=source, go_to=target, amount=amount)
    _wire_vector(shelf, setting, tab, source, target, amount)


def _wire_sum(shelf: Shelf, setting: Setting, slots: list[gr.Image]) -> None:
    shown, result = gr.HTML(elem_id="sum", min_height=120), gr.JSON(visible=False)
    respond_to_pictures(
        slots,
        [setting.model.input],
        _adder(shelf),
        [*slots, setting.dataset, setting.model],
        [shown, result],
        api_name="arithmetic",
        api_description=API,
    )


def _wire_vector(
    shelf: Shelf,
    setting: Setting,
    tab: gr.Tab,
    source: gr.Dropdown,
    target: gr.Dropdown,
    amount: gr.Slider,
) -> None:
    shown, result = gr.HTML(elem_id="moved", min_height=120), gr.JSON(visible=False)
    given = [setting.picture, setting.dataset, setting.model, source, target, amount]
    move = _class_mover(shelf)
    respond(
        [source.input, target.input, amount.input, setting.picture.change, setting.model.input],
        move,
        given,
        [shown, result],
        api_name="attribute",
        api_description=VECTOR_API,
    )
    respond(
        [tab.select, setting.dataset.input], _name_classes, setting.dataset, [source, target]
    ).then(
        move,
        given,
        [shown, result],
        api_visibility="private",
        concurrency_id=COMPUTE_QUEUE,
        trigger_mode="always_last",
    )


@computing
def _name_classes(dataset: str) -> list[Any]:
    """Name the classes as the data set does; those chosen stay chosen, by number."""
    return [gr.update(choices=_class_choices(check_choice("data set", dataset, data.DATASETS)))] * 2


def _class_choices(dataset: str) -> list[tuple[str, int]]:
    return [(name, number) for number, name in enumerate(data.CLASSES[dataset])]


def _adder(shelf: Shelf) -> Callable[..., tuple[str, Figures]]:
    @computing
    def add(
        a: str | None, b: str | None, c: str | None, dataset: str, model: str
    ) -> tuple[str, Figures]:
        latent_model = load(shelf, dataset, model)
        pictures = np.concatenate([read_picture(each, dataset) for each in (a, b, c)])
        posterior = latent_model.infer(pictures)
        latent = posterior.mean[0] - posterior.mean[1] + posterior.mean[2]
        # A conditional model's latents know no class: what is written is the class of C.
        label = None if posterior.labels is None else int(posterior.labels[2])
        decoded = latent_model.decode(latent[None], label)[0]
        rebuilt = latent_model.decode(posterior.mean, posterior.labels)
        shown = [
            ResultCard(name, [("picture", picture), ("rebuilt", again)])
            for name, picture, again in zip("ABC", pictures, rebuilt, strict=True)
        ]
        html = cards.render([*shown, ResultCard("A − B + C", [("", decoded)], badge="result")])
        return html, _figures(latent, decoded)

    return add


def _class_mover(shelf: Shelf) -> Callable[..., tuple[str, Figures]]:
    @computing
    def move(
        picture: str | None, dataset: str, model: str, source: int, target: int, amount: float
    ) -> tuple[str, Figures]:
        latent_model = load(shelf, dataset, model)
        clean = read_picture(picture, dataset)
        ends = [CLASS.check_whole("class", number) for number in (source, target)]
        names = [data.CLASSES[dataset][number] for number in ends]
        share = AMOUNT.check("amount", amount)
        direction = attribute_vector(
            gallery_latents(latent_model, dataset), gallery.pictures(dataset).labels, *ends
        )
        posterior = latent_model.infer(clean)
        points = posterior.mean + np.append(AMOUNTS, np.float32(share))[:, None] * direction
        label = None if posterior.labels is None else int(posterior.labels[0])
        *strip, decoded = latent_model.decode(points.astype(np.float32), label)
        title = f"{share:g} × ({names[1]} − {names[0]})"
        html = cards.render(
            [
                ResultCard("The picture", [("", clean[0])]),
                ResultCard(f"Plus {title}", [("", decoded)]),
            ],
            TOLD if latent_model.classes else "",
        ) + cards.strip(
            images.grid(np.stack(strip), columns=len(strip)),
            f"{names[1]} − {names[0]}, {AMOUNT.low:g} to {AMOUNT.high:g} times",
        )
        return html, _figures(points[-1], decoded)

    return move


def _figures(latent: Latents, decoded: Images) -> Figures:
    return {"latent": latent.round(4).tolist(), "image": images.data_uri(decoded)}
