"""If the app cannot start, it says why in one sentence."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from conftest import ROOT
from gradio.exceptions import ServerFailedToStartError
from loops import run_async
from talk import TIMEOUT, is_a_sentence

import app
from generative.errors import CheckpointError
from generative.style_transfer import examples
from generative.ui.handlers import Shelf
from generative.ui.server import startup_checks
from generative.ui.server.health import Health

NO_APP: Any = SimpleNamespace(share_url=None)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def check_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Fail unless the program failed with one sentence that contains some words."""
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("app.py: ")
    assert line.endswith(".")
    for word in words:
        assert word in line


CANNOT_START: dict[str, tuple[list[str], dict[str, str], list[str]]] = {
    "no number of a port": (["--port", "abc"], {}, ["port", "'abc'", "65535"]),
    "too high a port": (["--port", "99999"], {}, ["port", "'99999'", "65535"]),
    "no port": (["--port", "0"], {}, ["port", "65535"]),
    "an unknown host": (["--host", "nowhere.invalid"], {}, ["nowhere.invalid", "127.0.0.1"]),
    "another machine's address": (["--host", "192.0.2.1"], {}, ["192.0.2.1", "0.0.0.0"]),
    "no folder of checkpoints": (["--checkpoints", "nowhere"], {}, ["nowhere", "checkpoints"]),
    "a file for a folder": (["--checkpoints", "app.py"], {}, ["app.py", "checkpoints"]),
    "no repository on the Hub": (["--checkpoints", "hub:x"], {}, ["'x'", "OWNER/NAME"]),
    "no name of a host": (["--allowed-host", "https://x/"], {}, ["https://x/"]),
    "none in the environment": ([], {"ALLOWED_HOSTS": "a:80"}, ["a:80"]),
    "no user and password": (["--auth", ":secret"], {}, ["--auth", "USER:PASSWORD"]),
    "none of them in the environment": ([], {"PLAYGROUND_AUTH": "secret"}, ["PLAYGROUND_AUTH"]),
    "no root path": (["--root-path", "play"], {}, ["'play'", "/playground"]),
    "no address of a cluster": (["--ray", "far away"], {}, ["far away", "HOST:PORT"]),
    "no level of the log": (["--log-level", "loud"], {}, ["'loud'", "warning"]),
    "no switch": ([], {"PLAYGROUND_METRICS": "maybe"}, ["PLAYGROUND_METRICS", "'maybe'"]),
    "no folder for uploads": ([], {"GRADIO_TEMP_DIR": "/dev/null/x"}, ["GRADIO_TEMP_DIR"]),
}


