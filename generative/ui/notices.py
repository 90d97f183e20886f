"""Show a file's notices on the page; programs that call the app don't get them."""

from __future__ import annotations

import gradio as gr

from generative.images import DecodedPicture


def read_out(title: str, opened: DecodedPicture) -> DecodedPicture:
    """Show a picture's notices under a title, and return the picture."""
    for sentence in opened.notices:
        gr.Info(sentence, title=title)
    return opened
