"""Slots for pictures: each is filled from the picture at the top of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from generative import data
from generative.data import gallery
from generative.ui import inputs
from generative.ui.handlers import computing, respond
from generative.ui.latent_space.setting import Setting
from generative.ui.picture_chooser import build_code, to_pixels
from generative.validation import check_choice


@dataclass(frozen=True)
class Slot:
    """A place for a picture.

    Attributes:
        picture: what is in it, 28×28.
        code: what stands for it in a link; empty for a picture that nobody chose.
    """

    picture: gr.Image
    code: gr.Textbox


def build_slots(part: str, names: Sequence[str], setting: Setting, first: int = 0) -> list[Slot]:
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
        filled: list[Any] = []
        for picture, each in zip(held, found.images[list(found.picked[first:])], strict=False):
            is_kept = picture is not None and seen in ("", dataset)
            filled += [gr.skip(), gr.skip()] if is_kept else [to_pixels(each[None]), ""]
        return [*filled, dataset]

    respond(
        [setting.panel.select, setting.dataset.input],
        fill,
        [setting.dataset, seen, *(slot.picture for slot in slots)],
        [*(part for slot in slots for part in (slot.picture, slot.code)), seen],
        at_once=True,  # What is picked afterwards must not be replaced when the tab is opened.
    )
    return slots


def build_takes(slots: Sequence[Slot], names: Sequence[str], setting: Setting) -> None:
    """Lay out a button for each slot that puts the picture at the top into it."""
    with gr.Row():
        for slot, name in zip(slots, names, strict=True):
            take = gr.Button(f"{name} ← picture at the top", size="sm", min_width=120)
            # Copied inside the page: the server has seen the picture already.
            take.click(
                None,
                [setting.picture, setting.code],
                [slot.picture, slot.code],
                js="(...picture) => picture",
                api_visibility="private",
            )


def follow(a: Slot, b: Slot, setting: Setting) -> None:
    """Make one slot follow the picture at the top, and the other the one before it."""
    both = [a.picture, a.code, b.picture, b.code]
    setting.picture.change(
        None,
        [setting.picture, setting.code, *both],
        both,
        js="(...pictures) => window.follow(...pictures)",
        api_visibility="private",
    )


def build_swap(a: Slot, b: Slot) -> None:
    """Lay out the button that swaps what is in two slots."""
    both = [a.picture, a.code, b.picture, b.code]
    gr.Button("Swap A and B", size="sm").click(
        None,
        both,
        both,
        js="(a, aCode, b, bCode) => [b, bCode, a, aCode]",
        api_visibility="private",
    )


def _build_slot(part: str, name: str) -> Slot:
    name = f"{part}-{name.lower()}"
    picture = inputs.picture(
        label=name[-1].upper(),
        interactive=False,
        height=170,
        min_width=120,
        elem_classes="crisp slot",
        elem_id=name,
        buttons=[],
    )
    return Slot(picture, build_code(name, picture))
