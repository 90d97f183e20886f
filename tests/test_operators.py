"""What operators need: health, metrics, a log of jobs, a password, a root path, a gentle end."""

from __future__ import annotations

import base64
import json
import re
import signal
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from conftest import RunningApp
from painting import picture
from PIL import Image
from talk import App, encoded, is_a_sentence, stroke

from generative.style_transfer.settings import SETTINGS, PaintingSettings
from generative.ui.server.stopping import DRAIN_SECONDS

READY_SECONDS = 300
SIZE, STEPS = 96, 10


@pytest.fixture(scope="module")
def served(launch_app: Callable[..., RunningApp]) -> RunningApp:
    """One app over all checkpoints, with metrics, and ready."""
    running = launch_app("--metrics")
    app = App(running.url)
    assert health(app) == (503, "The models are being loaded: ask again in a few seconds.")
    deadline = time.monotonic() + READY_SECONDS
    while health(app)[0] == 503:
        assert time.monotonic() < deadline, running.output()
        time.sleep(0.5)
    return running


@pytest.fixture(scope="module")
def served_app(served: RunningApp) -> App:
    return App(served.url)


@pytest.fixture(scope="module")
def private(launch_app: Callable[..., RunningApp], tmp_path_factory) -> RunningApp:
    """An app without checkpoints behind a proxy and a password, set up by the environment."""
    return launch_app(
        PLAYGROUND_CHECKPOINTS=str(tmp_path_factory.mktemp("empty")),
        PLAYGROUND_AUTH="ada:love:lace",
        PLAYGROUND_METRICS="1",
        PLAYGROUND_LOG_LEVEL="warning",
        GRADIO_ROOT_PATH="/play/",
        ALLOWED_HOSTS="play.example",
    )


def health(app: App, host: str | None = None) -> tuple[int, str]:
    status, answer = get(app, "/healthz", {"Host": host} if host else {})
    said = json.loads(answer)
    return status, said.get("detail") or said["status"]


