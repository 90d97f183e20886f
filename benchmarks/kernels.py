"""What oneDNN's kernels and half precision do to the convolutional autoencoder's speed.

    python -m benchmarks.kernels --rounds 5

oneDNN is switched when TensorFlow is imported, so every measurement has a process of its own; the
settings take turns, so that a machine that slows down slows all of them. Prints, beside the median
time, how many times as long a setting took as oneDNN in float32 within the same round: the median,
and from the least to the greatest.
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
    """Return the times of this process's kernels: every kind of work is done `steps` times."""
    from generative.backend import keras, tf

    keras.config.set_dtype_policy(policy)
    times = {} if policy != "float32" else _inference(steps)
    # As train.py does. It comes after inference because the app doesn't ask for it.
    tf.config.experimental.enable_op_determinism()
    return {"train": _training(steps), **times}


def measure_apart(setting: str, steps: int) -> Times:
    """Return `measure` of one setting, taken in a new process."""
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
    """Say which CPU this is, and which of the features that matter here it has."""
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
    """Return the table of a list of rounds, each setting → times."""
    return table(["median time", *SETTINGS], [_row(key, rounds) for key in WORK])


def main() -> None:
    """Measure, one process at a time, and print the table."""
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
        {setting: measure_apart(setting, options.steps) for setting in SETTINGS}
        for _ in range(options.rounds)
    ]
    print(report(rounds))


def _training(steps: int) -> float:
    """Return the median seconds of a step of the real training loop, on random pictures."""
    from generative.autoencoders import convolutional
    from generative.backend import tf
    from generative.training.trainer import Plan, Trainer

    def loss(network: Any, inputs: Any, targets: Any) -> Any:
        # Half precision ends at the logits, as Keras advises; float32 ones pass unchanged.
        def in_float32(x: Any, training: bool) -> list[Any]:
            return [tf.cast(output, tf.float32) for output in network(x, training=training)]

        return convolutional.loss(in_float32, inputs, targets)

    training = convolutional.TRAINING[""]
    plan = Plan(1, training.batch_size, training.learning_rate, training.optimizer, seed=0)
    pictures = _pictures((WARM_UP + steps) * training.batch_size)
    run = Trainer(convolutional.build, loss, pictures, plan).run()
    return _median_seconds(lambda: next(run), steps)


def _inference(steps: int) -> Times:
    """Return the median seconds for a single picture, as in the app, and for a chunk of 500."""
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
    """Return one kind of work's row: times, and how many times as long as `BASE` each took."""
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
