"""Which names the server answers to."""

from __future__ import annotations

from typing import Any

import pytest
from loops import run_async

from generative.ui.server import allowed_hosts


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_every_kind_of_connection_checks_the_host_name(kind):
    sent: list[Any] = []

    async def app(*_: Any) -> None:
        sent.append("let in")

    async def send(message: Any) -> None:
        sent.append(message)

    checked = allowed_hosts.restrict_hosts(lambda: ("a.example",))(app)
    forged = {"type": kind, "path": "/", "headers": [(b"host", b"evil.example")]}
    run_async(checked, forged, None, send)
    assert sent[0]["status"] == 403
    sent.clear()
    run_async(checked, {**forged, "headers": [(b"host", b"a.example")]}, None, send)
    run_async(checked, {"type": "lifespan"}, None, send)
    assert sent == ["let in"] * 2


@pytest.mark.parametrize(
    ("names", "host", "expected"),
    [
        ((), "anything.example", True),
        (("a.example",), "a.example:443", True),
        (("a.example",), "A.EXAMPLE.", True),
        (("a.example",), "b.a.example", False),
        (("*.a.example",), "b.a.example", True),
        (("*",), "anything.example", True),
        (("a.example",), "192.168.1.7:7860", True),
        (("a.example",), "[fe80::1]:7860", True),
        (("a.example",), "[oops", False),
        (("a.example",), "", False),
        (("a.example",), None, True),
    ],
)
def test_host_names_are_compared_without_port_and_case(names, host, expected):
    assert allowed_hosts.is_allowed(host, names) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in ("127.0.0.1", "127.1.2.3", "[::1]", "localhost")),
        *((host, False) for host in ("0.0.0.0", "192.168.0.1", "::", "example.org")),
    ],
)
def test_loopback_hosts_are_recognised(host, expected):
    assert allowed_hosts.is_loopback(host) == expected
