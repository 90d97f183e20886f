"""Draw pictures of digits or garments from a variational autoencoder."""

from __future__ import annotations

import argparse
import functools

from generative import data, images
from generative.cli import pictures
from generative.cli.batch import Job, Made, Make
from generative.models import with_role
from generative.validation import SEED, Images, check_choice
from generative.variational.classes import EVERY, labels_for
from generative.variational.interface import COUNT, SOURCES, TEMPERATURE, Labels
from generative.variational.paths import Latents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    pictures.add_dataset(parser)
    pictures.add_latent_model(parser)
    parser.add_argument(
        "--count", type=int, default=10, metavar="N", help="pictures, 1 to 1000 (%(default)s)"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="T",
        help="scales every deviation from the mean, 0 to 2 (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the latents (0)")
    parser.add_argument(
        "--source",
        choices=SOURCES,
        default=SOURCES[0],
        help="latents from the prior, or the mixture fitted to the training latents (%(default)s)",
    )
    parser.add_argument(
        "--class",
        dest="label",
        default=EVERY,
        metavar="NAME",
        help=f"of the data set, for {with_role('told the class').name}; every (the default) for "
        "all in turn",
    )


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every sample: a PNG of 28×28 pixels.

    Raises:
        InputError: a number out of range, an unknown class, or a class for a model without any.
        CheckpointError: the model is missing or damaged.
    """
    count = COUNT.check_whole("number of samples", options.count)
    TEMPERATURE.check("temperature", options.temperature)
    SEED.check("seed", options.seed)
    classes = data.CLASSES[options.dataset]
    check_choice("class", options.label, (EVERY, *classes))

    @functools.cache
    def drawn() -> tuple[Latents, Labels | None, Images]:
        model = pictures.load_latent_model(options)
        latents = model.draw(count, options.temperature, options.seed, options.source)
        labels = labels_for(options.label, count, options.dataset, model)
        return latents, labels, model.decode(latents, labels)

    def make(index: int) -> Made:
        latents, labels, found = drawn()
        name = None if labels is None else classes[labels[index]]
        figures = {"latent": latents[index].astype(float).round(4).tolist(), "class": name}
        return Made(images.encode_png(found[index]), figures)

    def begin(index: int) -> Make:
        return lambda _report: make(index)

    stem = f"{options.dataset}-{options.model}-seed{options.seed}"
    jobs = [
        Job(
            f"sample {index + 1}",
            options.output / f"{stem}-{index + 1:04}.png",
            functools.partial(begin, index),
        )
        for index in range(count)
    ]
    if options.overwrite or not all(job.result and job.result.exists() for job in jobs):
        drawn()  # Here, so that what fails for all is said once.
    return jobs
