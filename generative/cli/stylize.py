"""Paint photos in the style of another picture."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from generative import images
from generative.cli import sources, style_files
from generative.cli.batch import Job, Made, Make, Report
from generative.command_line import add_ray
from generative.errors import InputError
from generative.images import DecodedPicture
from generative.style_transfer import examples
from generative.style_transfer.options import PaintingOptions
from generative.style_transfer.picture_checks import Pixels, check_result
from generative.style_transfer.settings import CHOICES, NO_BUDGET, RANGES, PaintingSettings

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

NUMBERS = {
    "content_weight": "α: how much of the photo is kept",
    "style_weight": "β: how strong the style is",
    "total_variation_weight": "how smooth the painting is",
    "size": "longest side of the painting in pixels",
    "steps": "of the optimizer",
    "seconds": "time budget of a painting, which then decides the steps; 0 for none",
    "style_scale": "size of the strokes",
    "forms": "size of the forms: below 1 for fine texture, above it for large forms",
    "seed": "of noise and patches of colour",
}
NAMES = {
    "network": "that judges likeness; vgg19 fetches 80 MB once",
    "colour": "the style's colours; the photo's; or the style recoloured first",
    "initial": "what the painting starts from",
    "optimizer": "of the pixels",
    "procedure": "octaves for strokes and forms; pyramid for large soft forms; pixels for strokes "
    "alone",
}
DEFAULTS = {field.name: field.default for field in fields(PaintingSettings)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=sources.HELP)
    parser.add_argument(
        "--style",
        required=True,
        metavar="FILE",
        help=style_files.STYLE_HELP,
    )
    for name, meaning in NUMBERS.items():
        within = RANGES[name]
        parser.add_argument(
            _option(name),
            type=int if within.whole else float,
            default=DEFAULTS[name],
            metavar="N",
            help=f"{meaning}, {within.low:g} to {within.high:.10g} (%(default)s)",
        )
    for name, meaning in NAMES.items():
        parser.add_argument(
            _option(name),
            choices=CHOICES[name],
            default=DEFAULTS[name],
            help=f"{meaning} (%(default)s)",
        )
    add_ray(parser)


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every photo: a PNG that holds its settings.

    Raises:
        InputError: a setting or a style picture that cannot be used.
    """
    settings = {name: getattr(options, name) for name in (*NUMBERS, *NAMES)}
    PaintingSettings(**settings)
    style_path = style_files.path_of(options.style)
    style = style_files.read("style", style_path)

    def read(source: Path) -> tuple[DecodedPicture, PaintingSettings]:
        picture = style_files.read("content", source)
        chosen = PaintingSettings(
            content=examples.recognise(source),
            style=examples.recognise(style_path),
            alone=options.seconds == NO_BUDGET,
            **settings,
        )
        check_result(*picture.size, chosen.size)
        return picture, chosen

    def begin(source: Path) -> Make:
        if options.cluster is None:
            return lambda report: make(*read(source), report)
        picture, chosen = read(source)
        asked = picture.pixels, style.pixels, chosen.options()
        finish = options.cluster.submit(_paint, options.checkpoints, asked)
        return lambda _report: _made(picture, style, chosen, finish())

    def make(picture: DecodedPicture, chosen: PaintingSettings, report: Report) -> Made:
        asked = picture.pixels, style.pixels, chosen.options()
        step = None
        with closing(_paint(options.checkpoints, *asked)) as steps:
            for step in steps:
                report(step.step / step.total_steps)
        return _made(picture, style, chosen, step)

    return sources.one_result_each(options.files, options.output, begin)


def _paint(
    checkpoints: Path, content: Pixels, style: Pixels, options: PaintingOptions
) -> Generator[StyleStep, None, None]:
    """Paint a picture, here or on a node of a cluster: imports TensorFlow where it runs."""
    from generative.style_transfer import painter

    return painter.paint_once(checkpoints, content, style, options)


def _made(
    picture: DecodedPicture,
    style: DecodedPicture,
    settings: PaintingSettings,
    step: StyleStep | None,
) -> Made:
    """Return the result of the last step."""
    if step is None:
        raise InputError("The painting cannot begin: the optimizer found nothing to improve.")
    figures = {
        "steps": step.step,
        "content_loss": step.content_loss,
        "style_loss": step.style_loss,
        "tv_loss": step.tv_loss,
    }
    content = images.encode_png(step.image, settings.to_text())
    return Made(content, figures, (*picture.notices, *style.notices))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
