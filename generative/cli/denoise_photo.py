"""Take the noise out of photographs, as much of it as asked for."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from generative import images, loading
from generative.cli import sources
from generative.cli.batch import Job, Made, Make
from generative.data.splits import PHOTOS
from generative.denoising.photographs import comparison, white_noise
from generative.denoising.photographs.removal import STRENGTH, to_pixels
from generative.models import with_role
from generative.validation import SEED

if TYPE_CHECKING:
    from generative.denoising.photographs.restorer import PhotoDenoiser

SHARES = {
    "strength": "share of the noise to take out, 0 to 1 (%(default)s)",
    "luminance": "share of that for the noise in brightness (%(default)s)",
    "colour": "share of that for the noise in colour (%(default)s)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=sources.HELP)
    for name, meaning in SHARES.items():
        parser.add_argument(f"--{name}", type=float, default=1.0, metavar="N", help=meaning)
    parser.add_argument(
        "--add-noise",
        type=float,
        default=0.0,
        metavar="LEVEL",
        help="spoil the photographs first, to measure: white noise of this standard deviation, up "
        f"to {white_noise.LEVEL.high:g} of 255",
    )
    parser.add_argument("--seed", type=int, default=0, help="of that noise (%(default)s)")
    parser.add_argument(
        "--format",
        choices=images.KEPT_AS,
        default=images.KEPT_AS[0],
        help="of the results (%(default)s)",
    )


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every photograph: a file of its size, with its colours' profile.

    Raises:
        InputError: a share, level or seed out of range.
    """
    for name in SHARES:
        STRENGTH.check(name, getattr(options, name))
    white_noise.LEVEL.check("noise level", options.add_noise)
    SEED.check("seed", options.seed)

    def begin(source: Path) -> Make:
        return lambda _report: _denoise(source, options)

    return sources.one_result_each(
        options.files, options.output, begin, images.SUFFIX_OF[options.format]
    )


def _denoise(source: Path, options: argparse.Namespace) -> Made:
    opened = images.read_in_own_colours(source)
    model = _load(options.checkpoints)
    examined = comparison.examine(model, opened.pixels, options.add_noise, options.seed)
    restored = examined.restored(options.strength, options.luminance, options.colour)
    content = images.encode_to_keep(to_pixels(restored), options.format, opened.profile)
    return Made(content, comparison.figures(examined, restored), opened.notices)


@functools.cache
def _load(directory: Path) -> PhotoDenoiser:
    model: PhotoDenoiser = loading.load(with_role("photo denoiser").checkpoint(PHOTOS), directory)
    return model
