"""Time what the Latent space panel draws.

    python -m benchmarks.latent_space --repeats 50

After one untimed call, times the 30×30 map of the two-latent model in one batch, against decoding
its 900 points one call at a time, as the Keras example does; and the pictures of a 16-step
interpolation.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import generative
from benchmarks.markdown import table
from generative import checkpoints, data
from generative.variational.latent_sets import MAP_TILES, plane_grid

MAP_GOAL, INTERPOLATION_GOAL = 0.06, 0.01
STEPS = 16


def main() -> None:
    """Measure, and print the figures beside their goals."""
    parser = argparse.ArgumentParser(description="Time the map and an interpolation.")
    parser.add_argument("--repeats", type=int, default=50, help="of each, after a warm-up (50)")
    parser.add_argument("--dataset", choices=data.DATASETS, default="mnist")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args()
    flat, deep = (
        generative.load(f"vae-{options.dataset}-{variant}", options.checkpoints)
        for variant in ("z2", "z16")
    )
    places = plane_grid()
    a, b = deep.draw(2)
    at_once = _seconds(lambda: flat.decode(places), options.repeats)
    one_by_one = _seconds(lambda: [flat.decode(place[None]) for place in places], 1)
    way = _seconds(lambda: deep.interpolate(a, b, STEPS), options.repeats)
    side = f"{MAP_TILES}×{MAP_TILES}"
    print(
        table(
            ["what", "p50", "p95", "goal", "met"],
            [
                [f"{side} map, one batch", *_against(at_once, MAP_GOAL)],
                [f"{side} map, {len(places)} calls", *_against(one_by_one, None)],
                [f"interpolation, {STEPS} steps", *_against(way, INTERPOLATION_GOAL)],
            ],
        )
    )
    print(f"One batch is {np.median(one_by_one) / np.median(at_once):.1f} times as fast.")


def _seconds(act: Callable[[], object], repeats: int) -> list[float]:
    act()
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return taken


def _against(seconds: list[float], goal: float | None) -> list[str]:
    p50, p95 = np.percentile(seconds, [50, 95])
    shown = [f"{1000 * p50:.1f} ms", f"{1000 * p95:.1f} ms"]
    if goal is None:
        return [*shown, "", ""]
    return [*shown, f"{1000 * goal:.0f} ms", "yes" if p50 <= goal else "no"]


if __name__ == "__main__":
    main()
