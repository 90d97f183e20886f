"""The panel "Autoencoders": what fits through a bottleneck, and what a code is."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from generative import data, images, metrics
from generative.autoencoders import live
from generative.autoencoders.code_map import CodeMap, code_map
from generative.card import Figures
from generative.data import gallery
from generative.errors import GenerativeError
from generative.images import Picture as Pixels
from generative.models import compared_in, with_role
from generative.ui import cards, inputs, links, plots
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text
from generative.ui.handlers import (
    BUILD_LOCK,
    Shelf,
    compute_slot,
    computing,
    readable_errors,
    respond,
    stop_with,
)
from generative.ui.picture_chooser import PictureChooser, read_picture
from generative.validation import PIXELS, SIDE, Images, check_choice

if TYPE_CHECKING:
    from generative.models import CodingModel

FRAMES = 24
"""Pictures of the live training that are drawn; every one takes a third of a second."""

MAP_SCRIPT = (Path(__file__).parent / "code_map.js").read_text(encoding="utf-8")
MAP_WIDTH = 1.3
"""Of the map of codes; its height is 1."""

MAP_COLUMNS = 40
"""Of the sheets of its pictures."""

TRAINING = "training"
"""A queue of its own: in that of the quick handlers a training would keep every visitor waiting."""


def build_autoencoders(shelf: Shelf, chosen: PictureChooser, tab: gr.Tab) -> None:
    """Lay out the panel's three parts in a tab; the map is drawn when the tab is first shown."""
    _build_reconstruction(shelf, chosen)
    _build_map(shelf, chosen, tab)
    _build_linear()


def _build_reconstruction(shelf: Shelf, chosen: PictureChooser) -> None:
    build_text("### Through the bottleneck\nYour picture, squeezed into a code and rebuilt.")
    results = gr.HTML(elem_id="reconstructions")
    figures = gr.JSON(visible=False)

    @computing
    def reconstruct(picture: str | None, dataset: str) -> tuple[str, Figures]:
        clean = read_picture(picture, dataset)
        present = shelf.present("reconstruction", dataset)
        restored = {name: _through(model, clean) for name, model in present.items()}
        figures = {name: _figures(clean, result) for name, result in restored.items()}
        shown = [ResultCard("Your picture", [("", clean[0])])]
        offers = compared_in("reconstruction")
        shown += [_card(offers[name].title, restored[name], figures[name]) for name in restored]
        return cards.render(shown, file_name="rebuilt.png"), figures

    respond(
        [chosen.picture.change],
        reconstruct,
        [chosen.picture, chosen.dataset],
        [results, figures],
        api_name="reconstruct",
        api_description=(
            "Send a picture through every autoencoder. Takes a picture file and the data set "
            "(mnist or fashion_mnist). Returns the result as HTML, and for each model its code's "
            "size, compression, mean squared error, PSNR, code and reconstruction (a PNG data URL)."
        ),
    )


@dataclass(frozen=True)
class _Rebuilt:
    """One picture on its way through a model: its code, a picture of that, what came out."""

    code: NDArray[np.float32]
    sketch: Pixels
    image: Images


def _through(model: CodingModel, clean: Images) -> _Rebuilt:
    return _Rebuilt(model.encode(clean)[0], model.sketch(clean)[0], model.reconstruct(clean))


def _card(title: str, result: _Rebuilt, figures: Figures) -> ResultCard:
    psnr = figures["psnr_db"]
    return ResultCard(
        title,
        [
            ("rebuilt", result.image[0]),
            ("code" if result.code.ndim == 1 else "sketch of the code", result.sketch),
        ],
        [
            ("Code", f"{figures['code_size']:,} numbers"),
            ("Size", _size(figures["compression"])),
            ("MSE", f"{figures['mse']:.4f}"),
            ("PSNR", cards.decibels(math.inf if psnr is None else psnr)),
        ],
    )


def _size(compression: float) -> str:
    if compression >= 1:
        return f"1/{compression:.3g} of the picture"
    return f"{1 / compression:.3g} × the picture"


def _figures(clean: Images, result: _Rebuilt) -> Figures:
    psnr = float(metrics.psnr(clean, result.image)[0])
    return {
        "code_size": result.code.size,
        "compression": PIXELS / result.code.size,
        "mse": float(metrics.mse(clean, result.image)[0]),
        "psnr_db": metrics.for_json(psnr, 3),
        "code": result.code.ravel().round(4).tolist() if result.code.ndim == 1 else None,
        "image": images.data_uri(result.image[0]),
    }


