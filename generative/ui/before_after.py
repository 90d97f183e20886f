"""Two pictures in one place, and a divider between them."""

from __future__ import annotations

from typing import Any

import gradio as gr

MOVE = "(position) => ({__type__: 'update', slider_position: position})"


def build_before_after(label: str, **options: Any) -> gr.ImageSlider:
    """Lay out the pictures, and below them a slider that moves their divider: by keyboard too."""
    pictures = gr.ImageSlider(label=label, format="png", interactive=False, **options)
    position = gr.Slider(0, 100, 50, step=1, label="Before | after")
    position.input(None, position, pictures, js=MOVE, api_visibility="private")
    return pictures
