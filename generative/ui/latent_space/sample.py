"""The part "Sample": pictures of random latents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from generative import data, images
from generative.card import Figures
from generative.ui import cards, inputs, links
from generative.ui.glossary import build_text
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond
from generative.ui.latent_space.setting import CONDITIONAL, OFFERS, Setting, load
from generative.ui.latent_space.uses import build_uses, use
from generative.ui.picture_chooser import PRESSED
from generative.validation import Range
from generative.variational.classes import EVERY, labels_for
from generative.variational.interface import TEMPERATURE

SHOWN = Range(1, 100, whole=True)
"""Samples in one grid."""

COLUMNS = 10
ZOOM = 4
SOURCES = [("Prior", "prior"), ("Mixture fitted to the training latents", "mixture")]
ABOUT = (
    "Random latents, decoded. Click a sample: it goes to the top of the page, where every panel "
    "takes its picture from."
)
API = (
    f"Decode random latents. Takes the data set, the model ({', '.join(OFFERS)}), the number of "
    "samples, the temperature, a seed, the source (prior or mixture) and the class (every, or the "
    f"name of one; {CONDITIONAL} only). Returns the grid as HTML, and the seed, latents, classes "
    "and pictures (PNG data URLs)."
)

Pixels = NDArray[np.uint8]


def build_sample(shelf: Shelf, setting: Setting, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    build_text(ABOUT)
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            count = inputs.slider(SHOWN, 40, 1, label="Samples", elem_id="samples-count")
            temperature = inputs.slider(TEMPERATURE, 1.0, 0.05, label="Temperature")
            source = inputs.choice(SOURCES, value="prior", label="Latents from")
            wanted = inputs.changing_choice(
                _class_choices(data.DATASETS[0]), value=EVERY, label="Class", visible=False
            )
            seed = inputs.seed()
            again = gr.Button("New samples", elem_id="new-samples")
        with gr.Column(scale=3, min_width=300):
            taken = gr.State()
            grid = gr.HTML(js_on_load=PRESSED, elem_id="samples", min_height=200)
            build_uses(taken, setting)
    result = gr.JSON(visible=False)
    drawn = gr.State()
    given = [setting.dataset, setting.model, count, temperature, seed, source, wanted]
    shown = [grid, result, drawn]
    sample = _sampler(shelf)
    respond(
        [widget.input for widget in (count, temperature, seed, source, wanted)],
        sample,
        given,
        shown,
        api_name="sample",
        api_description=API,
    )
    for first in (
        again.click(inputs.next_seed, seed, seed, api_visibility="private"),
        respond(
            [tab.select, setting.dataset.input, setting.model.input],
            _classes_offerer(shelf),
            [setting.dataset, setting.model, wanted],
            wanted,
        ),
    ):
        first.then(
            sample,
            given,
            shown,
            api_visibility="private",
            concurrency_id=COMPUTE_QUEUE,
            trigger_mode="always_last",
        )
    links.keep(samples=count, temperature=temperature, latents=source, samples_seed=seed)
    classes = [EVERY, *(name for names in data.CLASSES.values() for name in names)]
    links.keep_with("class", wanted, links.one_of(classes))
    grid.select(
        _pick,
        drawn,
        [setting.picture, setting.code, taken],
        api_visibility="private",
        show_progress="hidden",
    ).then(None, js="() => window.showUse([])", api_visibility="private")


def _sampler(shelf: Shelf) -> Callable[..., tuple[str, Figures, Pixels]]:
    @computing
    def sample(
        dataset: str,
        model: str,
        n: int,
        temperature: float,
        seed: int,
        source: str,
        label: str,
    ) -> tuple[str, Figures, Pixels]:
        latent_model = load(shelf, dataset, model)
        number = SHOWN.check_whole("number of samples", n)
        latents = latent_model.draw(number, temperature, seed, source)
        labels = labels_for(label, number, dataset, latent_model)
        pictures = latent_model.decode(latents, labels)
        figures = {
            "seed": int(seed),
            "latents": latents.round(4).tolist(),
            "classes": None if labels is None else [data.CLASSES[dataset][i] for i in labels],
            "images": [images.data_uri(picture) for picture in pictures],
        }
        pixels = images.to_uint8(pictures[..., 0])
        return _render(figures, pixels), figures, pixels

    return sample


def _render(figures: Figures, pixels: Pixels) -> str:
    buttons = "".join(
        f'<button data-index="{index}" aria-pressed="false" aria-label="Take sample {index + 1}">'
        f'<img class="crisp" src="{uri}" alt="Sample {index + 1}"></button>'
        for index, uri in enumerate(figures["images"])
    )
    sheet = images.enlarge(images.grid(pixels, columns=COLUMNS), ZOOM)
    link = cards.download("Download as one PNG", "samples.png", images.data_uri(sheet))
    return (
        f'<div class="samples">{buttons}</div>'
        f'<p class="note">Seed {figures["seed"]}: the same one gives the same samples. {link}</p>'
    )


@computing
def _pick(drawn: Pixels | None, event: gr.SelectData) -> Any:
    """Choose the sample that was clicked."""
    if drawn is None:
        return gr.skip(), gr.skip(), gr.skip()
    at = Range(0, len(drawn) - 1, whole=True).check_whole("sample", event.index)
    return *use(drawn[at]), drawn[at]


def _classes_offerer(shelf: Shelf) -> Callable[..., Any]:
    """Return the handler that shows the classes of the data set to a model that can be told one."""

    @computing
    def offer_classes(dataset: str, model: str, wanted: str) -> Any:
        told = load(shelf, dataset, model).classes > 0
        known = [name for _, name in _class_choices(dataset)]
        return gr.update(
            choices=_class_choices(dataset),
            value=wanted if told and wanted in known else EVERY,
            visible=told,
        )

    return offer_classes


def _class_choices(dataset: str) -> list[tuple[str, str]]:
    classes = data.CLASSES[dataset]
    return [("every one in turn", EVERY), *((name, name) for name in classes)]