def _build_map(shelf: Shelf, chosen: PictureChooser, tab: gr.Tab) -> None:
    gr.Markdown(
        "### A map of codes\nA thousand pictures, placed by the two directions in which their "
        "codes differ most. Neighbours look alike to the model. Point at one to see it."
    )
    offers = compared_in("reconstruction")
    model = inputs.choice(
        [(name, name) for name in offers],
        value=with_role("flat code").name,
        label="Codes of",
        elem_id="codes-of",
    )
    links.keep(codes=model)
    shown = gr.HTML(js_on_load=MAP_SCRIPT, elem_id="code-map", min_height=300)

    @functools.lru_cache(maxsize=6)
    def mapped(model: str, dataset: str) -> str:
        offer = offers[model]
        trained: CodingModel = shelf.get(offer.model, dataset, offer.variant)
        return _map(code_map(trained, gallery.pictures(dataset)), data.CLASSES[dataset])

    @computing
    def draw(model: str, dataset: str) -> str:
        check_choice("model", model, offers)
        return mapped(model, check_choice("data set", dataset, data.DATASETS))

    respond([tab.select, model.input, chosen.dataset.input], draw, [model, chosen.dataset], shown)


def _map(places: CodeMap, classes: Sequence[str]) -> str:
    """Return the map as HTML, with all its pictures: the page shows those it points at."""
    names = [classes[label] for label in places.gallery.labels]
    dots = "".join(
        f'<circle cx="{MAP_WIDTH * x:.4f}" cy="{1 - y:.4f}" r=".009" fill="{plots.COLOURS[label]}" '
        f'data-name="{escape(name)}"/>'
        for (x, y), label, name in zip(places.positions, places.gallery.labels, names, strict=True)
    )
    sheets = "".join(
        '<img class="sheet-of-pictures" hidden alt="" src="'
        f'{images.jpeg_data_uri(images.grid(pictures, columns=MAP_COLUMNS, gap=0))}">'
        for pictures in (places.gallery.images, places.reconstructions)
    )
    card = "".join(
        f'<figure><canvas class="crisp" width="{SIDE}" height="{SIDE}"></canvas>'
        f"<figcaption>{caption}</figcaption></figure>"
        for caption in ("picture", "rebuilt")
    )
    return (
        f'{sheets}<div class="codes"><div><svg class="field" viewBox="0 0 {MAP_WIDTH} 1" '
        'tabindex="0" role="application" aria-label="Map of codes: arrow keys move from point to '
        f'point"><g class="dots">{dots}</g><circle class="ring" r=".018"/></svg>'
        f"{cards.legend(classes, plots.COLOURS)}</div>"
        f'<div class="card" aria-live="polite"><div class="pictures">{card}</div><h4></h4>'
        f'<p class="note">{escape(places.gallery.origin)}.</p></div></div>'
    )


def _build_linear() -> None:
    gr.Markdown(
        "### Train one yourself\nThe smallest autoencoder there is, 3 → 2 → 3 numbers and no "
        "activation, learns the plane in which noisy points lie. Exact PCA is the best it can do."
    )
    with gr.Row():
        rate = inputs.slider(live.LEARNING_RATE, 1.0, 0.01, label="Learning rate")
        seed = inputs.seed()
        train = gr.Button("Train", variant="primary", elem_id="train-linear")
        stop = gr.Button("Stop")
    links.keep(rate=rate, points=seed)
    status = gr.Markdown(elem_id="linear-status")
    with gr.Row():
        plots_shown = [
            gr.Image(
                label=label,
                format="png",
                interactive=False,
                min_width=280,
                elem_classes="plot",
                buttons=[],
            )
            for label in ("Points and learned plane", "2-D codes", "Squared error")
        ]

    run = train.click(
        _train_linear,
        [rate, seed],
        [status, *plots_shown],
        api_name="train_linear",
        api_description=(
            "Train the linear autoencoder on a noisy plane of 3-D points. Takes a learning rate "
            "and a seed. Streams a sentence on the progress and three plots: points with the "
            "learned plane, the 2-D codes, and the loss curve beside exact PCA."
        ),
        concurrency_id=TRAINING,
        concurrency_limit=1,
    )
    stop_with(stop, run)


def _train_linear(rate: float, seed: int) -> Iterator[tuple[Any, ...]]:
    with readable_errors():
        yield "Starting…", *[gr.skip()] * 3
        steps = live.train_linear(rate, seed, FRAMES)
        try:
            while True:
                # For a frame at a time: other visitors' requests get in between.
                with compute_slot(), BUILD_LOCK:
                    state = next(steps, None)
                if state is None:
                    return
                yield (
                    _progress(state),
                    plots.points_and_plane(state),
                    plots.codes(state),
                    plots.loss_curve(state),
                )
        except GenerativeError as error:
            yield str(error), *[gr.skip()] * 3
            raise


def _progress(state: live.LinearStep) -> str:
    excess = 100 * (state.mse / state.pca_mse - 1)
    return (
        f"Step {state.step} of {state.total_steps}: squared error {state.mse:.5f}, "
        f"{excess:.1f}% above exact PCA ({state.pca_mse:.5f})."
    )
