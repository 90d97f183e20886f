"""Slots for pictures: each is filled from the picture at the top of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from generative import data
from generative.data import gallery
from generative.ui import inputs
from generative.ui.handlers import computing
from generative.ui.latent_space.setting import Setting
from generative.ui.picture_chooser import show
from generative.validation import check_choice


def build_slots(
    part: str, names: Sequence[str], setting: Setting, first: int = 0
) -> list[gr.Image]:
    """Lay out a slot for each name, filled with pictures of the gallery to begin with.

    They are filled when the panel is opened, and anew for another data set.

    Args:
        part: of the panel; names its slots in the page.
        names: of the slots.
        setting: where the picture at the top is.
        first: which of the picked pictures goes into the first slot.
    """
    with gr.Row():
        slots = [_build_slot(part, name, setting) for name in names]
    seen = gr.State("")

    @computing
    def fill(dataset: str, seen: str) -> list[Any]:
        check_choice("data set", dataset, data.DATASETS)
        if dataset == seen:
            return [gr.skip()] * (len(slots) + 1)
        found = gallery.pictures(dataset)
        picked = found.picked[first : first + len(slots)]
        return [*(show(found.images[index][None]) for index in picked), dataset]

    gr.on(
        [setting.panel.select, setting.dataset.input],
        fill,
        [setting.dataset, seen],
        [*slots, seen],
        api_visibility="private",
        show_progress="hidden",
    )
    return slots


def _build_slot(part: str, name: str, setting: Setting) -> gr.Image:
    with gr.Column(min_width=120):
        slot = inputs.picture(
            label=name,
            interactive=False,
            height=170,
            elem_classes="crisp slot",
            elem_id=f"{part}-{name.lower()}",
            buttons=[],
        )
        take = gr.Button(f"{name} ← picture at the top", size="sm")
    # Copied inside the page: the server has seen the picture already.
    take.click(None, setting.picture, slot, js="(picture) => picture", api_visibility="private")
    return slot
