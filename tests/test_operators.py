"""An app as operators set it up: a password, a proxy before it, the environment, a gentle end."""

from __future__ import annotations

import base64
import http.client
import json
import re
import signal
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import RunningApp
from talk import App, encoded, is_a_sentence, stroke
from waits import wait_until

from generative.ui.autoencoders import FRAMES
from generative.ui.server.stopping import DRAIN_SECONDS


@pytest.fixture(scope="module")
def private(launch_app: Callable[..., RunningApp], tmp_path_factory) -> RunningApp:
    """An app without checkpoints behind a proxy and a password, set up by the environment."""
    return launch_app(
        PLAYGROUND_CHECKPOINTS=str(tmp_path_factory.mktemp("empty")),
        PLAYGROUND_AUTH="ada:love:lace",
        PLAYGROUND_METRICS="1",
        GRADIO_ROOT_PATH="/play/",
        ALLOWED_HOSTS="play.example *.example.org",
    )


class SignedIn(App):
    """The app as Ada meets it, who knows the password."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        _, self.cookie = log_in(App(url), "love:lace")

    def connect(self) -> http.client.HTTPConnection:
        connection = super().connect()
        begin = connection.putrequest

        def begin_with_cookie(*arguments: Any, **options: Any) -> None:
            begin(*arguments, **options)
            connection.putheader("Cookie", self.cookie)

        connection.putrequest = begin_with_cookie
        return connection


@pytest.fixture
def ada(private) -> SignedIn:
    return SignedIn(private.url)


def jobs(running: RunningApp) -> list[dict[str, str]]:
    """Return what the app has logged of its jobs."""
    lines = [json.loads(line) for line in running.output().splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "job"]


# --- Password, root path and environment -------------------------------------------------------


def test_without_checkpoints_it_gets_ready(private):
    app = App(private.url)
    app.wait_until_ready()
    assert app.health() == (200, "ready")


def test_only_who_knows_the_password_gets_in(private):
    app = App(private.url)
    call = json.dumps({"data": []}).encode()
    assert app.get("/config")[0] == 401
    assert app.send("POST", "/gradio_api/call/sample", call)[0] == 401
    assert app.send_file(encoded(stroke()), "a.png")[0] == 401
    assert log_in(app, "wrong")[0] == 400
    status, cookie = log_in(app, "love:lace")
    assert status == 200
    status, config = app.get("/config", Cookie=cookie)
    assert status == 200
    assert urllib.parse.urlsplit(json.loads(config)["root"]).path == "/play"


def log_in(app: App, password: str) -> tuple[int, str]:
    """Return status and cookie of signing in."""
    connection = app.connect()
    try:
        form = urllib.parse.urlencode({"username": "ada", "password": password})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", form, kind)
        response = connection.getresponse()
        response.read()
        cookies = response.headers.get_all("Set-Cookie") or []
        return response.status, "; ".join(each.partition(";")[0] for each in cookies)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("password", "status"), [(None, 401), ("ada:wrong", 401), ("ada:love:lace", 200)]
)
def test_metrics_take_the_same_password(private, password, status):
    headers = {}
    if password:
        headers["Authorization"] = "Basic " + base64.b64encode(password.encode()).decode()
    assert App(private.url).get("/metrics", **headers)[0] == status


def test_only_allowed_host_names_are_answered(ada):
    for name, expected in (
        ("play.example", 200),
        ("a.example.org:8000", 200),
        ("127.0.0.1", 200),
        ("example.org", 403),
        ("evil.example", 403),
    ):
        assert ada.get("/config", Host=name)[0] == expected, name


def test_without_checkpoints_the_page_is_there_and_says_what_is_missing(ada):
    sent = ada.upload(encoded(stroke()))
    for answer in (
        ada.call("denoise", sent, "mnist", "gaussian", 0.5, 0),
        ada.call("reconstruct", sent, "mnist"),
    ):
        assert is_a_sentence(answer.error), answer.error
        assert "checkpoint" in answer.error


# --- The end -----------------------------------------------------------------------------------


def frames(app: App, event: str) -> Iterator[list[Any]]:
    """Yield what a training shows, and at its end the last of it once more."""
    connection = app.connect()
    connection.request("GET", f"/gradio_api/call/train_linear/{event}")
    for line in connection.getresponse():
        if line.startswith(b"data: ["):
            yield json.loads(line[6:])
    connection.close()


def test_a_running_job_is_finished_and_a_new_one_is_refused(private, ada):
    """A training in its last quarter: some seconds are left, also on a machine that is busy."""
    ada.wait_until_ready()
    call = json.dumps({"data": [1.0, 0]}).encode()
    status, answer = ada.send("POST", "/gradio_api/call/train_linear", call)
    assert status == 200, answer
    stream = frames(ada, json.loads(answer)["event_id"])
    shown = [next(stream) for _ in range(FRAMES * 3 // 4)]
    private.process.send_signal(signal.SIGTERM)
    wait_until(lambda: ada.health()[0] != 200, "the app to hear of it")
    stopping = "This server is about to stop: try again in a minute."
    assert ada.health() == (503, stopping)
    status, answer = ada.send("POST", "/gradio_api/call/reconstruct", b'{"data": []}')
    assert (status, json.loads(answer)["detail"]) == (503, stopping)
    check_training([*shown, *stream])
    assert private.process.wait(DRAIN_SECONDS + 8) == 0, private.output()
    assert [each["outcome"] for each in jobs(private)[-2:]] == ["refused", "done"]


def check_training(shown: list[list[Any]]) -> None:
    """Fail unless a training was shown step by step to within 3% of PCA."""
    _, *shown = shown  # The first only says that it starts.
    steps = [re.search(r"Step (\d+) of (\d+):", said).groups() for said, *_ in shown]
    numbers = [int(step) for step, _ in steps]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[-1] == int(steps[-1][1])
    above = [float(re.search(r"(-?[\d.]+)\s?%", said).group(1)) for said, *_ in shown]
    assert above[0] > 3 > above[-1] >= 0
    assert all(len(each) == 4 for each in shown)
    assert len({each[3]["path"] for each in shown}) > 5
