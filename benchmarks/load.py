"""Measure errors, waiting times and memory under many visitors, or beside a painting.

    python -m benchmarks.load --visitors 32 --minutes 5
    python -m benchmarks.load --beside --moves 60

The first sends a crowd into all panels: one visitor paints all the time, the others ask, read the
answer and pause. The second moves the slider of every quick panel, first in an idle app and then
beside a painting, and compares: nobody should notice the painting.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.app_latency import App, ask, moves, running, upload
from benchmarks.markdown import table
from generative import checkpoints, images
from generative.data import gallery
from generative.style_transfer import examples
from generative.style_transfer.settings import ARGUMENTS, PaintingSettings

DATASET = "fashion_mnist"
MAX_SLOWDOWN, MAX_MEMORY_GROWTH = 3.0, 0.05
SETTLE_SECONDS = 25.0
"""Time for the app to load all its models."""

REQUESTS_PER_ENDPOINT = 40


@dataclass
class Tally:
    """All visitors' results.

    Attributes:
        seconds: endpoint → the time of each answer.
        refused: endpoint → counts of refusals for a full queue, by text.
        errors: endpoint → counts of all other failures, by text.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def ask(self, app: App, name: str, values: list[Any]) -> None:
        """Call an endpoint and record the outcome."""
        try:
            self.seconds[name].append(ask(app, name, values))
        except httpx.HTTPStatusError as error:
            full = error.response.status_code == 503
            (self.refused if full else self.errors)[name][error.response.text[:200]] += 1
        except (httpx.HTTPError, RuntimeError, ValueError) as error:
            self.errors[name][f"{type(error).__name__}: {str(error)[:200]}"] += 1


def main() -> None:
    """Measure, and print the figures beside their goals."""
    parser = argparse.ArgumentParser(description="Load the app with many visitors.")
    parser.add_argument("--visitors", type=int, default=32, help="one of them paints (32)")
    parser.add_argument("--minutes", type=float, default=5, help="that they stay (5)")
    parser.add_argument("--think", type=float, default=2, help="mean s between two requests (2)")
    parser.add_argument("--beside", action="store_true", help="compare with and without a painting")
    parser.add_argument("--moves", type=int, default=60, help="of each slider, with --beside (60)")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args()
    with running(options.checkpoints) as app:
        requests = quick_requests(app)
        for name, every in requests.items():
            ask(app, name, every[0])
        time.sleep(SETTLE_SECONDS)
        if options.beside:
            print(beside_a_painting(app, requests, options.moves))
        else:
            print(crowd(app, requests, options.visitors, 60 * options.minutes, options.think))


def quick_requests(app: App) -> dict[str, list[list[Any]]]:
    """Return requests to each panel's quick endpoints."""
    path = upload(app, images.encode_png(gallery.pictures(DATASET).images[0]))
    picture = _file(path)
    seeds = range(REQUESTS_PER_ENDPOINT)
    return moves(path, DATASET, REQUESTS_PER_ENDPOINT) | {
        "reconstruct": [[picture, DATASET] for _ in seeds],
        "inspect": [[picture, DATASET, "z16"] for _ in seeds],
        "rewrite": [[picture, DATASET] for _ in seeds],
    }


def painting(app: App) -> list[Any]:
    """Return a request to paint with the page's default settings."""
    content, style = (
        _file(upload(app, examples.path(name).read_bytes())) for name in ("chelsea", "oil")
    )
    given = asdict(PaintingSettings()) | {"content": content, "style": style}
    return [given.get(name) for name in ARGUMENTS]  # No second style, no mask, no third style.


def crowd(
    app: App,
    requests: dict[str, list[list[Any]]],
    visitors: int,
    seconds: float,
    think: float,
) -> str:
    """Send in a crowd and report waiting times and memory."""
    tally, ends = Tally(), time.monotonic() + seconds
    paint = painting(app)

    def paints(own: App) -> None:
        while time.monotonic() < ends:
            tally.ask(own, "stylize", paint)

    def plays(own: App, seed: int) -> None:
        rng = np.random.default_rng(seed)
        names = sorted(requests)
        while time.monotonic() < ends:
            time.sleep(rng.exponential(think))
            name = names[rng.integers(len(names))]
            tally.ask(own, name, requests[name][rng.integers(REQUESTS_PER_ENDPOINT)])

    threads = [_visitor(app, paints)]
    threads += [
        _visitor(app, lambda own, seed=seed: plays(own, seed)) for seed in range(visitors - 1)
    ]
    memory = [_memory(app)]
    for part in (1, 2):
        time.sleep(max(0.0, ends - (2 - part) * seconds / 2 - time.monotonic()))
        memory.append(_memory(app))
    for thread in threads:
        thread.join()
    return "\n\n".join([_waits(tally), _memories(memory)])


