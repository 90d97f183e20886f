"""The form in which the server refuses a request: one sentence."""

from __future__ import annotations

from starlette.responses import JSONResponse


def error_response(status: int, text: str) -> JSONResponse:
    """Return a response with one sentence, where Gradio's clients look for it."""
    return JSONResponse({"detail": text}, status)
