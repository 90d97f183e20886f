"""Style transfer against a plain loop, on this machine, in one run.

    python -m benchmarks.style_transfer

The reference is what tutorials write: VGG-19, an eager gradient tape, targets computed once,
Keras's Adam, one size. Both sides get the same random weights for VGG-19, so that nothing has to be
fetched: the time of a step does not depend on them. In the race both minimise our objective.

Every measurement has a process of its own, so that one's memory is not another's. What comes with
the program is measured as the app uses it: first frame and finished picture after a warm start.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.kernels import machine
from benchmarks.markdown import table

ROOT = Path(__file__).resolve().parent.parent
CONTENT, STYLE = "astronaut", "oil"
SIZE = 512
REFERENCE_RATE = 0.02
"""Adam's, of pixels in [0, 1]: the usual choice."""

PAPER: dict[str, Any] = {"procedure": "pixels", "content_layers": ("block4_conv2",)}
"""The procedure of the paper, which the plain loop follows."""


def main() -> None:
    """Measure, one process at a time, and print the tables."""
    parser = argparse.ArgumentParser(description="Time style transfer against a plain loop.")
    parser.add_argument("--rounds", type=int, default=5, help="timed steps of VGG-19 each (5)")
    parser.add_argument("--reference-steps", type=int, default=80, help="at most, of the race (80)")
    parser.add_argument("--measure", choices=MEASUREMENTS, help="measure this and print JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(MEASUREMENTS[options.measure](options)))
        return
    print(f"{machine()}\n")
    found = {}
    for name in MEASUREMENTS:
        found[name] = _measure_apart(name, options)
        print(f"{name}: {json.dumps(found[name])}", file=sys.stderr)
    print(_paintings(found), "\n", sep="\n")
    print(_step(found["step"]), "\n", sep="\n")
    print(_race(found["race"]))


def _measure_apart(name: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.style_transfer", "--measure", name]
    command += ["--rounds", str(options.rounds)]
    command += ["--reference-steps", str(options.reference_steps)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(f"Could not measure {name}:\n{finished.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return measured


# --- What comes with the program ----------------------------------------------------------------


def painting(size: int) -> dict[str, Any]:
    """Return seconds and memory of a painting with the default settings, after a warm start."""
    from generative.style_transfer import examples, stylize

    content, style = examples.load(CONTENT), examples.load(STYLE)
    for _ in stylize(content, style, size=SIZE, steps=3):  # Compiles, as the app's warm-up does.
        pass
    begun = time.perf_counter()
    first, steps = None, 0
    for shown in stylize(content, style, size=size):
        first, steps = first or time.perf_counter() - begun, shown.step
    return {
        "first": first,
        "seconds": time.perf_counter() - begun,
        "steps": steps,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _paintings(found: dict[str, Any]) -> str:
    rows = [
        [
            f"{size} px",
            f"{found[f'painting-{size}']['first']:.2f} s",
            f"{found[f'painting-{size}']['seconds']:.1f} s",
            str(found[f"painting-{size}"]["steps"]),
            f"{found[f'painting-{size}']['megabytes']:,.0f} MB",
        ]
        for size in (512, 1024)
    ]
    header = ["our network, defaults", "first picture", "finished", "steps", "peak memory"]
    return table(header, rows)


# --- A step of VGG-19 ---------------------------------------------------------------------------


def vgg19() -> tuple[Any, Any]:
    """Return a Keras VGG-19 with weights drawn at random, and our view of it."""
    from generative.backend import keras
    from generative.style_transfer import vgg

    keras.utils.set_random_seed(0)
    plain = keras.applications.VGG19(include_top=False, weights=None)
    draw = keras.initializers.HeNormal(seed=0)
    for layer in plain.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.kernel.assign(draw(layer.kernel.shape))
    return plain, vgg.of_vgg19(plain)


def reference(picture: Any, total: Callable[[Any], Any]) -> Iterator[float]:
    """Yield the value of `total` at every step of the plain loop."""
    from generative.backend import keras, tf

    image = tf.Variable(picture)
    optimizer = keras.optimizers.Adam(REFERENCE_RATE)
    while True:
        with tf.GradientTape() as tape:
            loss = total(image)
        gradient = tape.gradient(loss, image)
        optimizer.apply([gradient], [image])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
        yield float(loss)


def textbook(plain: Any, content: Any, style: Any) -> Callable[[Any], Any]:
    """Return the paper's objective as tutorials write it: Keras's model, Gram matrices."""
    from generative.backend import keras, tf
    from generative.style_transfer.losses import gram_matrix
    from generative.style_transfer.options import STYLE_LAYERS

    names = [*STYLE_LAYERS, "block5_conv2"]
    model = keras.Model(plain.inputs, [plain.get_layer(name).output for name in names])

    def seen(picture: Any) -> list[Any]:
        return model(keras.applications.vgg19.preprocess_input(picture * 255))  # type: ignore[no-any-return]

    grams = [gram_matrix(x) for x in seen(style)[:-1]]
    wanted = seen(content)[-1]

    def total(picture: Any) -> Any:
        *layers, deepest = seen(picture)
        content_loss = 0.5 * tf.reduce_sum(tf.square(deepest - wanted))
        style_losses = [
            tf.reduce_mean(tf.square(gram_matrix(x) - gram))
            for x, gram in zip(layers, grams, strict=True)
        ]
        return content_loss + 1e2 * tf.add_n(style_losses) / len(style_losses)

    return total


def step(options: argparse.Namespace) -> dict[str, Any]:
    """Return seconds of a step at 512×512: the plain loop's, ours, and the network's alone."""
    from generative.style_transfer import examples, objective
    from generative.style_transfer.features import Networks
    from generative.style_transfer.resizing import resize
    from generative.style_transfer.tensors import as_tensor
    from generative.training import precision

    plain, network = vgg19()
    content, style = (resize(examples.load(name), SIZE, SIZE) for name in (CONTENT, STYLE))
    tensors = as_tensor(content), as_tensor(style)
    sees = objective.objective_for(Networks(network, network), (1.0,), precision.fastest())
    weights, targets = paper_objective(sees, *tensors)

    full = full_size_steps(content, style, network)
    loop = reference(tensors[0], textbook(plain, *tensors))
    works = {
        "reference": lambda: next(loop),
        "ours": lambda: next(full),
        "bare": lambda: float(sees.value_and_gradient(tensors[0], targets, weights)[0].total),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
        work()
    for _ in range(options.rounds):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) for name, each in times.items()}


def paper_objective(sees: Any, content: Any, style: Any) -> tuple[Any, Any]:
    """Return weights and targets of our objective at the picture's own size alone."""
    from generative.backend import tf
    from generative.style_transfer.objective import Octave, Weights, blend
    from generative.style_transfer.options import STYLE_LAYERS

    one = tf.constant(1.0)
    weights = Weights(one, one, one, dict.fromkeys(STYLE_LAYERS, one), one)
    statistics_of = blend([sees.style_moments(style, 0, STYLE_LAYERS)], [1.0])
    octave = Octave(sees.content_targets(content, PAPER["content_layers"]), statistics_of, {})
    return weights, (octave,)


def full_size_steps(content: Any, style: Any, network: Any) -> Iterator[Any]:
    """Return a transfer that is already at its last scale, with 5000 steps ahead."""
    from generative.style_transfer import stylize

    options = {"network": network, "size": SIZE, "steps": 3, **PAPER}
    *_, last = stylize(content, style, **options)
    return stylize(content, style, **options, resume=last.state, more_steps=5000)


def _step(found: dict[str, float]) -> str:
    rows = [
        [
            f"{found['reference']:.2f} s",
            f"{found['ours']:.2f} s, {found['reference'] / found['ours']:.1f} times as fast",
            f"{found['bare']:.2f} s",
            f"{100 * (found['ours'] / found['bare'] - 1):.0f}%",
        ]
    ]
    header = ["one step of VGG-19 at 512×512: plain loop", "ours"]
    return table([*header, "forward and gradient alone", "ours above that"], rows)


# --- The same value of the same objective ---------------------------------------------------------


def race(options: argparse.Namespace) -> dict[str, Any]:
    """Return how long we and the plain loop take to reach the same value of our objective.

    The value is the one that our picture has when it arrives at the full size.
    """
    from generative.backend import tf
    from generative.style_transfer import examples, stylize
    from generative.style_transfer.features import Networks
    from generative.style_transfer.objective import STYLE_SHARE, VARIATION_SHARE, Objective
    from generative.style_transfer.resizing import resize
    from generative.style_transfer.tensors import as_tensor

    _, network = vgg19()
    content, style = (resize(examples.load(name), SIZE, SIZE) for name in (CONTENT, STYLE))
    sees = Objective(Networks(network, network), (1.0,), tf.float32)
    begun = time.perf_counter()
    weights, targets = paper_objective(sees, as_tensor(content), as_tensor(style))
    setting_up = time.perf_counter() - begun
    begun = time.perf_counter()
    for each in stylize(content, style, network=network, size=SIZE, **PAPER):
        value = each.content_loss + STYLE_SHARE * each.style_loss + VARIATION_SHARE * each.tv_loss
        if max(each.image.shape) == SIZE:
            break
    ours = time.perf_counter() - begun
    loop = reference(
        as_tensor(content), lambda picture: sees.losses(picture, targets, weights).total
    )
    begun = time.perf_counter()
    reached = float("inf")
    steps = 0
    while reached > value and steps < options.reference_steps:
        reached, steps = next(loop), steps + 1
    return {
        "value": value,
        "ours": ours,
        "steps": steps,
        "reference": setting_up + time.perf_counter() - begun,
        "reached": reached,
    }


def _race(found: dict[str, Any]) -> str:
    there = found["reached"] <= found["value"]
    stopped = "" if there else f", stopped at {found['reached']:.3f}"
    rows = [
        [
            f"{found['value']:.3f}",
            f"{found['ours']:.0f} s",
            f"{found['reference']:.0f} s, {found['steps']} steps{stopped}",
            f"{'' if there else 'below '}{found['ours'] / found['reference']:.2f}",
        ]
    ]
    header = ["VGG-19 at 512×512, our objective as we reach full size", "ours", "plain loop"]
    return table([*header, "ratio"], rows)


MEASUREMENTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "painting-512": lambda options: painting(512),
    "painting-1024": lambda options: painting(1024),
    "step": step,
    "race": race,
}


if __name__ == "__main__":
    main()
