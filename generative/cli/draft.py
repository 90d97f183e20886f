"""Paint photos in the style of another picture in one pass: a fraction of a second each."""

from __future__ import annotations

import argparse
from pathlib import Path

from generative import images
from generative.cli import sources, style_files
from generative.cli.batch import Job, Made, Make
from generative.errors import InputError
from generative.style_transfer.options import COLOURS, SIZE, STRENGTH, STYLE_SCALE, WEIGHT
from generative.style_transfer.picture_checks import Pixels, check_result
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.settings import AS_PAINTED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=sources.HELP)
    parser.add_argument(
        "--style",
        required=True,
        action="append",
        metavar="FILE[=WEIGHT]",
        help=f"{style_files.STYLE_HELP}; several are blended",
    )
    for name, within, usual, meaning in (
        ("strength", STRENGTH, 1.0, "0 for the photo, 1 for the whole style"),
        ("style-scale", STYLE_SCALE, 1.0, "size of the strokes"),
    ):
        parser.add_argument(
            f"--{name}",
            type=float,
            default=usual,
            metavar="N",
            help=f"{meaning}, {within.low:g} to {within.high:g} (%(default)s)",
        )
    parser.add_argument(
        "--colour",
        choices=(AS_PAINTED, *COLOURS),
        default=AS_PAINTED,
        help="the style's colours; the photo's; or the style recoloured first (%(default)s)",
    )
    parser.add_argument(
        "--size",
        type=int,
        metavar="N",
        help=f"longest side in pixels, {SIZE.low:g} to {SIZE.high:g} (the photo's own)",
    )


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every photo: a PNG.

    Raises:
        InputError: a number or a style picture that cannot be used.
    """
    STRENGTH.check("strength", options.strength)
    STYLE_SCALE.check("size of the strokes", options.style_scale)
    if options.size is not None:
        SIZE.check("size", options.size)
    styles = [_style(given) for given in options.style]

    def begin(source: Path) -> Make:
        return lambda _report: _draft(source, styles, options)

    return sources.one_result_each(options.files, options.output, begin)


def _style(given: str) -> tuple[Pixels, float]:
    """Return the picture and weight of "FILE" or "FILE=WEIGHT"."""
    name, equals, number = given.rpartition("=")
    if not equals or Path(given).exists():
        return style_files.read("style", style_files.path_of(given)).pixels, 1.0
    try:
        weight = WEIGHT.check("weight of a style", float(number))
    except ValueError as error:
        raise InputError(
            f"Invalid weight of a style. Expected a number after the last =. Received: {number}."
        ) from error
    return style_files.read("style", style_files.path_of(name)).pixels, weight


def _draft(source: Path, styles: list[tuple[Pixels, float]], options: argparse.Namespace) -> Made:
    from generative.style_transfer import drafting

    picture = style_files.read("content", source)
    height, width = picture.pixels.shape[:2]
    longest = options.size or max(height, width)
    check_result(*picture.size, longest)
    painted = drafting.load(options.checkpoints).stylize(
        resize(picture.pixels, *fit(height, width, longest)),
        styles,
        strength=options.strength,
        preserve_color=None if options.colour == AS_PAINTED else options.colour,
        style_scale=options.style_scale,
    )
    return Made(images.encode_png(painted), notices=picture.notices)
