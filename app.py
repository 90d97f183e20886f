"""Serve the playground: `python app.py --help`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from generative import checkpoints, images, ui
from generative.errors import GenerativeError
from generative.hub import addresses, fetching
from generative.style_transfer import examples
from generative.ui import cards, gr, style_transfer
from generative.ui.autoencoders import TRAINING, build_autoencoders
from generative.ui.denoise import build_denoise
from generative.ui.guarded import GuardedBlocks
from generative.ui.latent_space import build_latent_space, can_build_latent_space
from generative.ui.picture import build_picture_chooser, show_chooser_in
from generative.ui.server import start
from generative.ui.server.admission import Bound
from generative.ui.server.gate import SHOW_REFUSALS, protection
from generative.ui.serving import HEAVY, PAINTING, Shelf, import_datasets

TITLE = "Generative playground"
HOUR = 3600

BOUNDS = {
    PAINTING: Bound("paintings", waiting=8, a_visitor=2, later="a few minutes"),
    TRAINING: Bound("trainings", waiting=8, a_visitor=2, later="a minute"),
    HEAVY: Bound("computations", waiting=64, a_visitor=32, later="a few seconds"),
}
OTHERS = Bound("small requests", waiting=64, a_visitor=32, later="a few seconds")

SESSIONS = 500
"""Visitors whose choices are kept; a new one makes the oldest forgotten."""

FONTS = ("system-ui", "sans-serif")


def build(shelf: Shelf) -> GuardedBlocks:
    """Return the app over a shelf of checkpoints."""
    with GuardedBlocks(
        BOUNDS, OTHERS, title=TITLE, analytics_enabled=False, delete_cache=(HOUR, 24 * HOUR)
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
    return demo


def parse() -> argparse.Namespace:
    """Return the command line, parsed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME or 127.0.0.1)")
    parser.add_argument("--port", help="port (GRADIO_SERVER_PORT or the first from 7860)")
    parser.add_argument("--share", action="store_true", help="make a public link for 72 hours")
    parser.add_argument(
        "--checkpoints",
        default=str(checkpoints.SHIPPED),
        metavar="DIR",
        help="folder of checkpoints, or hub:OWNER/NAME[@REVISION] on the Hugging Face Hub",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=os.environ.get("ALLOWED_HOSTS", "").split(),
        metavar="NAME",
        help="answer to this name, such as playground.example.org or *.example.org; may be "
        "repeated (ALLOWED_HOSTS). Without it, a server on 127.0.0.1 answers to localhost, and "
        "any other to every name",
    )
    return parser.parse_args()


def launch(options: argparse.Namespace) -> tuple[GuardedBlocks, Shelf]:
    """Start to serve, and return the app and its checkpoints.

    Raises:
        StartError: it can't.
        GenerativeError: the checkpoints cannot be downloaded.
    """
    directory = checkpoint_folder(options.checkpoints)
    host = start.in_brackets(options.host or ui.HOST or "127.0.0.1")
    names = start.names_to_answer(host, options.allowed_host)
    start.check_folders(directory)
    port = start.find_port(host, options.port)
    shelf = Shelf(directory)
    demo = build(shelf)
    with start.in_our_words(demo, host, port, share=options.share):
        demo.launch(
            server_name=host,
            server_port=port,
            share=options.share,
            prevent_thread_lock=True,
            quiet=True,
            show_error=True,
            enable_monitoring=False,
            run_history=False,
            num_workers=0,
            state_session_capacity=SESSIONS,
            max_file_size=images.MAX_FILE_BYTES,
            allowed_paths=example_folders(),
            app_kwargs=protection(demo, names),
            theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "monospace")),
            css=cards.CSS,
            head=SHOW_REFUSALS,
            footer_links=["api", "gradio", "settings"],
        )
    return demo, shelf


def checkpoint_folder(place: str) -> Path:
    """Return a folder of checkpoints, downloaded first if it is "hub:OWNER/NAME[@REVISION]".

    Raises:
        InputError: there can be no such repository.
        CheckpointError: it has no checkpoints of this program, or damaged ones.
        HubError: the Hub refuses or cannot be reached.
    """
    scheme, hub, repository = place.partition("hub:")
    if scheme or not hub:
        return Path(place)
    return fetching.fetch(addresses.parse(repository))


def example_folders() -> list[str]:
    """Return where the examples lie: Gradio hands out files below the working directory alone."""
    return sorted({str(examples.path(name).parent) for name in examples.titles()})


def main() -> None:
    """Serve until interrupted; TensorFlow warms up once the page is there."""
    options = parse()
    import_datasets()
    try:
        demo, shelf = launch(options)
    except GenerativeError as error:
        sys.exit(f"app.py: {error}")
    threading.Thread(target=_warm_up, args=(shelf,), daemon=True).start()
    demo.block_thread()


def _warm_up(shelf: Shelf) -> None:
    """Warm up every part, and log in one line what goes wrong: a visitor will be told it."""
    parts: dict[str, Callable[[Shelf], None]] = {"The models": Shelf.warm_up}
    if style_transfer.can_build_style_transfer(shelf):
        parts["Style transfer"] = style_transfer.warm_up
    for part, warm_up in parts.items():
        try:
            warm_up(shelf)
        except Exception as error:  # Nobody waits for this: not a word of it may end the server.
            why = str(error) if isinstance(error, GenerativeError) else repr(error)
            logging.getLogger(__name__).warning(
                "%s: not warmed up: %s", part, " ".join(why.split())
            )


if __name__ == "__main__":
    main()
