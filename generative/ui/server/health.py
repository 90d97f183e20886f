"""`/healthz`: whether the app can answer, for whoever starts and replaces servers."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from generative.ui.server.error_responses import error_response

STARTING = "The models are being loaded: ask again in a few seconds."
FAILING = "The log says why these fail"
STOPPING = "This server is about to stop: try again in a minute."


class Health:
    """What keeps the app from answering: its start, a part that fails, or its end."""

    def __init__(self) -> None:
        self._is_starting, self._is_stopping = True, False
        self._failing: list[str] = []

    def note_ready(self) -> None:
        """Note that the models answer, as far as they can."""
        self._is_starting = False

    def note_failing(self, part: str) -> None:
        """Note that a part of the app cannot be used."""
        self._failing.append(part)

    def note_stopping(self) -> None:
        """Note that the end is near."""
        self._is_stopping = True

    def response(self) -> Response:
        """Return 200 if nothing keeps the app from answering, else 503 with the reason."""
        if self._is_stopping:
            return error_response(503, STOPPING)
        if self._is_starting:
            return error_response(503, STARTING)
        if self._failing:
            return error_response(503, f"{FAILING}: {', '.join(self._failing)}.")
        return JSONResponse({"status": "ready"})
