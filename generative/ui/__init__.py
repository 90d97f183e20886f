"""The app's panels. Importing this imports Gradio, in two thirds of the time that it takes alone.

While it is imported, Gradio parses the source of each of its components and writes a stub file for
editors. It leaves that out for a class that says it has no file; so its classes say so until the
import is done.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

PORT = os.environ.pop("GRADIO_SERVER_PORT", None)
"""The port asked for in the environment. Gradio can't be imported while that is not a number."""

HOST = os.environ.pop("GRADIO_SERVER_NAME", None)
"""The host asked for in the environment. Gradio would look there for a free port of IPv4."""


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


CSS = Path(__file__).parent / "app.css"
"""What the page looks like, beyond Gradio's theme."""

with _without_stubs():
    import gradio as gr

__all__ = ["CSS", "HOST", "PORT", "gr"]
