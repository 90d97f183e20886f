"""Buttons that take a picture of this panel further: to the top of the page, and on to a panel."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from generative.ui.latent_space.setting import Setting
from generative.ui.picture_codes import of_pixels

USES = {
    "Denoise": ("denoise-tab",),
    "Autoencoders": ("autoencoders-tab",),
    "Between pictures": ("latent-space-tab", "between-pictures-tab"),
    "One picture": ("latent-space-tab", "one-picture-tab"),
}
"""Where a picture can be used, and the tabs to open there, from the outside in."""


def build_uses(taken: gr.State, setting: Setting) -> None:
    """Lay out the buttons.

    Args:
        taken: the picture, (28, 28) uint8; None for none.
        setting: where the picture at the top is.
    """
    with gr.Row(elem_classes="uses"):
        gr.HTML("Use it in")
        for title, tabs in USES.items():
            button = gr.Button(title, size="sm", min_width=60)
            button.click(
                use,
                taken,
                [setting.picture, setting.code],
                api_visibility="private",
                show_progress="hidden",
            ).then(None, js=f"() => window.showUse({json.dumps(tabs)})", api_visibility="private")


def use(taken: Any) -> tuple[Any, Any]:
    """Return a picture for the top of the page, and its code; None leaves that one as it is."""
    return (gr.skip(), gr.skip()) if taken is None else (taken, of_pixels(taken))
