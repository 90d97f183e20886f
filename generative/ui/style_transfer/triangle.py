"""A triangle with a style at each corner: the point that a visitor drags in it is their blend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from generative.style_transfer.options import WEIGHT

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""Draws the styles that there are; reports what was dragged as `input`."""

CORNER = """<g class="corner">
<image width="44" height="44" preserveAspectRatio="xMidYMid slice"/><text/></g>"""
TRIANGLE = f"""<div id="blend" data-most="{WEIGHT.high:g}">
<p class="note">Choose a second style, and a third if you like, to blend them.</p>
<figure hidden><svg tabindex="0" role="slider" aria-label="Blend of the styles" aria-valuemin="0"
aria-valuemax="100"><path/>{CORNER * 3}<circle r="9"/></svg>
<figcaption class="note">Drag the point towards what you want more of, or use the arrow keys: a
painting that runs follows. Home, or a double click, goes back to the middle.</figcaption>
</figure></div>"""


def build_triangle(*weights: gr.Number) -> None:
    """Lay out the triangle, which sets and follows the weights of the second and third style.

    The first style has weight 1. A share is a weight divided by the sum of those of the styles that
    are chosen, and the shares are the barycentric coordinates of the point.
    """
    triangle = gr.HTML([each.value for each in weights], html_template=TRIANGLE, js_on_load=SCRIPT)
    options: dict[str, Any] = {
        "fn": None,
        "api_visibility": "private",
        "trigger_mode": "always_last",
    }
    triangle.input(inputs=triangle, outputs=[*weights], js="(weights) => weights", **options)
    gr.on(
        [each.change for each in weights],
        inputs=[*weights],
        outputs=triangle,
        js="(...weights) => [weights]",
        **options,
    )
