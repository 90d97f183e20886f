"""Remove noise from pictures of digits or garments, or add noise first and measure."""

from __future__ import annotations

import argparse
from pathlib import Path

from generative import images, metrics
from generative.cli import pictures, sources
from generative.cli.batch import Job, Made, Make
from generative.data import noise
from generative.models import PictureModel, compared_in, with_role
from generative.validation import SEED, Images


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command alone."""
    parser.add_argument("files", nargs="+", metavar="FILE", help=sources.HELP)
    pictures.add_dataset(parser)
    parser.add_argument(
        "--model",
        choices=compared_in("denoising"),
        default=with_role("denoiser").name,
        help="network (%(default)s)",
    )
    parser.add_argument(
        "--add-noise",
        choices=noise.KINDS,
        metavar="KIND",
        help=f"spoil the pictures first, to measure: {', '.join(noise.KINDS)}",
    )
    parser.add_argument(
        "--level", type=float, default=0.5, help="of that noise, 0 to 1 (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of that noise (%(default)s)")


def plan(options: argparse.Namespace) -> list[Job]:
    """Return a job for every picture: a PNG of 28×28 pixels.

    Raises:
        InputError: a level or seed out of range.
    """
    noise.LEVEL.check("noise level", options.level)
    SEED.check("seed", options.seed)

    def begin(source: Path) -> Make:
        return lambda _report: _denoise(source, options)

    return sources.one_result_each(options.files, options.output, begin)


def _denoise(source: Path, options: argparse.Namespace) -> Made:
    clean, notices = pictures.read(source, options.dataset)
    noisy, figures = clean, {}
    if options.add_noise:
        noisy = noise.add_noise(clean, options.add_noise, options.level, options.seed)
    offer = compared_in("denoising")[options.model]
    model: PictureModel = pictures.load(
        offer.model, options.dataset, offer.variant, options.checkpoints
    )
    restored = model.reconstruct(noisy)
    if options.add_noise:
        figures = _quality("noisy_", clean, noisy) | _quality("", clean, restored)
    return Made(images.encode_png(restored[0]), figures, notices)


def _quality(prefix: str, clean: Images, picture: Images) -> dict[str, float | None]:
    """Return PSNR in dB and SSIM."""
    psnr, ssim = (float(measure(clean, picture)[0]) for measure in (metrics.psnr, metrics.ssim))
    return {
        f"{prefix}psnr_db": metrics.for_json(psnr, 3),
        f"{prefix}ssim": round(ssim, 4),
    }
