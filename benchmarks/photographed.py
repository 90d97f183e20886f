"""Count how many photographed digits and garments the models recognise.

    python -m benchmarks.photographed [--count 20] [--held-out] [--sheets DIR]

Makes synthetic photographs of test pictures (`scenes.py`), prepares each as the app prepares an
upload, and classifies it with the conditional variational autoencoder. Uses equally many test
pictures of each class, and only those that the model recognises directly, so that every loss comes
from photographing and preparing. A refused photo counts as a loss.

`--held-out` uses other pictures and other scenes, on which nothing was tuned.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import generative
from benchmarks import scenes
from benchmarks.markdown import table
from benchmarks.scenes import Kind
from generative import checkpoints, data, images
from generative.data import photographed
from generative.errors import InputError
from generative.validation import SIDE, Images
from generative.variational.latent_model import LatentModel

KINDS = {"mnist": scenes.DIGITS, "fashion_mnist": scenes.GARMENTS}
COUNT = 20
_HALF = 5000  # pictures; the second half of the test set is held out
_TILE_SIDE = 160  # pixels, of a contact sheet's tiles


@dataclass(frozen=True)
class Outcome:
    """The results for one kind of photograph.

    Attributes:
        kind: the kind.
        files: the photographs.
        prepared: (n, 28, 28, 1); black where the photo was refused.
        refused: (n,) bool.
        recognised: (n,) bool.
    """

    kind: Kind
    files: Sequence[bytes]
    prepared: Images
    refused: NDArray[np.bool_]
    recognised: NDArray[np.bool_]


def load_model(dataset: str, directory: Path = checkpoints.SHIPPED) -> LatentModel:
    """Return the conditional model that classifies a data set's pictures."""
    model = generative.load(f"cvae-{dataset}-z16", directory)
    assert isinstance(model, LatentModel)
    return model


def choose(
    model: LatentModel, dataset: str, count: int, held_out: bool
) -> tuple[Images, NDArray[np.int64]]:
    """Return test pictures that the model recognises, with their classes, in turn by class.

    A digit must also be recognised when redrawn with a pen, since some skeletons look like another
    digit's.
    """
    pictures, labels = data.load(dataset, "test")
    first = _HALF if held_out else 0
    part = slice(first, first + 100 + 5 * count)  # Enough of each class.
    pictures, labels = pictures[part], labels[part]
    right = model.most_likely_labels(pictures) == labels
    if dataset == "mnist":
        drawn = np.stack([scenes.redrawn(picture[..., 0]) for picture in pictures])[..., None]
        right &= model.most_likely_labels(drawn) == labels
    known = np.flatnonzero(right)
    each = -(-count // 10)
    by_class = np.stack([known[labels[known] == label][:each] for label in range(10)], axis=1)
    chosen = by_class.ravel()[:count]
    return pictures[chosen], labels[chosen]


def judge(
    kind: Kind,
    model: LatentModel,
    dataset: str,
    pictures: Images,
    labels: NDArray[np.int64],
    seed: int,
) -> Outcome:
    """Photograph each picture, prepare the photo, and classify it."""
    files = [
        kind.draw(picture[..., 0], np.random.default_rng([seed, index]))
        for index, picture in enumerate(pictures)
    ]
    prepared = [_prepare(file, dataset) for file in files]
    refused = np.array([made is None for made in prepared])
    blank = np.zeros((1, SIDE, SIDE, 1), np.float32)
    batch = np.concatenate([blank if made is None else made for made in prepared])
    recognised = (model.most_likely_labels(batch) == labels) & ~refused
    return Outcome(kind, files, batch, refused, recognised)


def _prepare(file: bytes, dataset: str) -> Images | None:
    try:
        return photographed.prepare(images.decode(file), dataset)
    except InputError:
        return None


def report(outcomes: Sequence[Outcome]) -> str:
    """Return a table with one row per kind."""
    return table(
        ["kind", "recognised", "of", "refused", "goal of 20", "met"],
        [_row(outcome) for outcome in outcomes],
    )


def _row(outcome: Outcome) -> list[str]:
    count, recognised = len(outcome.files), int(outcome.recognised.sum())
    met = recognised * COUNT >= outcome.kind.goal * count
    return [
        outcome.kind.name,
        str(recognised),
        str(count),
        str(int(outcome.refused.sum())),
        str(outcome.kind.goal),
        "yes" if met else "no",
    ]


def contact_sheet(outcome: Outcome) -> Image.Image:
    """Return each photo beside its prepared picture; unrecognised ones have a red border."""
    columns = 5
    rows = -(-len(outcome.files) // columns)
    sheet = Image.new("RGB", (columns * 2 * (_TILE_SIDE + 6), rows * (_TILE_SIDE + 6)), "grey")
    for index, file in enumerate(outcome.files):
        photo = ImageOps.pad(
            Image.fromarray(images.decode(file)), (_TILE_SIDE, _TILE_SIDE), color="grey"
        )
        small = np.rint(255 * outcome.prepared[index, ..., 0]).astype(np.uint8)
        made = Image.fromarray(small).resize((_TILE_SIDE, _TILE_SIDE), Image.Resampling.NEAREST)
        edge = "grey" if outcome.recognised[index] else "red"
        left, top = index % columns * 2 * (_TILE_SIDE + 6), index // columns * (_TILE_SIDE + 6)
        for tile, x in ((photo, left), (made.convert("RGB"), left + _TILE_SIDE + 3)):
            sheet.paste(ImageOps.expand(tile, 3, edge), (x, top))
    return sheet


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table per data set, and write contact sheets if asked."""
    parser = argparse.ArgumentParser(description="Recognise photographed digits and garments.")
    parser.add_argument("--data", nargs="+", choices=data.DATASETS, default=list(data.DATASETS))
    parser.add_argument("--count", type=int, default=COUNT, help=f"photos of each kind ({COUNT})")
    parser.add_argument("--kinds", nargs="+", metavar="NAME", help="only these kinds")
    parser.add_argument("--held-out", action="store_true", help="other pictures, other scenes")
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets here")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args(arguments)
    for dataset in options.data:
        model = load_model(dataset, options.checkpoints)
        chosen = choose(model, dataset, options.count, options.held_out)
        outcomes = []
        for kind in KINDS[dataset]:
            if options.kinds and kind.name not in options.kinds:
                continue
            outcomes.append(judge(kind, model, dataset, *chosen, seed=int(options.held_out)))
            if options.sheets:
                options.sheets.mkdir(parents=True, exist_ok=True)
                name = f"{dataset}-{kind.name.replace(' ', '_')}.png"
                contact_sheet(outcomes[-1]).save(options.sheets / name)
        print(f"\n{data.TITLES[dataset]}\n\n{report(outcomes)}", flush=True)


if __name__ == "__main__":
    main()