def get(app: App, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = app.connect()
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def jobs(running: RunningApp) -> list[dict[str, Any]]:
    """Return what the app has logged of its jobs."""
    lines = [json.loads(line) for line in running.output().splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "job"]


def painting(app: App, size: int = SIZE, steps: int = STEPS) -> list[Any]:
    """Return the arguments of a painting of two new pictures."""
    uploads = [app.upload(encoded(Image.fromarray(picture(64, 96, seed)))) for seed in (1, 2)]
    settings = {name: getattr(PaintingSettings(), name) for name in SETTINGS}
    settings |= {"size": size, "steps": steps}
    return [*uploads, *(settings[name] for name in SETTINGS), None, None]


def figures(app: App) -> dict[str, float]:
    """Return every sample of /metrics, after checking the form of the page."""
    status, text = get(app, "/metrics")
    assert status == 200
    samples: dict[str, float] = {}
    family = ""
    for line in text.splitlines():
        if line.startswith("# "):
            family = re.fullmatch(r"# (?:HELP|TYPE) (playground_[a-z_]+) \S.*", line)[1]
            continue
        sample = re.fullmatch(r'(([a-z_]+)(?:\{(?:[a-z]+="[^"\\]*",?)*\})?) (\S+)', line)
        assert sample, line
        assert re.fullmatch(family + "(_bucket|_sum|_count)?", sample[2]), line
        assert sample[1] not in samples
        samples[sample[1]] = float(sample[3])
    return samples


# --- Health, metrics and the log ---------------------------------------------------------------


def test_it_is_ready_once_the_models_answer_under_any_name(served_app):
    assert health(served_app) == (200, "ready")
    assert health(served_app, "balancer.example") == (200, "ready")
    assert get(served_app, "/metrics", {"Host": "evil.example"})[0] == 403
    assert served_app.send("HEAD", "/healthz") == (200, b"")
    assert served_app.send("POST", "/healthz")[0] in (404, 405)


def test_every_job_is_a_line_and_a_figure(served, served_app):
    sent = encoded(stroke())
    file = served_app.upload(sent)
    before = figures(served_app)
    assert served_app.call("denoise", file, "mnist", "gaussian", 0.5, 0).error is None
    assert is_a_sentence(served_app.call("reconstruct", file, "no data set").error)
    time.sleep(0.2)
    done, invalid = jobs(served)[-2:]
    assert set(done) == {
        *("time", "level", "logger", "message", "panel", "endpoint", "queue", "size_bytes"),
        *("waiting_seconds", "working_seconds", "outcome"),
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", done["time"])
    shown = ("level", "panel", "endpoint", "queue", "outcome")
    assert [done[name] for name in shown] == [
        *("info", "Denoise", "denoise", "computations", "done")
    ]
    assert [invalid[name] for name in shown] == [
        *("info", "Autoencoders", "reconstruct", "computations", "invalid")
    ]
    assert len(sent) < done["size_bytes"] < len(sent) + 1000
    assert 0 <= done["waiting_seconds"] < 5
    assert 0 < done["working_seconds"] < 60
    after = figures(served_app)
    ended = 'playground_jobs_total{panel="Denoise",endpoint="denoise",outcome="done"}'
    assert after[ended] == before.get(ended, 0) + 1
    for what in ("waiting", "working"):
        name = f"playground_job_{what}_seconds"
        count = f'{name}_count{{queue="computations"}}'
        assert after[count] == before.get(count, 0) + 2
        assert after[count] == after[f'{name}_bucket{{queue="computations",le="+Inf"}}']
        counts = [value for key, value in after.items() if key.startswith(f"{name}_bucket")]
        assert counts == sorted(counts)
    assert after['playground_resident_memory_bytes{process="app"}'] > 2**27


def test_the_log_names_no_visitor_and_no_file(served):
    assert not re.search(r"127\.0\.0\.1[^:]|session|\.png|data:image", served.log.read_text())


def test_a_painting_counts_as_running_and_stops_when_its_visitor_leaves(served, served_app):
    body = {"data": painting(served_app, steps=5000), "session_hash": "leaver"}
    status, _ = served_app.send("POST", "/gradio_api/call/stylize", json.dumps(body).encode())
    assert status == 200
    for message in served_app.listen("leaver"):
        if message["msg"] == "process_generating":
            break
    assert figures(served_app)['playground_queue_running_jobs{queue="paintings"}'] == 1
    deadline = time.monotonic() + READY_SECONDS
    while jobs(served)[-1]["endpoint"] != "stylize":
        assert time.monotonic() < deadline, served.output()
        time.sleep(0.2)
    assert jobs(served)[-1]["outcome"] == "stopped"
    assert jobs(served)[-1]["panel"] == "Style transfer"
    after = figures(served_app)
    assert after['playground_queue_running_jobs{queue="paintings"}'] == 0
    assert after['playground_resident_memory_bytes{process="painting"}'] > 2**27


# --- Password, root path and environment -------------------------------------------------------


def test_without_checkpoints_it_is_ready_at_once(private):
    app = App(private.url)
    deadline = time.monotonic() + READY_SECONDS
    while health(app)[0] == 503:
        assert time.monotonic() < deadline, private.output()
        time.sleep(0.2)
    assert health(app) == (200, "ready")


def test_only_who_knows_the_password_gets_in(private):
    app = App(private.url)
    call = json.dumps({"data": []}).encode()
    assert get(app, "/config")[0] == 401
    assert app.send("POST", "/gradio_api/call/sample", call)[0] == 401
    assert app.send_file(encoded(stroke()), "a.png")[0] == 401
    assert log_in(app, "wrong")[0] == 400
    status, cookie = log_in(app, "love:lace")
    assert status == 200
    status, config = get(app, "/config", {"Cookie": cookie})
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
    assert get(App(private.url), "/metrics", headers)[0] == status


def test_host_names_come_from_the_environment(private):
    app = App(private.url)
    assert get(app, "/", {"Host": "play.example"})[0] == 200
    assert get(app, "/", {"Host": "other.example"})[0] == 403


# --- The end -----------------------------------------------------------------------------------


def test_an_idle_app_ends_at_once(private):
    begun = time.monotonic()
    private.process.send_signal(signal.SIGTERM)
    assert private.process.wait(DRAIN_SECONDS) == 0
    assert time.monotonic() - begun < DRAIN_SECONDS / 2
    assert "Stopping" not in private.output(), "its log begins at warnings"


def test_a_running_job_is_finished_and_a_new_one_is_refused(served, served_app):
    arguments = painting(served_app)
    sent = served_app.send(
        "POST", "/gradio_api/call/stylize", json.dumps({"data": arguments}).encode()
    )
    event = json.loads(sent[1])["event_id"]
    answers = []
    reader = threading.Thread(target=lambda: answers.append(served_app.read("stylize", event)))
    reader.start()
    while not figures(served_app)['playground_queue_running_jobs{queue="paintings"}']:
        assert not answers, "the painting was too quick"
    served.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + DRAIN_SECONDS
    while health(served_app)[0] == 200:
        assert time.monotonic() < deadline
    assert health(served_app) == (503, "This server is about to stop: try again in a minute.")
    status, answer = served_app.send(
        "POST", "/gradio_api/call/sample", json.dumps({"data": []}).encode()
    )
    assert (status, json.loads(answer)["detail"]) == (
        503,
        "This server is about to stop: try again in a minute.",
    )
    assert served.process.wait(DRAIN_SECONDS + 8) == 0, served.output()
    reader.join(5)
    (answer,) = answers
    assert answer.error is None
    assert [each["outcome"] for each in jobs(served)[-2:]] == ["refused", "done"]
