"""Check the host name in each request, against DNS rebinding.

A stranger's page can point its own host name at this machine, and then read the server's responses
as if they were its own. But the browser sends the name it used, so a server meant only for this
machine answers only to this machine's names. IP addresses can't be forged this way, so all of them
are allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from generative.ui.server.error_responses import error_response

LOOPBACK_NAMES = ("localhost", "*.localhost")
UNKNOWN_HOST = (
    "This server does not answer to this host name: whoever runs it can allow the name with "
    "--allowed-host."
)


def restrict_hosts(names: Callable[[], Collection[str]]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that answers only to IP addresses and certain names.

    Args:
        names: returns the names, in which * matches any characters; an empty one allows every name.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            is_called = scope["type"] != "lifespan"
            if is_called and not is_allowed(Headers(scope=scope).get("host"), names()):
                await error_response(403, UNKNOWN_HOST)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    return wrap


def is_allowed(host: str | None, names: Collection[str]) -> bool:
    """Tell whether a Host header is an IP address or matches one of `names`.

    A request without a Host header does not come from a browser, so it is allowed.
    """
    if not names or host is None:
        return True
    name = name_of(host)
    return is_address(name) or any(fnmatchcase(name, each) for each in (*LOOPBACK_NAMES, *names))


def name_of(host: str) -> str:
    """Return the host name in a Host header or a URL; empty if there is none."""
    try:
        return (urlsplit(host if "//" in host else f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Tell whether a host name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Tell whether a host name or IP address can be reached only from this machine."""
    name = name.strip("[]").lower()
    if is_address(name):
        return ipaddress.ip_address(name).is_loopback
    return any(fnmatchcase(name, each) for each in LOOPBACK_NAMES)
