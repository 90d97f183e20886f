"""The panel "Latent space": variational autoencoders sample, travel and judge."""

from __future__ import annotations

import gradio as gr

from generative.ui.handlers import Shelf, computing, respond
from generative.ui.latent_space.arithmetic import build_arithmetic
from generative.ui.latent_space.handwriting import build_handwriting
from generative.ui.latent_space.inspect import build_inspect
from generative.ui.latent_space.interpolate import build_interpolate
from generative.ui.latent_space.map import build_map
from generative.ui.latent_space.sample import build_sample
from generative.ui.latent_space.setting import (
    NEEDED,
    about,
    build_setting,
    load,
)
from generative.ui.latent_space.traverse import build_traverse
from generative.ui.picture_chooser import PictureChooser

PARTS = {
    "Map": (build_map,),
    "Sample": (build_sample,),
    "Between pictures": (build_interpolate, build_arithmetic),
    "One picture": (build_handwriting, build_inspect, build_traverse),
}
"""What stands together, in the order of the page; few, so that a phone shows all their names."""


def can_build_latent_space(shelf: Shelf) -> bool:
    """Tell whether the checkpoints that the panel needs are there."""
    return shelf.has_roles(*NEEDED)


def build_latent_space(shelf: Shelf, chosen: PictureChooser, tab: gr.Tab) -> None:
    """Lay out the panel in a tab; each part is computed when it is first shown."""
    setting = build_setting(shelf, chosen, tab)
    with gr.Tabs(overflow_behavior="wrap", elem_id="latent-parts"):
        for title, parts in PARTS.items():
            name = title.lower().replace(" ", "-")
            with gr.Tab(title, elem_id=f"{name}-tab") as tab_of_parts:
                for build in parts:
                    build(shelf, setting, tab_of_parts)
    quality = gr.HTML(elem_id="latent-quality", elem_classes="note")

    @computing
    def describe(dataset: str, model: str) -> str:
        return about(load(shelf, dataset, model))

    respond(
        [tab.select, setting.model.input, setting.dataset.input],
        describe,
        [setting.dataset, setting.model],
        quality,
    )
