"""Filter requests before Gradio sees them, and its responses afterwards.

Gradio has routes that this app must not offer, accepts bodies of any length, and answers many
malformed requests with status 500 and a traceback in the log.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from generative import images
from generative.ui.server.allowed_hosts import name_of, restrict_hosts
from generative.ui.server.error_responses import error_response
from generative.ui.server.fair_queue import NO_SUCH_CALL, FairQueue
from generative.ui.server.upload_folder import UploadFolder

if TYPE_CHECKING:
    from generative.ui.validating_blocks import ValidatingBlocks

SHOW_REFUSALS = """<script>
{
    const ask = window.fetch
    window.fetch = async (...request) => {
        const answer = await ask(...request)
        if (answer.status !== 503 || !answer.url.includes("/queue/join")) return answer
        return new Response(answer.body, {status: 429, headers: answer.headers})
    }
}
</script>"""
"""For the page's head. Gradio's page replaces the message of a 503 with its own, which names no
queue; the message of a 429 it shows."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
}
"""huggingface.co shows a Space in a frame."""

BLOCKED_PATHS = re.compile(
    "/gradio_api/(file[=/]https?:|proxy=|process_recording|deep_link|vibe-|run-history)|/monitoring"
)
"""Routes that fetch files from other servers, convert videos, store pages, edit the program or
report its use."""

HEALTH_PATH, METRICS_PATH = "/healthz", "/metrics"
READING = ("GET", "HEAD")

UPLOAD_PATH = re.compile("/gradio_api/upload/?")
RESULT_PATH = re.compile("/gradio_api/call/(?:v2/)?[^/]+/([^/]+)/?")

MAX_UPLOAD_BYTES = images.MAX_FILE_BYTES + 2**20
"""Length of a request with files; above MAX_FILE_BYTES, so that the decoder refuses the file."""

MAX_JSON_BYTES = 2**20
"""Length of any other request."""

NOTHING_HERE = "There is nothing here."
NO_RESULT = "There is no such result: it was read already, or left unread for 5 minutes."
LENGTH_MISSING = "The request does not state its length: send Content-Length."
TOO_LONG = (
    f"The request is too long: expected at most {MAX_JSON_BYTES // 2**20} MB, or a picture of at "
    f"most {images.MAX_FILE_BYTES // 2**20} MB sent with /gradio_api/upload."
)
NO_ROOM = "There is no room for more uploads: try again in a minute."
MALFORMED = (
    "The request is malformed: expected a call of Gradio's API, as /gradio_api/info describes it."
)


def server_options(
    blocks: ValidatingBlocks,
    names: tuple[str, ...],
    metrics: Callable[[Headers], Response] | None = None,
) -> dict[str, Any]:
    """Return the FastAPI options that put these filters in front of an app.

    Args:
        blocks: the app; once it has a public link, that link's name is allowed too.
        names: host names to answer to; empty for all.
        metrics: returns the response to a request for /metrics, given its headers; None for none.
    """

    def allowed() -> tuple[str, ...]:
        return (*names, name_of(blocks.share_url or "")) if names else ()

    return {
        "middleware": [
            Middleware(add_security_headers),
            # A load balancer asks by any name.
            Middleware(answer_at(HEALTH_PATH, lambda _: blocks.health.response())),
            Middleware(restrict_hosts(allowed)),
            *([] if metrics is None else [Middleware(answer_at(METRICS_PATH, metrics))]),
            Middleware(refuse_early(lambda: blocks.fair_queue)),
            Middleware(limit_uploads(UploadFolder(lambda: _shown_by(blocks)))),
        ],
        "exception_handlers": {RequestValidationError: _explain_malformed},
    }


def add_security_headers(app: ASGIApp) -> ASGIApp:
    """Add `HEADERS` to every response of an app."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer


def answer_at(path: str, respond: Callable[[Headers], Response]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that answers at one path, and leaves all others to the app.

    Args:
        path: the path.
        respond: returns the response, given the request's headers.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] in READING and _path(scope) == path:
                await respond(Headers(scope=scope))(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    return wrap


def refuse_early(queue: Callable[[], FairQueue]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that refuses, in one sentence, requests the app cannot answer.

    Args:
        queue: returns the app's queue.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            refusal = _refusal(scope, queue())
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            sender = _Sender(send)
            try:
                await app(scope, receive, sender)
            except Exception as error:
                await _explain(error, scope, receive, sender)

        return answer

    return wrap


def limit_uploads(folder: UploadFolder) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that accepts uploads only while their folder has room."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not UPLOAD_PATH.fullmatch(_path(scope)):
                await app(scope, receive, send)
                return

            async def receive_counted() -> Message:
                message = await receive()
                folder.count(len(message.get("body", b"")))
                if not await folder.has_room(0):
                    raise _FolderFull
                return message

            try:
                if not await folder.has_room(_length(Headers(scope=scope))):
                    raise _FolderFull
                await app(scope, receive_counted, send)
            except _FolderFull:
                await error_response(507, NO_ROOM)(scope, receive, send)

        return answer

    return wrap


class _FolderFull(Exception):
    """The folder has no room for an upload, or for the rest of one."""


class _Sender:
    """Sends a response, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self._send(message)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _length(headers: Headers) -> int:
    return int(headers.get("content-length", 0))


def _shown_by(blocks: ValidatingBlocks) -> set[str]:
    """Return the files that the page itself shows, which must not be deleted."""
    return {
        path for block in blocks.blocks.values() for path in getattr(block, "keep_in_cache", ())
    }


def _refusal(scope: Scope, queue: FairQueue) -> JSONResponse | None:
    """Return the refusal of a request that Gradio must not see; None for any other."""
    path = _path(scope)
    if BLOCKED_PATHS.match(path):
        return error_response(404, NOTHING_HERE)
    result = RESULT_PATH.fullmatch(path)
    if result and scope["method"] == "GET" and not queue.knows(result[1]):
        return error_response(404, NO_RESULT)
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers and "content-length" not in headers:
        return error_response(411, LENGTH_MISSING)
    has_files = headers.get("content-type", "").startswith("multipart/form-data")
    if _length(headers) > (MAX_UPLOAD_BYTES if has_files else MAX_JSON_BYTES):
        return error_response(413, TOO_LONG)
    return None


async def _explain(error: Exception, scope: Scope, receive: Receive, send: _Sender) -> None:
    """Answer a request on which Gradio failed.

    For a visitor unknown to Gradio, the stream fails after the response has begun.
    """
    if send.has_begun:
        if not isinstance(error.__cause__, HTTPException):
            raise error
        await send({"type": "http.response.body"})
        return
    logging.getLogger(__name__).warning("%s could not be answered: %r", scope["path"], error)
    unknown = isinstance(error, FnIndexInferError)
    answer = error_response(404, NO_SUCH_CALL) if unknown else error_response(422, MALFORMED)
    await answer(scope, receive, send)


async def _explain_malformed(_request: Request, _error: Exception) -> JSONResponse:
    """Answer a malformed request; FastAPI would list everything it expected."""
    return error_response(422, MALFORMED)
