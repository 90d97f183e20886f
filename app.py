"""Serve the playground."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable

from generative import images, tensorflow_library, ui
from generative.errors import GenerativeError
from generative.hub import fetching
from generative.importing import without_collections
from generative.studios import open_studio
from generative.style_transfer import examples
from generative.style_transfer.options import VGG16_VARIABLE
from generative.ui import gr, hero, style_transfer
from generative.ui.autoencoders import TRAINING, build_autoencoders
from generative.ui.denoise import build_denoise
from generative.ui.glossary import build_glossary
from generative.ui.handlers import COMPUTE_QUEUE, PAINTING_QUEUE, Shelf, import_datasets
from generative.ui.latent_space import build_latent_space, can_build_latent_space
from generative.ui.lesson import build_lesson, can_build_lesson
from generative.ui.links import build_copy_button, build_links
from generative.ui.options import parse
from generative.ui.picture_chooser import build_picture_chooser, open_gallery
from generative.ui.server import logs, mcp, prometheus, startup_checks
from generative.ui.server.health import Health
from generative.ui.server.limits import QueueLimits
from generative.ui.server.request_filter import SHOW_REFUSALS, server_options
from generative.ui.server.stopping import serve_until_stopped
from generative.ui.theme import theme
from generative.ui.tools import TOOLS, build_tools
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

TABS = {
    "panel": (
        *("denoise-tab", "autoencoders-tab", "latent-space-tab", "style-transfer-tab"),
        "lesson-tab",
    ),
    "part": ("map-tab", "sample-tab", "between-pictures-tab", "one-picture-tab"),
    "studio": ("paint-tab", "look-inside-tab"),
}
"""Name in the page's address → the tabs it chooses from, each inside those above it."""

SKIP = '<a class="skip" href="#panels">Skip to the panel that is open</a>'
ABOUT = "Small networks that clean, compress, dream and paint. Pick one and play."


def build(shelf: Shelf, with_tools: bool = False) -> ValidatingBlocks:
    """Return the app for a shelf of checkpoints, with tools for language models if asked for."""
    demo = ValidatingBlocks(
        QUEUE_LIMITS,
        OTHER_LIMITS,
        title=TITLE,
        analytics_enabled=False,
        delete_cache=(3600, 24 * 3600),
    )
    with demo:
        gr.HTML(SKIP)
        with gr.Row(elem_id="masthead"):
            gr.Markdown(f"# {TITLE}\n{ABOUT}", elem_id="title")
            build_copy_button()
        chosen = build_picture_chooser()
        with gr.Tabs(elem_id="panels", overflow_behavior="wrap"):
            with gr.Tab("Denoise", elem_id="denoise-tab"):
                build_denoise(shelf, chosen)
            with gr.Tab("Autoencoders", elem_id="autoencoders-tab") as autoencoders:
                build_autoencoders(shelf, chosen, autoencoders)
            if can_build_latent_space(shelf):
                with gr.Tab("Latent space", elem_id="latent-space-tab") as latent_space:
                    build_latent_space(shelf, chosen, latent_space)
            if style_transfer.can_build_style_transfer(shelf):
                with gr.Tab("Style transfer", elem_id="style-transfer-tab") as painting:
                    style_transfer.build_style_transfer(shelf, painting)
            if can_build_lesson(shelf):
                with gr.Tab("Lesson", elem_id="lesson-tab"):
                    build_lesson(shelf, chosen)
        build_glossary()
        open_gallery(build_links(demo, TABS).then, chosen)
        if with_tools:
            build_tools(shelf)
    return demo


def launch(options: argparse.Namespace) -> tuple[ValidatingBlocks, Shelf]:
    """Start serving, and return the app and its checkpoints.

    Raises:
        StartError: the app cannot start.
        GenerativeError: the checkpoints cannot be downloaded.
    """
    host = startup_checks.bracket_ipv6(options.host)
    names = startup_checks.allowed_names(host, options.allowed_host)
    directory = fetching.checkpoint_folder(options.checkpoints)
    startup_checks.check_folders(directory)
    port = startup_checks.find_port(host, options.port)
    if options.mcp:
        mcp.prepare(TOOLS)
    shelf = Shelf(directory, open_studio(directory, options.ray, options.ray_cpus))
    tensorflow_library.load_ahead()  # Laying out the page loads none.
    demo = build(shelf, with_tools=options.mcp)
    metrics = None
    if options.metrics:
        metrics = prometheus.answer(lambda: demo.fair_queue, shelf.studio, options.auth)
    with startup_checks.report_launch(demo, host, port, share=options.share):
        demo.launch(
            server_name=host,
            server_port=port,
            share=options.share,
            auth=options.auth,
            root_path=options.root_path,
            mcp_server=options.mcp,
            ssl_verify=False,  # Gradio asks itself, without TLS, whether it has started.
            prevent_thread_lock=True,
            quiet=True,
            # Gradio would ask for the page a second time, and end the app if that took 3 seconds.
            _frontend=False,
            show_error=True,
            enable_monitoring=False,
            run_history=False,
            num_workers=0,
            state_session_capacity=SESSIONS,
            max_file_size=images.MAX_FILE_BYTES,
            allowed_paths=example_folders(),
            app_kwargs=server_options(demo, names, metrics) | {"routes": hero.ROUTES},
            theme=theme(),
            css_paths=ui.CSS,
            head=SHOW_REFUSALS + ui.HEAD,
            footer_links=["api", "gradio", "settings"],
            # Gradio says this to screen readers, and has no word for it in English.
            i18n=gr.I18n(en={"common.complete": "Done"}),
        )
    return demo, shelf


def example_folders() -> list[str]:
    """Return the folders of the examples: Gradio serves only files below the working directory."""
    return sorted({str(examples.path(name).parent) for name in examples.titles()})


def main() -> None:
    """Serve until told to stop; warm the models up once the page is served."""
    try:
        options = parse()
        logs.configure(options.log_level)
        if options.vgg16:
            os.environ[VGG16_VARIABLE] = options.vgg16  # Paintings run in processes of their own.
        with without_collections():
            import_datasets()
            demo, shelf = launch(options)
    except GenerativeError as error:
        sys.exit(f"app.py: {error}")
    threading.Thread(target=warm_up, args=(shelf, demo.health), daemon=True).start()
    serve_until_stopped(demo)


def warm_up(shelf: Shelf, health: Health) -> None:
    """Warm up every part; log a failure in one line, since a visitor will see it in full.

    The app is ready before its painting process: paintings do not need it to be warm.
    """
    _warm_up_part("The models", Shelf.warm_up, shelf, health)
    health.note_ready()
    if style_transfer.can_build_style_transfer(shelf):
        _warm_up_part("Style transfer", style_transfer.warm_up, shelf, health)


def _warm_up_part(part: str, warm: Callable[[Shelf], None], shelf: Shelf, health: Health) -> None:
    try:
        warm(shelf)
    except Exception as error:  # A failed warm-up must not stop the server.
        health.note_failing(part)
        why = str(error) if isinstance(error, GenerativeError) else repr(error)
        logging.getLogger(__name__).warning("%s: not warmed up: %s", part, " ".join(why.split()))


if __name__ == "__main__":
    main()
