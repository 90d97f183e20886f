"""What is checked before the app starts, so that it says in one sentence why it can't."""

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
from generative.ui.server.folder import check_upload_folder
from generative.ui.server.hosts import is_address, is_loopback

HOST_NAME = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")

TAKEN, UNREACHABLE = "Cannot find empty port", "When localhost is not accessible"
"""How Gradio begins to say that it could not listen, and that it could not reach itself."""

MOST_PORTS = 100
"""Ports that are tried in turn where none is asked for."""


class StartError(GenerativeError):
    """The app cannot start; `str(error)` is for the person who starts it."""


def names_to_answer(host: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the names that the server answers to beside addresses; none if it answers to all.

    Args:
        host: name or address that it listens at.
        given: names that were allowed.

    Raises:
        StartError: one of them is not a name.
    """
    for name in given:
        if not HOST_NAME.fullmatch(name):
            raise StartError(
                f"{name!r} is not the name of a host: expected playground.example.org or "
                "*.example.org, without a port."
            )
    if not given and not is_loopback(host):
        return ()
    return (*map(str.lower, given), host.lower())


def check_folders(directory: Path) -> None:
    """Check the folder of the checkpoints and that of the uploads; say so if the first is empty.

    Raises:
        StartError: the first is no folder, or the second cannot be written to.
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
            f"The folder for uploads, {get_upload_folder()}, is not yours to write to: name "
            "another one with GRADIO_TEMP_DIR."
        ) from None


def find_port(host: str, asked: str | None) -> int:
    """Return the port to listen at: the one asked for, or the first free one.

    Args:
        host: name or address of this machine.
        asked: number from 1 to 65535; None for any from GRADIO_SERVER_PORT or 7860.

    Raises:
        StartError: what was asked for is no port, it is taken, or the host is not this machine.
    """
    first = _port_of(ui.PORT or "7860")
    ports = range(first, min(first + MOST_PORTS, 65536)) if asked is None else [_port_of(asked)]
    for port in ports:
        if _is_free(host, port):
            return port
    taken = f"Ports {ports[0]} to {ports[-1]} are all" if len(ports) > 1 else f"Port {ports[0]} is"
    raise StartError(f"{taken} taken: choose another with --port.")


def in_brackets(host: str) -> str:
    """Return a name or an address as it stands before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and is_address(host) else host


@contextmanager
def in_our_words(app: gr.Blocks, host: str, port: int, share: bool) -> Iterator[None]:
    """Launch an app inside, and say where it is, or why it is not there.

    Gradio's own words are dropped; they would advise to change the program.

    Args:
        app: what is launched.
        host: name or address that it listens at, as `in_brackets` returns it.
        port: number.
        share: whether it should have a public link.

    Raises:
        StartError: the port is taken, the app cannot reach itself, or has no public link though it
            should.
    """
    address = f"http://{host}:{port}"
    try:
        with redirect_stdout(io.StringIO()):
            yield
    except Exception as error:
        if _is_taken(error):
            raise StartError(
                f"Port {port} was taken meanwhile: choose another with --port."
            ) from None
        if isinstance(error, httpx.HTTPError) or str(error).startswith(UNREACHABLE):
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


def _is_taken(error: Exception) -> bool:
    return (
        isinstance(error, ServerFailedToStartError)
        or getattr(error, "errno", None) == errno.EADDRINUSE
        or (isinstance(error, OSError) and str(error).startswith(TAKEN))
    )


def _port_of(text: str) -> int:
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
                f"Port {port} is not yours to listen at: choose one from 1024 with --port."
            ) from None
        raise StartError(
            f"{host!r} is not a name or an address of this machine: expected 127.0.0.1 for this "
            "machine alone, or 0.0.0.0 for all that can reach it."
        ) from None
    return True
