"""The camera, painted live in the style that is chosen: off until its button is pressed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from generative import images
from generative.style_transfer.resizing import shrink
from generative.ui import cards, inputs
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing
from generative.ui.style_transfer.instant import network, read

SIZE = 256
"""Longest side of a frame, pixels."""

SECONDS_A_FRAME = 0.1
MOST_SECONDS = 120
"""After which the camera has to be started again: it may have been forgotten."""

ABOUT = (
    "Press the camera, allow it, then record: each picture is painted as it comes. It is sent to "
    "this server, painted, and forgotten."
)
FIRST = cards.empty("The camera is off.")


def build_camera(shelf: Shelf, style: gr.Image) -> None:
    """Lay out the camera and what is painted of it.

    Args:
        shelf: of the network.
        style: in which it is painted.
    """
    with gr.Accordion("Live camera", open=False, elem_id="camera"):
        gr.Markdown(ABOUT, elem_classes="note")
        with gr.Row():
            frame = inputs.picture(
                label="Camera",
                sources=["webcam"],
                streaming=True,
                height=240,
                elem_id="camera-picture",
                buttons=[],
            )
            painted = gr.HTML(FIRST, elem_id="camera-painted", min_height=240)
    frame.stream(
        _painter(shelf),
        [frame, style],
        painted,
        stream_every=SECONDS_A_FRAME,
        time_limit=MOST_SECONDS,
        concurrency_id=COMPUTE_QUEUE,
        api_visibility="private",
        show_progress="hidden",
    )


def _painter(shelf: Shelf) -> Any:
    """Return the handler: files of a frame and of the style → the painted frame as HTML."""

    @computing
    def paint(frame: str | None, style: str | None) -> str:
        if frame is None:
            return FIRST
        photo = shrink(read("camera", frame), SIZE)
        source = images.jpeg_data_uri(network(shelf).stylize(photo, [(read("style", style), 1.0)]))
        return f'<img class="painting" src="{source}" alt="The camera, painted">'

    return paint
