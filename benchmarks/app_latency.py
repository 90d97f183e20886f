"""Time the app's start, the first answer of each light panel, and its answers to slider moves.

    python -m benchmarks.app_latency --starts 3 --moves 100

Starts `app.py` several times for each panel: a new Python process, with its files in the disk
cache. Times each start until the page is served, and from there until the panel's first answer has
arrived. Then moves one slider of every panel from end to end over plain HTTP, and times each move
from the request until the result has arrived.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.markdown import table
from generative import checkpoints, data, images
from generative.data import gallery

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 120
START_GOAL = 2.0  # seconds, as are the next three
FIRST_GOAL = 4.0
MOVE_GOAL = 0.15
MOVE_GOALS = {"denoise": 0.2}


@dataclass(frozen=True)
class App:
    """A running `app.py`, called without proxies over a persistent connection.

    Attributes:
        http: the connection.
        pid: of the app's process.
        seconds_to_page: from the start of the process until the page was served.
        served_at: when that was, by `time.perf_counter`.
        session: of the calling visitor; anonymous by default.
    """

    http: httpx.Client
    pid: int
    seconds_to_page: float
    served_at: float
    session: str | None = None


@contextlib.contextmanager
def running(directory: Path) -> Iterator[App]:
    """Start the app, yield it once its page is served, and stop it afterwards.

    Raises:
        RuntimeError: it exits, or serves no page within `TIMEOUT_SECONDS` seconds.
    """
    port = _free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--checkpoints", str(directory)]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as files:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py", *options],
            cwd=ROOT,
            env={**os.environ, "GRADIO_TEMP_DIR": files},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=address, trust_env=False, timeout=TIMEOUT_SECONDS) as http:
                _wait_for_page(http, process)
                served = time.perf_counter()
                yield App(http, process.pid, served - begun, served)
        finally:
            process.terminate()
            process.wait()


def upload(app: App, picture: bytes) -> str:
    """Upload a PNG to the app and return its path on the server."""
    response = app.http.post("/gradio_api/upload", files={"files": ("picture.png", picture)})
    path: str = response.raise_for_status().json()[0]
    return path


def ask(app: App, name: str, values: list[Any]) -> float:
    """Call an endpoint and return the seconds until its result arrived.

    Raises:
        RuntimeError: the app answers with an error.
    """
    begun = time.perf_counter()
    body = {"data": values, "session_hash": app.session}
    call = app.http.post(f"/gradio_api/call/{name}", json=body)
    event = call.raise_for_status().json()["event_id"]
    result = app.http.get(f"/gradio_api/call/{name}/{event}").raise_for_status().text
    seconds = time.perf_counter() - begun
    kind, _, rest = result[result.rindex("event: ") + len("event: ") :].partition("\n")
    if kind != "complete":
        raise RuntimeError(f"/{name} answered with {kind}: {rest[:500]}")
    json.loads(rest.partition("data: ")[2])
    return seconds


def first_requests(path: str, dataset: str) -> dict[str, tuple[str, list[Any]]]:
    """Return what each light panel asks first: an endpoint, and the values sent to it."""
    picture = file_data(path)
    return {
        "Denoise": ("denoise", [picture, dataset, "gaussian", 0.5, 0]),
        "Autoencoders": ("reconstruct", [picture, dataset]),
        "Latent space": ("sample", [dataset, "z16", 40, 1, 0, "prior", "every"]),
    }


def file_data(path: str) -> dict[str, Any]:
    """Return how a request names an uploaded file."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def moves(path: str, dataset: str, count: int) -> dict[str, list[list[Any]]]:
    """Return, for each endpoint, the requests of moving a slider from end to end."""
    picture = file_data(path)
    shares = np.linspace(0.01, 1, count).round(2).tolist()
    return {
        "denoise": [[picture, dataset, "gaussian", share, 0] for share in shares],
        "sample": [[dataset, "z16", 40, 2 * share, 0, "prior", "every"] for share in shares],
        "decode": [[dataset, "z2", [[6 * share - 3, 0]], "every"] for share in shares],
        "interpolate": [
            [picture, picture, dataset, "z16", 2 + round(30 * share)] for share in shares
        ],
        "attribute": [[picture, dataset, "z16", 7, 9, 2 * share] for share in shares],
    }


def main() -> None:
    """Measure, and print the figures beside their goals."""
    parser = argparse.ArgumentParser(
        description="Time the start of the app, its first answers and its sliders' moves."
    )
    parser.add_argument("--starts", type=int, default=3, help="of each panel's (3)")
    parser.add_argument("--moves", type=int, default=100, help="of each slider (100)")
    parser.add_argument("--settle", type=float, default=20, help="s before the moves")
    parser.add_argument("--dataset", choices=data.DATASETS, default="fashion_mnist")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args()
    picture = images.encode_png(gallery.pictures(options.dataset).images[0])
    with running(options.checkpoints):
        pass  # Fills the disk cache.
    starts: list[float] = []
    firsts: dict[str, list[float]] = {}
    for panel in first_requests("", options.dataset):
        firsts[panel] = []
        for _ in range(options.starts):
            with running(options.checkpoints) as app:
                ask(app, *first_requests(upload(app, picture), options.dataset)[panel])
                firsts[panel].append(time.perf_counter() - app.served_at)
                starts.append(app.seconds_to_page)
    with running(options.checkpoints) as app:
        requests = moves(upload(app, picture), options.dataset, options.moves)
        time.sleep(options.settle)  # The app warms up its models after serving the page.
        taken = {}
        for name, every in requests.items():
            ask(app, name, every[0])
            taken[name] = [ask(app, name, values) for values in every]
    print(_report(starts, firsts, taken))


def _report(
    starts: list[float], firsts: dict[str, list[float]], taken: dict[str, list[float]]
) -> str:
    rows = [_median_row("page served", starts, START_GOAL)]
    for panel, seconds in firsts.items():
        rows.append(_median_row(f"first answer of {panel}, after that", seconds, FIRST_GOAL))
    for name, seconds in taken.items():
        p50, p95 = np.percentile(seconds, [50, 95])
        rows.append(
            [
                f"/{name}, p95 of {len(seconds)} moves (p50 {1000 * p50:.0f} ms)",
                *_against(p95, MOVE_GOALS.get(name, MOVE_GOAL), "ms"),
            ]
        )
    return table(["what", "measured", "goal", "met"], rows)


def _median_row(what: str, seconds: list[float], goal: float) -> list[str]:
    spread = f"median of {len(seconds)} starts, {min(seconds):.2f} to {max(seconds):.2f} s"
    return [f"{what} ({spread})", *_against(statistics.median(seconds), goal, "s")]


def _against(seconds: float, goal: float, unit: str) -> list[str]:
    shown = [f"{s:.2f} s" if unit == "s" else f"{1000 * s:.0f} ms" for s in (seconds, goal)]
    return [*shown, "yes" if seconds <= goal else "no"]


def _wait_for_page(http: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"app.py ended with status {process.returncode}.")
        with contextlib.suppress(httpx.TransportError):
            if http.get("/").is_success:
                return
        time.sleep(0.01)
    raise RuntimeError(f"app.py served no page within {TIMEOUT_SECONDS} s.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
