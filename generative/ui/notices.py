"""What was noticed about a file, told in the page; programs that call the app get no such line."""

from __future__ import annotations

import gradio as gr

from generative.images import DecodedPicture


def read_out(title: str, opened: DecodedPicture) -> DecodedPicture:
    """Return what was opened, after showing its notices under a title."""
    for sentence in opened.notices:
        gr.Info(sentence, title=title)
    return opened