def beside_a_painting(app: App, requests: dict[str, list[list[Any]]], count: int) -> str:
    """Return p95 of every quick endpoint alone and beside a painting."""
    alone = _move_all(app, requests, count)
    with _while_painting(app) as paintings:
        beside = _move_all(app, requests, count)
    rows = []
    for name, (p50, p95) in alone.items():
        times = beside[name][1] / p95
        rows.append(
            [
                f"/{name}",
                *(f"{1000 * s:.0f} ms" for s in (p50, p95, *beside[name])),
                f"{times:.1f}",
                "yes" if times <= MAX_SLOWDOWN else "no",
            ]
        )
    header = ["", "p50 alone", "p95 alone", "p50 beside", "p95 beside", "times", "at most 3"]
    first, *meanwhile = (f"{seconds:.0f} s" for seconds in paintings)
    return (
        table(header, rows) + "\n\nPaintings, 512 pixels, 200 steps: "
        f"{first} alone, {', '.join(meanwhile)} meanwhile."
    )


def _move_all(
    app: App, requests: dict[str, list[list[Any]]], count: int
) -> dict[str, tuple[float, float]]:
    """Return p50 and p95 of each endpoint over `count` calls in sequence."""
    taken = {
        name: [ask(app, name, every[i % REQUESTS_PER_ENDPOINT]) for i in range(count)]
        for name, every in requests.items()
    }
    return {name: _percentiles(seconds) for name, seconds in taken.items()}


@contextmanager
def _while_painting(app: App) -> Iterator[list[float]]:
    """Paint once, then keep the app painting; yield the seconds each painting took.

    Raises:
        RuntimeError: the app stopped painting.
    """
    paint = painting(app)
    done, errors, leave = [ask(app, "stylize", paint)], list[Exception](), threading.Event()

    def paints(own: App) -> None:
        try:
            while not leave.is_set():
                done.append(ask(own, "stylize", paint))
        except Exception as error:
            errors.append(error)

    thread = _visitor(app, paints)
    try:
        yield done
    finally:
        leave.set()
        thread.join()
    if errors:
        raise RuntimeError("The app stopped painting.") from errors[0]


def _visitor(app: App, visit: Callable[[App], None]) -> threading.Thread:
    """Run a visit in a thread with its own connections."""

    def run() -> None:
        with httpx.Client(
            base_url=app.http.base_url,
            trust_env=False,
            timeout=app.http.timeout,
            # Drop connections before the server does, which closes them after 5 s idle.
            limits=httpx.Limits(keepalive_expiry=3),
        ) as http:
            visit(replace(app, http=http, session=uuid.uuid4().hex))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _waits(tally: Tally) -> str:
    rows = []
    for name in sorted({*tally.seconds, *tally.refused, *tally.errors}):
        p50, p95 = _percentiles(tally.seconds[name])
        counts = len(tally.seconds[name]), tally.refused[name].total(), tally.errors[name].total()
        rows.append([f"/{name}", *map(str, counts), _shown(p50), _shown(p95)])
    report = table(["", "answers", "refused", "errors", "p50", "p95"], rows)
    said = [
        each for kind in (tally.refused, tally.errors) for n in kind for each in kind[n].items()
    ]
    return "\n".join([report, *(f"{count} × {json.dumps(text)}" for text, count in said)])


def _memories(memory: list[int]) -> str:
    growth = memory[2] / memory[1] - 1
    verdict = "yes" if growth < MAX_MEMORY_GROWTH else "no"
    shown = [f"{each / 1e6:.0f} MB" for each in memory]
    return table(
        ["memory", "at the start", "half way", "at the end", "grown", "below 5%"],
        [["app and its processes", *shown, f"{100 * growth:.1f}%", verdict]],
    )


def _memory(app: App) -> int:
    """Return the resident memory of the app and its child processes, bytes."""
    process = psutil.Process(app.pid)
    every = [process, *process.children(recursive=True)]
    return sum(each.memory_info().rss for each in every)


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    if not seconds:
        return float("nan"), float("nan")
    p50, p95 = np.percentile(seconds, [50, 95])
    return float(p50), float(p95)


def _shown(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{1000 * seconds:.0f} ms"


def _file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


if __name__ == "__main__":
    main()
