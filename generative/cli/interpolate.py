"""Film the way from each picture to the next in latent space, as a GIF that comes back."""

from __future__ import annotations

import argparse
import functools
import itertools
from pathlib import Path

import numpy as np

from generative.cli import pictures, sources
from generative.cli.batch import Job, Made, Make
from generative.errors import InputError
from generative.variational import films
from generative.variational.paths import PATHS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=sources.HELP)
    pictures.add_dataset(parser)
    pictures.add_latent_model(parser)
    parser.add_argument(
        "--steps",
        type=int,
        default=16,
        metavar="N",
        help="from one picture to the next, 2 to 32 (%(default)s)",
    )
    parser.add_argument(
        "--path",
        choices=PATHS,
        default="slerp",
        help="a straight line, or a great circle (%(default)s)",
    )


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every picture but the last: a GIF.

    Raises:
        InputError: a number of steps out of range, or fewer than two pictures.
    """
    films.FILM_STEPS.check("number of steps", options.steps)
    found = list(sources.expand(options.files))
    files = [source for source in found if isinstance(source, Path)]
    missing = [source for source in found if isinstance(source, Job)]
    if len(files) < 2 and not missing:
        raise InputError("There are too few pictures: expected at least two to go between.")
    taken: set[Path] = set()
    return missing + [
        sources.job_for(
            [a, b],
            options.output / f"{a.stem}-to-{b.stem}.gif",
            functools.partial(_begin, a, b, options),
            taken,
        )
        for a, b in itertools.pairwise(files)
    ]


def _begin(a: Path, b: Path, options: argparse.Namespace) -> Make:
    return lambda _report: _film(a, b, options)


def _film(a: Path, b: Path, options: argparse.Namespace) -> Made:
    ends = [pictures.read(path, options.dataset) for path in (a, b)]
    model = pictures.load_latent_model(options)
    posterior = model.infer(np.concatenate([end for end, _ in ends]))
    film = films.way(model, posterior, options.steps, options.path)
    figures = {"latents": posterior.mean.astype(float).round(4).tolist(), "path": options.path}
    notices = tuple(sentence for _, found in ends for sentence in found)
    return Made(films.there_and_back(film), figures, notices)
