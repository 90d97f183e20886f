"""The moving pictures of the page's four ways in, and the painting that is there at first.

They are made once, by our own models (`python -m generative.ui.hero`), and come with the program.
A film is a column of square frames: the page's style sheet moves it past a square window, so that
it can rest, play again under the pointer, and stand still for those who ask for less motion.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent
FILMS = ("denoise", "autoencoders", "latent-space", "style-transfer")
FRAMES = 32
"""Of every film; the style sheet has the same number."""

PAINTING = FOLDER / "painting.webp"
"""The cat in oil, as the panel's first settings paint it."""

CONTENT, STYLE = "chelsea", "oil"
"""Examples that it was painted from: the panel begins with them."""

_FILES = StaticFiles(directory=FOLDER)


async def _send(request: Request) -> Response:
    return await _FILES.get_response(request.path_params["name"], request.scope)


# No Mount: behind a proxy that takes a root path off, it would look for the files below "hero".
ROUTES = [Route("/hero/{name}", _send)]


def film(name: str) -> Path:
    """Return the file of one of `FILMS`."""
    return FOLDER / f"{name}.webp"
