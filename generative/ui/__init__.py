"""The app's panels. Importing this package imports Gradio in half of its usual time.

On import, Gradio parses the source of each of its components to write a stub file for editors. It
skips a class whose source file cannot be found, so we hide the files until the import is done.

It makes three HTTPS clients, for downloads that the app refuses, and each reads all certificates of
the system. They get a folder that holds none.

It imports mcp and, through Pandas, PyArrow where they are installed. Only our MCP server needs the
one, and imports it itself (`server/mcp.py`); nothing here needs the other.
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generative.importing import without, without_collections

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# Gradio asks for Matplotlib's backend at every request: to find one, it would import pyplot.
os.environ.setdefault("MPLBACKEND", "agg")

PORT = os.environ.pop("GRADIO_SERVER_PORT", None)
"""The port from the environment, removed because Gradio fails to import if it is not a number."""

HOST = os.environ.pop("GRADIO_SERVER_NAME", None)
"""The host from the environment, removed because Gradio would look there for a free IPv4 port."""


@contextmanager
def _without_stubs() -> Iterator[None]:
    find = inspect.getfile

    def getfile(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return find(thing)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = find


@contextmanager
def _without_certificates() -> Iterator[None]:
    kept = {name: os.environ.pop(name, None) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
    try:
        yield
    finally:
        del os.environ["SSL_CERT_DIR"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


CSS = Path(__file__).parent / "app.css"
"""What the page looks like, beyond Gradio's theme."""

SCRIPTS = ("page.js", "links.js", "style_transfer/easel.js", "style_transfer/uploads.js")

HEAD = "".join(
    f"<script>{(Path(__file__).parent / script).read_text(encoding='utf-8')}</script>"
    for script in SCRIPTS
)
"""For the page's head."""

with (
    _without_stubs(),
    _without_certificates(),
    without("mcp", "pyarrow"),
    without_collections(),
):
    import gradio as gr

gc.freeze()  # What was imported stays: later collections need not look at it.

__all__ = ["CSS", "HEAD", "HOST", "PORT", "gr"]
