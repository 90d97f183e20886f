"""By which names the server may be called.

A page of a stranger can give its own name the address of this machine, and then read what a server
here answers, as one of its own (DNS rebinding). The browser says by which name it calls: a server
that is meant for this machine alone answers to the names of this machine alone. An address can't be
forged in this way, so any address will do.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from generative.ui.server.answers import sentence

LOOPBACK = ("localhost", "*.localhost")
UNKNOWN = (
    "This server does not answer to the name that it was called by: who runs it can allow it with "
    "--allowed-host."
)


def answering_to(names: Callable[[], Collection[str]]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that answers to addresses and some names alone.

    Args:
        names: returns the names, * standing for any characters; none at all allow every name.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            is_called = scope["type"] != "lifespan"
            if is_called and not is_allowed(Headers(scope=scope).get("host"), names()):
                await sentence(403, UNKNOWN)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    return wrap


def is_allowed(host: str | None, names: Collection[str]) -> bool:
    """Tell whether a Host header holds an address or one of some names.

    A request without one does not come from a browser.
    """
    if not names or host is None:
        return True
    name = name_of(host)
    return is_address(name) or any(fnmatchcase(name, each) for each in (*LOOPBACK, *names))


def name_of(host: str) -> str:
    """Return the name in a Host header or an address of the web; empty if there is none."""
    try:
        return (urlsplit(host if "//" in host else f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Tell whether a name is no name but an address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Tell whether what listens at a name or address can be reached from this machine alone."""
    name = name.strip("[]").lower()
    if is_address(name):
        return ipaddress.ip_address(name).is_loopback
    return any(fnmatchcase(name, each) for each in LOOPBACK)
