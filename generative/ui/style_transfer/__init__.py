"""The panel "Style transfer": paint one picture in the style of another, and look inside."""

from __future__ import annotations

from collections import deque

import gradio as gr
import numpy as np

from generative.ui.handlers import Shelf, compute_slot
from generative.ui.style_transfer.instant import network
from generative.ui.style_transfer.look_inside import build_look_inside
from generative.ui.style_transfer.paint import build_paint


def can_build_style_transfer(shelf: Shelf) -> bool:
    """Tell whether the network that comes with the program is there."""
    return shelf.has_roles("fine network")


def build_style_transfer(shelf: Shelf, tab: gr.Tab) -> None:
    """Lay out the panel in a tab."""
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("Paint", elem_id="paint-tab"):
            build_paint(shelf, tab)
        with gr.Tab("Look inside", elem_id="look-inside-tab"):
            build_look_inside(shelf, tab)


def warm_up(shelf: Shelf) -> None:
    """Compile a draft and the steps of a usual painting: the first visitor's appear at once.

    Raises:
        CheckpointError: a network is damaged.
    """
    from generative.style_transfer.painter import paint_once

    content = np.zeros((160, 256, 3), np.uint8)
    if shelf.has_roles("draft"):
        with compute_slot():
            network(shelf).stylize(content, [(content, 1.0)])
    options = {"size": 512, "steps": 3}  # One at each of its scales.
    deque(shelf.studio.run(paint_once, content, content[:128, :128], options), maxlen=0)
