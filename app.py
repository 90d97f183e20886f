"""Serve the playground: `python app.py --help`."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from generative import checkpoints, images
from generative.ui import cards, gr, style_transfer
from generative.ui.autoencoders import build_autoencoders
from generative.ui.denoise import build_denoise
from generative.ui.guarded import GuardedBlocks
from generative.ui.latent_space import build_latent_space, can_build_latent_space
from generative.ui.picture import build_picture_chooser, show_chooser_in
from generative.ui.serving import Shelf

TITLE = "Generative playground"
HOUR = 3600
MAX_WAITING = 64
"""Requests that may wait; the next is told that the queue is full."""

FONTS = ("system-ui", "sans-serif")


def build(shelf: Shelf) -> gr.Blocks:
    """Return the app over a shelf of checkpoints."""
    with GuardedBlocks(
        title=TITLE, analytics_enabled=False, delete_cache=(3600, 24 * 3600)
    ) as demo:
        gr.Markdown(f"# {TITLE}\nClassic generative image models, to see, touch and trust.")
        chosen = build_picture_chooser(demo)
        with gr.Tab("Denoise") as denoise:
            build_denoise(shelf, chosen)
        with gr.Tab("Autoencoders") as autoencoders:
            build_autoencoders(shelf, chosen, autoencoders)
        panels = [denoise, autoencoders]
        if can_build_latent_space(shelf):
            with gr.Tab("Latent space") as latent_space:
                build_latent_space(shelf, chosen, latent_space)
            panels.append(latent_space)
        if style_transfer.can_build_style_transfer(shelf):
            with gr.Tab("Style transfer") as painting:
                style_transfer.build_style_transfer(shelf, painting)
            show_chooser_in(panels, painting)
    demo.queue(max_size=MAX_WAITING)
    return demo


def parse() -> argparse.Namespace:
    """Return the command line, parsed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME or 127.0.0.1)")
    parser.add_argument(
        "--port", type=_port, help="port (GRADIO_SERVER_PORT or the first from 7860)"
    )
    parser.add_argument("--share", action="store_true", help="make a public link for 72 hours")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 65535, received {text!r}")
    return int(text)


def main() -> None:
    """Serve until interrupted; TensorFlow warms up once the page is there."""
    options = parse()
    shelf = Shelf(options.checkpoints)
    demo = build(shelf)
    try:
        demo.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            prevent_thread_lock=True,
            show_error=True,
            max_file_size=images.MAX_FILE_BYTES,
            theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "monospace")),
            css=cards.CSS,
            footer_links=["api", "gradio", "settings"],
        )
    except OSError as error:  # Gradio's own words name the port and the way out.
        sys.exit(f"app.py: {error}")
    threading.Thread(target=_warm_up, args=(shelf,), daemon=True).start()
    demo.block_thread()


def _warm_up(shelf: Shelf) -> None:
    shelf.warm_up()
    if style_transfer.can_build_style_transfer(shelf):
        style_transfer.warm_up(shelf)


if __name__ == "__main__":
    main()
