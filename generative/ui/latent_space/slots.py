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

FOLLOW = "(picture, a, b) => !picture || picture.url === a?.url ? [a, b] : [picture, a ?? b]"
"""The address of a picture names its content."""


def build_slots(
    part: str, names: Sequence[str], setting: Setting, first: int = 0
) -> list[gr.Image]:
    """Lay out a slot for each name, filled with pictures of the gallery to begin with.

    Those that are empty are filled when the panel is opened, and all anew for another data set.

    Args:
        part: of the panel; names its slots in the page.
        names: of the slots.
        setting: where the picture at the top is.
        first: which of the picked pictures goes into the first slot.
    """
    with gr.Row():
        slots = [_build_slot(part, name) for name in names]
    seen = gr.State("")

    @computing
    def fill(dataset: str, seen: str, *held: object) -> list[Any]:
        check_choice("data set", dataset, data.DATASETS)
        found = gallery.pictures(dataset)
        filled = [
            gr.skip() if picture is not None and seen in ("", dataset) else show(each[None])
            for picture, each in zip(held, found.images[list(found.picked[first:])], strict=False)
        ]
        return [*filled, dataset]

    gr.on(
        [setting.panel.select, setting.dataset.input],
        fill,
        [setting.dataset, seen, *slots],
        [*slots, seen],
        api_visibility="private",
        show_progress="hidden",
    )
    return slots


def build_takes(slots: Sequence[gr.Image], names: Sequence[str], setting: Setting) -> None:
    """Lay out a button for each slot that puts the picture at the top into it."""
    with gr.Row():
        for slot, name in zip(slots, names, strict=True):
            take = gr.Button(f"{name} ← picture at the top", size="sm", min_width=120)
            # Copied inside the page: the server has seen the picture already.
            take.click(
                None, setting.picture, slot, js="(picture) => picture", api_visibility="private"
            )


def follow(a: gr.Image, b: gr.Image, setting: Setting) -> None:
    """Make one slot follow the picture at the top, and the other the one before it."""
    setting.picture.change(
        None, [setting.picture, a, b], [a, b], js=FOLLOW, api_visibility="private"
    )


def _build_slot(part: str, name: str) -> gr.Image:
    return inputs.picture(
        label=name,
        interactive=False,
        height=170,
        min_width=120,
        elem_classes="crisp slot",
        elem_id=f"{part}-{name.lower()}",
        buttons=[],
    )
