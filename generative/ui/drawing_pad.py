"""A pad to draw on; it sends the whole drawing after every stroke."""

from __future__ import annotations

import base64
from pathlib import Path

import gradio as gr

from generative.errors import InputError

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""Reports drawings as `submit`."""

SIDE = 280
PREFIX = "data:image/png;base64,"
ACTS = """<button data-act="undo">Undo</button><button data-act="clear">Clear</button>"""
PAD = f"""<div class="pad">
<canvas width="{SIDE}" height="{SIDE}" data-ground="#ffffff" role="img" aria-label="Drawing pad">
</canvas><div><button data-ink="#000000" aria-pressed="true">Black</button>
<button data-ink="#777777" aria-pressed="false">Grey</button>
{ACTS}</div></div>"""
OVER = """<div class="pad"><div class="over"><img alt="The picture below the mask">
<canvas data-ground="#000000" data-over="{over}" role="img" aria-label="Mask"></canvas></div>
<div><button data-ink="#ffffff" aria-pressed="true">Paint here</button>
<button data-ink="#000000" aria-pressed="false">Not here</button>
{acts}</div></div>"""


def build_drawing_pad(elem_id: str) -> gr.HTML:
    """Lay out the pad; its `submit` event carries what `drawing` reads."""
    return gr.HTML(PAD, js_on_load=SCRIPT, elem_id=elem_id)


def build_mask_pad(elem_id: str, over: str) -> gr.HTML:
    """Lay out a pad over a picture of the page, to paint a mask in white on black.

    Its `submit` event carries what `drawing` reads; `clear` says that nothing is painted any more.

    Args:
        elem_id: of the pad.
        over: selector of what holds the picture.
    """
    return gr.HTML(OVER.format(over=over, acts=ACTS), js_on_load=SCRIPT, elem_id=elem_id)


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
        except ValueError:
            pass
    raise InputError("Invalid drawing. Expected a PNG picture as a data URL.")
