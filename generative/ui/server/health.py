"""`/healthz`: whether the app can answer, for whoever starts and replaces servers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from generative.ui.server.error_responses import error_response

STARTING = "The models are being loaded: ask again in a few seconds."
STOPPING = "This server is about to stop: try again in a minute."


class Health:
    """What keeps the app from answering: its start, a part that fails, or its end."""

    def __init__(self) -> None:
        self._problem: str | None = STARTING

    def note_started(self, failing: Sequence[str]) -> None:
        """Note that the start is over, and which parts fail."""
        if self._problem == STARTING:
            why = f"Failing since the start: {', '.join(failing)}. The log says why."
            self._problem = why if failing else None

    def note_stopping(self) -> None:
        """Note that the end is near."""
        self._problem = STOPPING

    def response(self) -> Response:
        """Return 200 if nothing keeps the app from answering, else 503 with the reason."""
        if self._problem is None:
            return JSONResponse({"status": "ready"})
        return error_response(503, self._problem)
