"""The app as an MCP server (Model Context Protocol), at /gradio_api/mcp/.

Gradio makes the server. It would offer every endpoint, fetch files from any address, and describe
parameters by docstrings; ours offers `tools.TOOLS`, takes pictures as data URLs or as files that
were uploaded here, and describes parameters as the API page does.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
import gradio.mcp
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from gradio_client import Client

from generative.ui.inputs import is_uploaded
from generative.ui.server.startup_checks import StartError

MISSING = 'The MCP server needs the package mcp: install it with pip install "mcp>=1.21,<2".'
FILE_ROUTE = "/gradio_api/file="
ANSWER_SECONDS = 60
"""Until the app takes a request; not until it has its result."""

UNUSABLE_FILE = (
    "The file cannot be used: send it as a data URL (data:image/png;base64,…), or upload it with "
    "/gradio_api/upload and send its path or its address on this server."
)


def prepare(tools: Mapping[str, str]) -> None:
    """Make Gradio's next MCP server one of ours.

    Args:
        tools: tool → its endpoint.

    Raises:
        StartError: the package `mcp` is not installed.
    """
    if importlib.util.find_spec("mcp") is None:
        raise StartError(MISSING)

    class Server(gradio.mcp.GradioMCPServer):
        """Gradio's server, over our tools."""

        # Gradio takes these in its own class, but has been imported without mcp.
        from mcp import types
        from mcp.server import Server
        from mcp.server.lowlevel.helper_types import ReadResourceContents
        from mcp.server.sse import SseServerTransport
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        def get_tool_to_endpoint(self) -> dict[str, str]:
            return {self.tool_prefix + tool: f"/{name}" for tool, name in tools.items()}

        def get_fn_description(self, block_fn: Any, tool_name: str) -> tuple[str, dict[str, str]]:
            return str(block_fn.api_description), {}

        def convert_strings_to_filedata(self, value: Any, filedata_positions: Any) -> Any:
            names = {position[0] for position in filedata_positions}
            return {k: _file(v) if k in names else v for k, v in value.items()}

        def _get_or_create_client(self) -> Client:
            """Return the client that calls the app's own endpoints; Gradio's waits only 5 s."""
            if self._client_instance is None:
                assert self.local_url is not None
                self._client_instance = Client(
                    self.local_url,
                    download_files=False,
                    verbose=False,
                    analytics_enabled=False,
                    httpx_kwargs={"timeout": ANSWER_SECONDS},
                )
            return self._client_instance

        async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
            # Gradio 6.31 hands several results on as one, and so as text.
            return list(await anyio.to_thread.run_sync(job.result))

    # `launch` looks the class up here, and has no option for another.
    gradio.mcp.GradioMCPServer = Server  # type: ignore[misc]


def _file(sent: object) -> dict[str, Any]:
    """Return what a tool was sent as a file, in the form of an upload.

    Raises:
        ValueError: neither a data URL nor a file that was uploaded here.
    """
    path = _decoded(sent) if str(sent).startswith("data:") else _uploaded(sent)
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def _decoded(sent: object) -> str:
    _, comma, content = str(sent).partition(",")
    try:
        decoded = base64.b64decode(content, validate=True)
    except binascii.Error:
        raise ValueError(UNUSABLE_FILE) from None
    if not comma or not decoded:
        raise ValueError(UNUSABLE_FILE)
    # The decoder goes by the content, whatever the name.
    return str(save_bytes_to_cache(decoded, "picture", get_upload_folder()))


def _uploaded(sent: object) -> str:
    text = sent.get("path") if isinstance(sent, dict) else sent
    if not isinstance(text, str):
        raise ValueError(UNUSABLE_FILE)
    _, found, path = unquote(urlsplit(text).path).partition(FILE_ROUTE)
    path = path if found else text
    if not is_uploaded(path):
        raise ValueError(UNUSABLE_FILE)
    return path
