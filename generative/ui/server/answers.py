"""An answer of one sentence: the form in which the server refuses a request."""

from __future__ import annotations

from starlette.responses import JSONResponse


def sentence(status: int, text: str) -> JSONResponse:
    """Return an answer of one sentence, where Gradio's clients look for it."""
    return JSONResponse({"detail": text}, status)
