"""Paintings on a Ray cluster: throughput, the cost of a frame, and a model of a crowd.

    ray start --head --port 6379 --num-cpus 2 && ray start --address 127.0.0.1:6379 --num-cpus 2
    python -m benchmarks.scale_out --ray 127.0.0.1:6379

Paints in the process beside the app, on one worker, and on two at once. Nodes on one machine share
its cores: then two workers show what they cost each other, not what two machines gain.

The model is a simulated queue, D^N/G/c: all N visitors come at once (a batch), c workers take them
in their order, and each painting takes one of the measured times, drawn at random. It assumes that
every worker has a machine as fast as the measured one to itself, starts once, in the measured time,
and is never lost; that the network costs what it costs here; that the queue takes everybody; and
that the app spends the measured time on every frame it shows, in one process, so that beyond some
number of workers all paintings wait for it.
"""

from __future__ import annotations

import argparse
import heapq
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from benchmarks.kernels import machine
from benchmarks.markdown import table
from generative import checkpoints
from generative.command_line import add_ray
from generative.studios import Studio, Waiting, open_studio
from generative.style_transfer import examples

CROWDS = (8, 100, 1000)
WORKERS = (1, 2, 8, 32, 128)
SECONDS_A_FRAME = 0.3
"""The page shows no more frames than that."""


@dataclass(frozen=True)
class Measured:
    """Paintings, one after the other.

    Attributes:
        start: seconds until the first step of the first, when nothing was warm.
        paintings: seconds of each, warm.
        steps: seconds of each of their steps, as the app waits for them.
    """

    start: float
    paintings: list[float]
    steps: list[float]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Time paintings on a Ray cluster.")
    add_ray(parser)
    parser.add_argument("--size", type=int, default=256, help="longest side, pixels (256)")
    parser.add_argument("--steps", type=int, default=100, help="of a painting (100)")
    parser.add_argument("--rounds", type=int, default=3, help="paintings a worker (3)")
    options = parser.parse_args()
    if not options.ray:
        parser.error("name a cluster with --ray or RAY_ADDRESS")
    asked = {"size": options.size, "steps": options.steps}
    print(f"{machine()}. {options.size} pixels, {options.steps} steps.\n")
    here = measure(open_studio(checkpoints.SHIPPED), asked, options.rounds)
    cluster = open_studio(checkpoints.SHIPPED, options.ray, options.ray_cpus)
    one = measure(cluster, asked, options.rounds)
    two = at_once(cluster, asked, options.rounds, 2) if cluster.room >= 2 else []
    frame = seconds_a_frame(options.size)
    print(_measurements(here, one, two), "\n", sep="\n")
    print(f"A frame takes {1000 * frame:.1f} ms of the app.\n")
    print(_crowds(one, frame))


def measure(studio: Studio, options: dict[str, int], rounds: int) -> Measured:
    """Paint once to warm up, and then as often as asked."""
    begun = time.perf_counter()
    first: list[float] = []
    paint(studio, options, first)
    start = first[0] - begun
    paintings, steps = [], []
    for _ in range(rounds):
        begun, times = time.perf_counter(), list[float]()
        paint(studio, options, times)
        paintings.append(times[-1] - begun)
        steps += np.diff(times).tolist()
    return Measured(start, paintings, steps)


def paint(studio: Studio, options: dict[str, int], times: list[float]) -> None:
    """Paint a picture, and note when each step arrived."""
    from generative.style_transfer.painter import paint_once

    pictures = examples.load("chelsea"), examples.load("oil")
    with closing(studio.run(paint_once, *pictures, options)) as steps:
        for step in steps:
            if not isinstance(step, Waiting):
                times.append(time.perf_counter())


def at_once(studio: Studio, options: dict[str, int], rounds: int, workers: int) -> list[float]:
    """Return the seconds between two finished paintings while several workers paint."""

    def side_by_side() -> float:
        begun = time.perf_counter()
        threads = [
            threading.Thread(target=paint, args=(studio, options, [])) for _ in range(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (time.perf_counter() - begun) / workers

    side_by_side()  # To warm up.
    return [side_by_side() for _ in range(rounds)]


def seconds_a_frame(size: int) -> float:
    """Return what it takes the app to show a frame: a JPEG inside HTML."""
    from generative.style_transfer.engine import StyleStep
    from generative.style_transfer.resizing import fit, resize
    from generative.ui.style_transfer.frames import canvas

    photo = examples.load("chelsea")
    image = resize(photo, *fit(*photo.shape[:2], size))
    step = StyleStep(image, 1, 2, 1.0, 1.0, 1.0, 1.0, {}, None)
    taken = []
    for _ in range(20):
        begun = time.perf_counter()
        canvas(step)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def simulate(
    visitors: int, workers: int, paintings: Sequence[float], start: float, share: float, seed: int
) -> list[float]:
    """Return the seconds that each of a crowd waits until a worker takes the painting.

    Args:
        visitors: who all come at once.
        workers: that paint side by side.
        paintings: measured seconds, to draw from.
        start: of a worker, seconds.
        share: of the app's time that the frames of one painting take while it runs.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    slower = max(1.0, share * min(workers, visitors))
    free = [start] * workers
    waits = []
    for seconds in rng.choice(paintings, visitors):
        begins = heapq.heappop(free)
        waits.append(begins)
        heapq.heappush(free, begins + slower * seconds)
    return waits


def _measurements(here: Measured, one: Measured, two: Sequence[float]) -> str:
    rows = [
        [
            name,
            f"{found.start:.1f} s",
            f"{statistics.median(found.paintings):.2f} s",
            f"{3600 / statistics.median(found.paintings):.0f}",
            f"{1000 * statistics.median(found.steps):.1f} ms",
        ]
        for name, found in (("a process beside the app", here), ("1 worker", one))
    ]
    if two:
        between = statistics.median(two)
        rows.append(["2 workers", "", f"{between:.2f} s", f"{3600 / between:.0f}", ""])
    cost = 1000 * (statistics.median(one.steps) - statistics.median(here.steps))
    head = ["", "first step, cold", "between two results", "an hour", "a step"]
    return table(head, rows) + f"\n\nA step on a worker takes {cost:+.1f} ms."


def _crowds(one: Measured, frame: float) -> str:
    seconds = statistics.median(one.paintings)
    shown = min(len(one.steps) / len(one.paintings) + 1, seconds / SECONDS_A_FRAME)
    share = frame * shown / seconds
    rows = []
    for visitors in CROWDS:
        for workers in WORKERS:
            waits = simulate(visitors, workers, one.paintings, one.start, share, seed=0)
            half, most = np.percentile(waits, [50, 95])
            rows.append([f"{visitors} at once", f"{workers}", _shown(half), _shown(most)])
    head = ["", "workers", "half begin within", "95% begin within"]
    return f"{table(head, rows)}\n\nThe app is busy at {1 / share:.0f} workers."


def _shown(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    main()
