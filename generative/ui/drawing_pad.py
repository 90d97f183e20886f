"""A pad to draw on; it sends the whole drawing after every stroke."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import gradio as gr

from generative.errors import InputError

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""Reports drawings as `submit`."""

SIDE = 280
PREFIX = "data:image/png;base64,"
PAD = f"""<div class="pad">
<canvas width="{SIDE}" height="{SIDE}" role="img" aria-label="Drawing pad"></canvas>
<div><button data-ink="#000000" aria-pressed="true">Black</button>
<button data-ink="#777777" aria-pressed="false">Grey</button>
<button data-act="undo">Undo</button><button data-act="clear">Clear</button></div></div>"""


def build_drawing_pad(elem_id: str) -> gr.HTML:
    """Lay out the pad; its `submit` event carries what `drawing` reads."""
    return gr.HTML(PAD, js_on_load=SCRIPT, elem_id=elem_id)


def drawing(event: gr.EventData) -> bytes:
    """Return the drawing that the pad sent, as a PNG file's bytes.

    Raises:
        InputError: something else was sent.
    """
    sent = getattr(event, "_data", None)
    address = sent.get("png") if isinstance(sent, dict) else None
    if isinstance(address, str) and address.startswith(PREFIX):
        try:
            return base64.b64decode(address.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    raise InputError("Invalid drawing. Expected a PNG picture as a data URL.")
