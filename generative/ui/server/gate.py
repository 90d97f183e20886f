"""What every request passes before Gradio sees it, and every answer after.

Gradio leaves some doors open that this app has no use for, takes bodies of any length, and answers
much that it did not expect with status 500 and a traceback in the log.
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
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from generative import images
from generative.ui.server.admission import NO_SUCH_CALL, FairQueue
from generative.ui.server.answers import sentence
from generative.ui.server.folder import UploadFolder
from generative.ui.server.hosts import answering_to, name_of

if TYPE_CHECKING:
    from generative.ui.guarded import GuardedBlocks

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
"""For the page's head. Of a refusal with status 503, Gradio's page shows words of its own, which
name no queue; of one with status 429, the sentence that it holds."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
}
"""A Space is shown in a frame of huggingface.co."""

CLOSED = re.compile(
    "/gradio_api/(file[=/]https?:|proxy=|process_recording|deep_link|vibe-|run-history)|/monitoring"
)
"""Fetching files of other servers, converting films, keeping pages, changing the program, figures
on its use."""

UPLOAD = re.compile("/gradio_api/upload/?")
RESULT = re.compile("/gradio_api/call/(?:v2/)?[^/]+/([^/]+)/?")

MOST_BYTES = images.MAX_FILE_BYTES + 2**20
"""Length of a request with files; a file that is too large for us gets the words of its reader."""

MOST_JSON_BYTES = 2**20
"""Length of any other request."""

NOT_HERE = "There is nothing here."
NO_RESULT = "There is no such result: it was collected, or nobody did so for 5 minutes."
NO_LENGTH = "The request does not say how long it is: send its Content-Length."
TOO_LONG = (
    f"The request is too long: expected at most {MOST_JSON_BYTES // 2**20} MB, or a picture of at "
    f"most {images.MAX_FILE_BYTES // 2**20} MB sent with /gradio_api/upload."
)
NO_ROOM = "There is no room for further uploads: try again in a minute."
NOT_UNDERSTOOD = (
    "The request cannot be used: expected what /gradio_api/info describes, in the form of Gradio's "
    "API."
)


def protection(blocks: GuardedBlocks, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the options of FastAPI that put all this before an app.

    Args:
        blocks: the app; the name of its public link is allowed too, once it has one.
        names: that it answers to; every name if there are none.
    """

    def allowed() -> tuple[str, ...]:
        return (*names, name_of(blocks.share_url or "")) if names else ()

    return {
        "middleware": [
            Middleware(with_headers),
            Middleware(answering_to(allowed)),
            Middleware(gate(lambda: blocks.fair_queue)),
            Middleware(with_room_in(UploadFolder(lambda: _shown_by(blocks)))),
        ],
        "exception_handlers": {RequestValidationError: _explain_form},
    }


def with_headers(app: ASGIApp) -> ASGIApp:
    """Give every answer of an app our headers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer


def gate(queue: Callable[[], FairQueue]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that refuses in one sentence what the app has no answer to.

    Args:
        queue: returns the queue of the app.
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


def with_room_in(folder: UploadFolder) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that lets an app take uploads while there is room in their folder."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not UPLOAD.fullmatch(_path(scope)):
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
                await sentence(507, NO_ROOM)(scope, receive, send)

        return answer

    return wrap


class _FolderFull(Exception):
    """No room is left for an upload, or for the rest of one."""


class _Sender:
    """Sends an answer, and knows whether it has begun to."""

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


def _shown_by(blocks: GuardedBlocks) -> set[str]:
    """Return the files that the page itself shows, which Gradio never deletes either."""
    return {
        path for block in blocks.blocks.values() for path in getattr(block, "keep_in_cache", ())
    }


def _refusal(scope: Scope, queue: FairQueue) -> JSONResponse | None:
    """Return the answer to a request that Gradio should not see; None to any other."""
    path = _path(scope)
    if CLOSED.match(path):
        return sentence(404, NOT_HERE)
    result = RESULT.fullmatch(path)
    if result and scope["method"] == "GET" and not queue.knows(result[1]):
        return sentence(404, NO_RESULT)
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers and "content-length" not in headers:
        return sentence(411, NO_LENGTH)
    has_files = headers.get("content-type", "").startswith("multipart/form-data")
    if _length(headers) > (MOST_BYTES if has_files else MOST_JSON_BYTES):
        return sentence(413, TOO_LONG)
    return None


async def _explain(error: Exception, scope: Scope, receive: Receive, send: _Sender) -> None:
    """Answer a request on which Gradio failed.

    The stream of a visitor whom Gradio does not know (any more) fails after it has begun.
    """
    if send.has_begun:
        if not isinstance(error.__cause__, HTTPException):
            raise error
        await send({"type": "http.response.body"})
        return
    logging.getLogger(__name__).warning("%s could not be answered: %r", scope["path"], error)
    unknown = isinstance(error, FnIndexInferError)
    answer = sentence(404, NO_SUCH_CALL) if unknown else sentence(422, NOT_UNDERSTOOD)
    await answer(scope, receive, send)


async def _explain_form(_request: Request, _error: Exception) -> JSONResponse:
    """Answer a request of the wrong form: FastAPI would list all that it expected."""
    return sentence(422, NOT_UNDERSTOOD)
