"""Check host, port and folders before the app starts; report in one sentence what is wrong."""

from __future__ import annotations

import errno
import io
import re
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import gradio as gr
import httpx
from gradio.exceptions import ServerFailedToStartError
from gradio.utils import get_upload_folder

from generative import checkpoints, ui
from generative.errors import GenerativeError
from generative.ui.server.allowed_hosts import is_address, is_loopback
from generative.ui.server.upload_folder import check_upload_folder

HOST_NAME = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")

PORT_TAKEN, SELF_UNREACHABLE = "Cannot find empty port", "When localhost is not accessible"
"""How Gradio's errors begin when it finds no free port, and when it cannot reach itself."""

PORTS_TO_TRY = 100
"""Ports tried in turn when none is given."""


class StartError(GenerativeError):
    """The app cannot start; `str(error)` tells the person starting it why."""


def allowed_names(host: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the host names that the server answers to; empty if it answers to all.

    Args:
        host: name or IP address that it listens on.
        given: names allowed on the command line.

    Raises:
        StartError: one of them is not a host name.
    """
    for name in given:
        if not HOST_NAME.fullmatch(name):
            raise StartError(
                f"{name!r} is not a host name: expected one such as playground.example.org "
                "or *.example.org, without a port."
            )
    if not given and not is_loopback(host):
        return ()
    return (*map(str.lower, given), host.lower())


def check_folders(directory: Path) -> None:
    """Check the checkpoint folder and the upload folder; warn if there are no checkpoints.

    Raises:
        StartError: the checkpoint folder does not exist, or the upload folder is not writable.
    """
    if not directory.is_dir():
        raise StartError(f"There is no folder {directory}: expected one that holds checkpoints.")
    if not checkpoints.available(directory):
        print(
            f"There are no checkpoints in {directory}: the page will say what is missing, and "
            "train.py makes them.",
            file=sys.stderr,
        )
    try:
        check_upload_folder()
    except OSError:
        raise StartError(
            f"The folder for uploads, {get_upload_folder()}, is not writable: name another "
            "one with GRADIO_TEMP_DIR."
        ) from None


def find_port(host: str, asked: str | None) -> int:
    """Return the port to listen on: the one asked for, or the first free one.

    Args:
        host: name or IP address of this machine.
        asked: a number from 1 to 65535; None to search from GRADIO_SERVER_PORT or 7860.

    Raises:
        StartError: not a port, a taken port, or a host that is not this machine.
    """
    first = _parse_port(ui.PORT or "7860")
    ports = (
        range(first, min(first + PORTS_TO_TRY, 65536)) if asked is None else [_parse_port(asked)]
    )
    for port in ports:
        if _is_free(host, port):
            return port
    taken = f"Ports {ports[0]} to {ports[-1]} are all" if len(ports) > 1 else f"Port {ports[0]} is"
    raise StartError(f"{taken} taken: choose another with --port.")


def bracket_ipv6(host: str) -> str:
    """Return a host as URLs write it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and is_address(host) else host


@contextmanager
def report_launch(app: gr.Blocks, host: str, port: int, share: bool) -> Iterator[None]:
    """Launch an app in this context, then print its address or raise why it failed.

    Hides Gradio's own messages, which would advise changing the program.

    Args:
        app: the app being launched.
        host: name or IP address that it listens on, as `bracket_ipv6` returns it.
        port: the port that it listens on.
        share: whether it should get a public link.

    Raises:
        StartError: the port is taken, the app cannot reach itself, or it got no public link.
    """
    address = f"http://{host}:{port}"
    try:
        with redirect_stdout(io.StringIO()):
            yield
    except Exception as error:
        if _is_port_taken(error):
            raise StartError(
                f"Port {port} has just been taken: choose another with --port."
            ) from None
        if isinstance(error, httpx.HTTPError) or str(error).startswith(SELF_UNREACHABLE):
            raise StartError(
                f"The app cannot reach itself at {address}: if this machine uses a proxy, set "
                f"NO_PROXY=localhost,{host.strip('[]')}."
            ) from None
        raise
    if share and not app.share_url:
        raise StartError(
            "There is no public link: the server that makes them cannot be reached from here, so "
            "start without --share, or try again later."
        )
    print(f"Running on {address}", *([f"and {app.share_url}"] if share else []), flush=True)


def _is_port_taken(error: Exception) -> bool:
    return (
        isinstance(error, ServerFailedToStartError)
        or getattr(error, "errno", None) == errno.EADDRINUSE
        or (isinstance(error, OSError) and str(error).startswith(PORT_TAKEN))
    )


def _parse_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise StartError(f"A port is a number from 1 to 65535, not {text!r}.")
    return int(text)


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "errno", None)
        if reason == errno.EADDRINUSE:
            return False
        if reason in (errno.EACCES, errno.EPERM):
            raise StartError(
                f"Port {port} needs more permissions: choose one from 1024 up with --port."
            ) from None
        raise StartError(
            f"{host!r} is not a name or address of this machine: expected 127.0.0.1 to serve this "
            "machine only, or 0.0.0.0 to serve every machine that can reach it."
        ) from None
    return True