def test_help_names_the_options(capsys):
    with pytest.raises(SystemExit) as ended:
        app.parse(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr()
    for option in ("--host", "--port", "--share", "--checkpoints", "GRADIO_SERVER_PORT"):
        assert option in said.out
    assert said.err == ""


@pytest.mark.parametrize("case", CANNOT_START)
def test_why_it_cannot_start_is_one_sentence(case, monkeypatch):
    options, environment, words = CANNOT_START[case]
    monkeypatch.setattr("generative.ui.server.logs.configure", lambda _level: None)
    monkeypatch.setattr("sys.argv", ["app.py", *options])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        app.main()
    said = str(ended.value.code)
    assert said.startswith("app.py: ")
    assert said.endswith(".")
    assert "\n" not in said
    assert all(word in said for word in words)
    assert "secret" not in said


def test_an_invalid_port_in_the_environment_is_one_sentence():
    """Gradio alone could not even be imported."""
    check_refused(run(GRADIO_SERVER_PORT="abc", GRADIO_SERVER_NAME="127.0.0.1"), "port", "'abc'")


def test_an_unknown_host_in_the_environment_is_one_sentence(monkeypatch):
    monkeypatch.setattr("generative.ui.HOST", "a..b")
    with pytest.raises(startup_checks.StartError, match=r"a\.\.b"):
        app.launch(app.parse([]))


def test_a_taken_port_is_one_sentence(taken_port):
    with pytest.raises(startup_checks.StartError, match=f"Port {taken_port} is taken") as caught:
        app.launch(app.parse(["--host", "127.0.0.1", "--port", str(taken_port)]))
    assert "--port" in str(caught.value)
    assert is_a_sentence(str(caught.value))


def test_a_public_link_that_cannot_be_made_is_one_sentence(monkeypatch):
    """Gradio itself starts all the same, without a link."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")

    # Gradio leaves a socket open for every port that it finds taken.
    port = startup_checks.find_port("127.0.0.1", None)

    async def start() -> None:  # Outside a loop, Gradio makes some, and closes none.
        with gr.Blocks(analytics_enabled=False) as demo:
            gr.Markdown("A page")
        try:
            with startup_checks.report_launch(demo, "127.0.0.1", port, share=True):
                demo.launch(
                    server_name="127.0.0.1",
                    server_port=port,
                    share=True,
                    prevent_thread_lock=True,
                    quiet=True,
                    num_workers=0,
                )
        finally:
            demo.close(verbose=False)

    with pytest.raises(startup_checks.StartError, match=r"There is no public link.*--share"):
        run_async(start)


def test_an_unwritable_upload_folder_is_one_sentence(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    startup_checks.check_folders(ROOT / "checkpoints")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    with pytest.raises(startup_checks.StartError, match="GRADIO_TEMP_DIR"):
        startup_checks.check_folders(ROOT / "checkpoints")


def test_the_level_of_the_log_comes_from_the_environment(taken_port, monkeypatch):
    levels: list[str] = []
    monkeypatch.setattr("generative.ui.server.logs.configure", levels.append)
    monkeypatch.setenv("PLAYGROUND_LOG_LEVEL", "Warning")
    monkeypatch.setattr("sys.argv", ["app.py", "--host", "127.0.0.1", "--port", str(taken_port)])
    with pytest.raises(SystemExit):
        app.main()
    assert levels == ["warning"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [("::1", "[::1]"), ("[::1]", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("a.example", "a.example")],
)
def test_an_ipv6_address_is_written_in_brackets(host, expected, monkeypatch, capsys):
    launched: list[str] = []
    blocks = SimpleNamespace(launch=lambda server_name, **_: launched.append(server_name))
    monkeypatch.setattr(startup_checks, "find_port", lambda _host, _port: 7860)
    monkeypatch.setattr(app, "build", lambda _shelf, with_tools: blocks)
    monkeypatch.setattr("sys.argv", ["app.py", "--host", host])
    app.launch(app.parse())
    assert launched == [expected]
    assert capsys.readouterr().out == f"Running on http://{expected}:7860\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("Cannot find empty port in range: 1-1."), "Port 1 has just been taken"),
        (OSError(errno.EADDRINUSE, "in use"), "Port 1 has just been taken"),
        (ServerFailedToStartError("failed"), "Port 1 has just been taken"),
        (ValueError("When localhost is not accessible, ..."), "uses a proxy"),
        (httpx.ConnectError("refused"), "uses a proxy"),
    ],
)
def test_a_failed_launch_is_one_sentence(error, words):
    with (
        pytest.raises(startup_checks.StartError, match=words),
        startup_checks.report_launch(NO_APP, "::1", 1, share=False),
    ):
        raise error


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), ValueError("a mistake")])
def test_an_unexpected_launch_error_is_raised_unchanged(error):
    with (
        pytest.raises(type(error)) as caught,
        startup_checks.report_launch(NO_APP, "127.0.0.1", 1, share=False),
    ):
        raise error
    assert caught.value is error


def test_each_part_is_warmed_up_and_a_failure_is_one_line(caplog, monkeypatch):
    def broken(_shelf: Shelf) -> None:
        raise ValueError("shapes\ndiffer")

    def damaged(_shelf: Shelf) -> None:
        raise CheckpointError("The checkpoint is damaged.")

    monkeypatch.setattr(Shelf, "warm_up", broken)
    monkeypatch.setattr("generative.ui.style_transfer.can_build_style_transfer", lambda _: True)
    monkeypatch.setattr("generative.ui.style_transfer.warm_up", damaged)
    health = Health()
    app.warm_up(Shelf(ROOT / "nowhere"), health)
    assert health.response().status_code == 503
    assert b"The models, Style transfer" in health.response().body
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "The models: not warmed up: ValueError('shapes\\ndiffer')",
        "Style transfer: not warmed up: The checkpoint is damaged.",
    ]
    assert all(record.exc_info is None for record in caplog.records)


def test_an_empty_checkpoint_folder_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    startup_checks.check_folders(tmp_path)
    assert "There are no checkpoints" in capsys.readouterr().err


def test_by_default_the_first_free_port_is_used(taken_port, monkeypatch):
    monkeypatch.setattr("generative.ui.PORT", str(taken_port))
    assert (
        taken_port
        < startup_checks.find_port("127.0.0.1", None)
        < taken_port + startup_checks.PORTS_TO_TRY
    )


@pytest.mark.parametrize(
    ("host", "given", "expected"),
    [
        ("127.0.0.1", [], ("127.0.0.1",)),
        ("0.0.0.0", [], ()),
        ("0.0.0.0", ["A.example", "*.b.example"], ("a.example", "*.b.example", "0.0.0.0")),
        ("127.0.0.1", ["*"], ("*", "127.0.0.1")),
    ],
)
def test_only_a_local_server_restricts_host_names_by_default(host, given, expected):
    assert startup_checks.allowed_names(host, given) == expected


def test_every_example_may_be_served_wherever_its_package_is():
    folders = app.example_folders()
    assert all(str(examples.path(name).parent) in folders for name in examples.titles())
    assert len(folders) == 2
