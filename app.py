"""Serve the playground: `python app.py --help`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable

from generative import checkpoints, images, ui
from generative.errors import GenerativeError
from generative.hub import fetching
from generative.style_transfer import examples
from generative.ui import gr, style_transfer
from generative.ui.autoencoders import TRAINING, build_autoencoders
from generative.ui.denoise import build_denoise
from generative.ui.handlers import COMPUTE_QUEUE, PAINTING_QUEUE, Shelf, import_datasets
from generative.ui.latent_space import build_latent_space, can_build_latent_space
from generative.ui.picture_chooser import build_picture_chooser, show_chooser_in
from generative.ui.server import startup_checks
from generative.ui.server.fair_queue import QueueLimits
from generative.ui.server.request_filter import SHOW_REFUSALS, server_options
from generative.ui.validating_blocks import ValidatingBlocks

TITLE = "Generative playground"

QUEUE_LIMITS = {
    PAINTING_QUEUE: QueueLimits(
        "paintings", max_waiting=8, max_per_visitor=2, retry_after="a few minutes"
    ),
    TRAINING: QueueLimits("trainings", max_waiting=8, max_per_visitor=2, retry_after="a minute"),
    COMPUTE_QUEUE: QueueLimits(
        "computations", max_waiting=64, max_per_visitor=32, retry_after="a few seconds"
    ),
}
OTHER_LIMITS = QueueLimits(
    "small requests", max_waiting=64, max_per_visitor=32, retry_after="a few seconds"
)

SESSIONS = 500
"""Visitors whose choices are kept; each new one replaces the oldest."""

FONTS = ("system-ui", "sans-serif")


def build(shelf: Shelf) -> ValidatingBlocks:
    """Return the app for a shelf of checkpoints."""
    with ValidatingBlocks(
        QUEUE_LIMITS,
        OTHER_LIMITS,
        title=TITLE,
        analytics_enabled=False,
        delete_cache=(3600, 24 * 3600),
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
    """Parse the command line."""
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


def launch(options: argparse.Namespace) -> tuple[ValidatingBlocks, Shelf]:
    """Start serving, and return the app and its checkpoints.

    Raises:
        StartError: the app cannot start.
        GenerativeError: the checkpoints cannot be downloaded.
    """
    host = startup_checks.bracket_ipv6(options.host or ui.HOST or "127.0.0.1")
    names = startup_checks.allowed_names(host, options.allowed_host)
    directory = fetching.checkpoint_folder(options.checkpoints)
    startup_checks.check_folders(directory)
    port = startup_checks.find_port(host, options.port)
    shelf = Shelf(directory)
    demo = build(shelf)
    with startup_checks.report_launch(demo, host, port, share=options.share):
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
            app_kwargs=server_options(demo, names),
            theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "monospace")),
            css_paths=ui.CSS,
            head=SHOW_REFUSALS,
            footer_links=["api", "gradio", "settings"],
        )
    return demo, shelf


def example_folders() -> list[str]:
    """Return the folders of the examples: Gradio serves only files below the working directory."""
    return sorted({str(examples.path(name).parent) for name in examples.titles()})


def main() -> None:
    """Serve until interrupted; warm the models up once the page is served."""
    options = parse()
    import_datasets()
    try:
        demo, shelf = launch(options)
    except GenerativeError as error:
        sys.exit(f"app.py: {error}")
    threading.Thread(target=_warm_up, args=(shelf,), daemon=True).start()
    demo.block_thread()


def _warm_up(shelf: Shelf) -> None:
    """Warm up every part; log a failure in one line, since a visitor will see it in full."""
    parts: dict[str, Callable[[Shelf], None]] = {"The models": Shelf.warm_up}
    if style_transfer.can_build_style_transfer(shelf):
        parts["Style transfer"] = style_transfer.warm_up
    for part, warm_up in parts.items():
        try:
            warm_up(shelf)
        except Exception as error:  # A failed warm-up must not stop the server.
            why = str(error) if isinstance(error, GenerativeError) else repr(error)
            logging.getLogger(__name__).warning(
                "%s: not warmed up: %s", part, " ".join(why.split())
            )


if __name__ == "__main__":
    main()
