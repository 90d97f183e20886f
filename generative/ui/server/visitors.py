"""Who sent a request: a session, or the public address that it comes from."""

from __future__ import annotations

import ipaddress
from typing import Literal

from fastapi import Request


def visitor_of(session: str | None, request: Request) -> tuple[Literal["session", "address"], str]:
    """Return who sent a request: the session of a page or client, else an address."""
    if session:
        return "session", session
    return "address", address_of(request) or _peer(request)


def address_of(request: Request) -> str | None:
    """Return the public address a request comes from; None if only private ones are known.

    That is the last public one among the addresses in X-Forwarded-For and the connection's own: the
    sender may have invented any before it. An IPv6 address is reduced to its /64 network, all of
    which one owner may use.
    """
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = [_public_address(hop.strip()) for hop in (*forwarded.split(","), _peer(request))]
    return next(filter(None, reversed(hops)), None)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _public_address(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if not parsed.is_global:
        return None
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
