"""Measure how oneDNN's kernels and half precision change the convolutional autoencoder's speed.

    python -m benchmarks.kernels --rounds 5

TensorFlow switches oneDNN on or off when imported, so each measurement runs in a new process. The
settings alternate, so that a machine that slows down slows all of them. Prints each setting's
median time, and its ratio to oneDNN in float32 in the same round: median, least and greatest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.markdown import table

ROOT = Path(__file__).resolve().parent.parent
BASE = "oneDNN, float32"
SETTINGS = {
    BASE: ("1", "float32"),
    "plain kernels, float32": ("0", "float32"),
    "oneDNN, mixed bfloat16": ("1", "mixed_bfloat16"),
}
"""Name → `TF_ENABLE_ONEDNN_OPTS`, Keras's dtype policy."""

WORK = {
    "train": "training step, 32 pictures",
    "one": "inference, 1 picture",
    "many": "inference, 500 pictures",
}
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16")
WARM_UP = 3

Times = dict[str, float]
"""Key of `WORK` → median seconds."""


def measure(policy: str, steps: int) -> Times:
    """Return the median times of `steps` repetitions of each kind of work, in this process."""
    from generative.backend import keras, tf

    keras.config.set_dtype_policy(policy)
    times = {} if policy != "float32" else _inference(steps)
    # As in train.py. After inference, because the app runs without it.
    tf.config.experimental.enable_op_determinism()
    return {"train": _training(steps), **times}


def measure_in_new_process(setting: str, steps: int) -> Times:
    """Return `measure` for one setting, run in a new process."""
    onednn, policy = SETTINGS[setting]
    command = [sys.executable, "-m", "benchmarks.kernels"]
    finished = subprocess.run(
        [*command, "--measure", policy, "--steps", str(steps)],
        cwd=ROOT,
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise RuntimeError(f"Could not measure {setting}:\n{finished.stderr[-2000:]}")
    times: Times = json.loads(finished.stdout.splitlines()[-1])
    return times


def machine() -> str:
    """Name this machine's CPU, and which of `FEATURES` it has."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return f"{platform.processor() or platform.machine()}, {cores} cores, features unknown"
    about = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)
    }
    flags = about.get("flags", "").split()
    has = [name for name in FEATURES if name in flags]
    lacks = [name for name in FEATURES if name not in flags]
    return (
        f"{about.get('model name', platform.machine())}, {cores} cores; "
        f"has {', '.join(has) or 'none'}; lacks {', '.join(lacks) or 'none'}"
    )


def report(rounds: Sequence[dict[str, Times]]) -> str:
    """Return the table of all rounds; each maps settings to times."""
    return table(["median time", *SETTINGS], [_row(key, rounds) for key in WORK])


def main() -> None:
    """Measure in one process after another, and print the table."""
    parser = argparse.ArgumentParser(description="Time oneDNN's kernels and half precision.")
    parser.add_argument("--rounds", type=int, default=5, help="of all settings (5)")
    parser.add_argument("--steps", type=int, default=20, help="timed repetitions in each (20)")
    parser.add_argument("--measure", metavar="POLICY", help="time this process and print JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.steps)))
        return
    print(f"{machine()}; rounds: {options.rounds}\n")
    rounds = [
        {setting: measure_in_new_process(setting, options.steps) for setting in SETTINGS}
        for _ in range(options.rounds)
    ]
    print(report(rounds))


def _training(steps: int) -> float:
    """Return the median seconds of a step of the real training loop, on random pictures."""
    from generative.autoencoders import convolutional
    from generative.backend import tf
    from generative.training.trainer import Plan, Trainer

    def loss(network: Any, inputs: Any, targets: Any) -> Any:
        # Logits in float32, as Keras advises.
        def in_float32(x: Any, training: bool) -> list[Any]:
            return [tf.cast(output, tf.float32) for output in network(x, training=training)]

        return convolutional.loss(in_float32, inputs, targets)

    training = convolutional.TRAINING[""]
    plan = Plan(1, training.batch_size, training.learning_rate, training.optimizer, seed=0)
    pictures = _pictures((WARM_UP + steps) * training.batch_size)
    run = Trainer(convolutional.build, loss, pictures, plan).run()
    return _median_seconds(lambda: next(run), steps)


def _inference(steps: int) -> Times:
    """Return the median seconds for one picture, as in the app, and for a batch of 500."""
    from generative.autoencoders import convolutional

    model = convolutional.Model(convolutional.build(), {})
    one, many = _pictures(1), _pictures(500)
    return {
        "one": _median_seconds(lambda: model.reconstruct(one), steps),
        "many": _median_seconds(lambda: model.reconstruct(many), max(1, steps // 4)),
    }


def _median_seconds(work: Callable[[], object], times: int) -> float:
    for _ in range(WARM_UP):
        work()
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def _pictures(count: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).random((count, 28, 28, 1), np.float32)


def _row(key: str, rounds: Sequence[dict[str, Times]]) -> list[str]:
    """Return the row for one kind of work: times, and their ratios to `BASE`."""
    cells = [WORK[key]]
    for setting in SETTINGS:
        seconds = [times[setting][key] for times in rounds if key in times[setting]]
        shown = f"{1000 * statistics.median(seconds):.1f} ms" if seconds else ""
        if seconds and setting != BASE:
            ratios = [times[setting][key] / times[BASE][key] for times in rounds]
            middle = statistics.median(ratios)
            shown += f", {middle:.2f} × ({min(ratios):.2f} to {max(ratios):.2f})"
        cells.append(shown)
    return cells


if __name__ == "__main__":
    main()
