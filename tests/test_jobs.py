"""What operators see of a busy app: its health, figures for Prometheus, a line in the log a job."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from conftest import RunningApp
from painting import arguments, picture
from PIL import Image
from talk import App, encoded, is_a_sentence, stroke
from waits import wait_until


@pytest.fixture(autouse=True)
def idle(app: App) -> None:
    """Wait until the models are loaded and what earlier tests asked for is done."""
    app.wait_until_ready()
    wait_until(lambda: not busy(app), "an empty queue")


def busy(app: App) -> bool:
    """True if a job waits or runs."""
    counts = (value for name, value in figures(app).items() if name.startswith("playground_queue"))
    return any(counts)


def jobs(running: RunningApp, since: int, *endpoints: str) -> list[dict[str, Any]]:
    """Return what the app has logged of a job of every endpoint, once all have ended.

    An earlier test's job may run no more and not be logged yet.

    Args:
        running: the app.
        since: the length of its log before them.
        endpoints: their names.
    """

    def all_of_them() -> list[dict[str, Any]]:
        lines = running.log.read_bytes()[since:].decode().splitlines()
        said = [json.loads(line) for line in lines if line.startswith("{")]
        found = [line for line in said if line.get("endpoint") in endpoints]
        return found if len(found) >= len(endpoints) else []

    return wait_until(all_of_them, f"lines of {endpoints}")


def figures(app: App) -> dict[str, float]:
    """Return every sample of /metrics, after checking the form of the page."""
    status, text = app.get("/metrics")
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


def test_it_is_ready_once_the_models_answer_under_any_name(app):
    assert app.health() == (200, "ready")
    assert app.health(Host="balancer.example") == (200, "ready")
    assert app.get("/metrics", Host="evil.example")[0] == 403
    assert app.send("HEAD", "/healthz") == (200, b"")
    assert app.send("POST", "/healthz")[0] in (404, 405)


def test_every_job_is_a_line_and_a_figure(running, app):
    sent = encoded(stroke())
    file = app.upload(sent)
    before, since = figures(app), running.log.stat().st_size
    begun = time.monotonic()
    assert app.call("denoise", file, "mnist", "gaussian", 0.5, 0).error is None
    assert is_a_sentence(app.call("reconstruct", file, "no data set").error)
    done, invalid = jobs(running, since, "denoise", "reconstruct")
    took = time.monotonic() - begun
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
    assert done["waiting_seconds"] >= 0
    assert done["working_seconds"] > 0
    assert done["waiting_seconds"] + done["working_seconds"] < took
    after = figures(app)
    ended = 'playground_jobs_total{panel="Denoise",endpoint="denoise",outcome="done"}'
    assert after[ended] == before.get(ended, 0) + 1
    for what in ("waiting", "working"):
        name = f"playground_job_{what}_seconds"
        count = f'{name}_count{{queue="computations"}}'
        assert after[count] == before.get(count, 0) + 2
        assert after[count] == after[f'{name}_bucket{{queue="computations",le="+Inf"}}']
        counts = [
            value
            for key, value in after.items()
            if key.startswith(f'{name}_bucket{{queue="computations"')
        ]
        assert counts == sorted(counts)
    assert after['playground_resident_memory_bytes{process="app"}'] > 2**27


def test_a_painting_counts_as_running_and_stops_when_its_visitor_leaves(running, app):
    since = running.log.stat().st_size
    content, style = (
        app.upload(encoded(Image.fromarray(picture(64, 96, seed)))) for seed in (1, 2)
    )
    values = arguments(content=content, style=style, size=96, steps=5000)
    body = {"data": values, "session_hash": "leaver"}
    assert app.send("POST", "/gradio_api/call/stylize", json.dumps(body).encode())[0] == 200
    stream = app.listen("leaver")
    assert any(message["msg"] == "process_generating" for message in stream)
    assert figures(app)['playground_queue_running_jobs{queue="paintings"}'] == 1
    stream.close()
    (job,) = jobs(running, since, "stylize")
    assert (job["panel"], job["endpoint"]) == ("Style transfer", "stylize")
    assert job["outcome"] == "stopped"
    after = figures(app)
    assert after['playground_queue_running_jobs{queue="paintings"}'] == 0
    assert after['playground_resident_memory_bytes{process="painting"}'] > 2**27


def test_the_log_names_no_visitor_and_no_file(running):
    assert not re.search(r"127\.0\.0\.1[^:]|session|\.png|data:image", running.log.read_text())
