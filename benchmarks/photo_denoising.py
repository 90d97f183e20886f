"""Compare the photo denoiser with classical ones on held-out photographs.

    pip install bm3d PyWavelets
    python -m benchmarks.photo_denoising --images DIR
    python -m benchmarks.photo_denoising --images DIR --tune

White noise of 15, 25 and 50 of 255 is added to the photographs in `DIR/test`, with fixed seeds and
without clipping. Prints, for each method, mean PSNR in dB and SSIM (scikit-image's) of its results,
clipped to [0, 1], and its time for a megapixel, on as many cores as it takes. The classical methods
are told the level; the network is not. Beside them stand published figures, of CBSD68. Methods
whose package is not installed are left out. `--tune` tries strengths of the classical methods on
training photographs instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import generative
from benchmarks.markdown import table
from generative import checkpoints, metrics
from generative.data import splits
from generative.denoising.photographs import classical, white_noise
from generative.denoising.photographs.figures import NOISE_SEED
from generative.validation import Images

Denoiser = Callable[[Images, int], Images]
"""(one noisy photograph, (1, h, w, 3), the level of its noise) → the same shape, restored."""

PUBLISHED = {
    "CBM3D, told σ": (33.52, 30.71, 27.38),
    "DnCNN-B, blind": (33.89, 31.23, 27.92),
    "FFDNet, told σ": (33.87, 31.21, 27.96),
}
"""PSNR on CBSD68: Zhang et al. 2017 (arXiv 1608.03981) and 2018 (arXiv 1710.04026)."""

TUNED_ON = 6
WEIGHTS = (0.7, 0.9, 1.1, 1.3, 1.6)
HS = (0.4, 0.55, 0.7, 0.85, 1.0)


def wavelets(noisy: Images, level: int) -> Images:
    """Return photographs whose wavelet coefficients are shrunk: BayesShrink, by scikit-image."""
    from skimage.restoration import denoise_wavelet

    # Its conversion to luminance and colour takes no values beyond [-1, 1].
    scale = 4
    found = denoise_wavelet(
        noisy[0] / scale, sigma=level / 255 / scale, convert2ycbcr=True, channel_axis=-1
    )
    return np.asarray(scale * found[None], np.float32)


def block_matching(noisy: Images, level: int) -> Images:
    """Return photographs by CBM3D (Dabov et al. 2007), as its authors publish it in bm3d."""
    from bm3d import bm3d_rgb

    return np.asarray(bm3d_rgb(noisy[0].astype(np.float64), level / 255)[None], np.float32)


def methods(model: Any) -> dict[str, Denoiser]:
    """Return what can be measured here by its title, the network last."""
    found: dict[str, Denoiser] = {
        "noisy": lambda noisy, level: noisy,
        "total variation": classical.total_variation,
        "non-local means": classical.non_local_means,
    }
    if importlib.util.find_spec("pywt"):
        found["wavelets"] = wavelets
    if importlib.util.find_spec("bm3d"):
        found["BM3D"] = block_matching
    return {**found, "ours, blind": lambda noisy, level: model.restore(noisy[0])[None]}


def measure(denoiser: Denoiser, photos: Any) -> tuple[list[tuple[float, float]], float]:
    """Return (PSNR, SSIM) at each level, and seconds for a megapixel."""
    denoiser(_noisy(photos[0], white_noise.MEASURED[0], NOISE_SEED)[1], white_noise.MEASURED[0])
    scores, seconds, pixels = [], 0.0, 0
    for level in white_noise.MEASURED:
        found = []
        for at, photo in enumerate(photos):
            clean, noisy = _noisy(photo, level, NOISE_SEED + at)
            begun = time.perf_counter()
            restored = np.clip(denoiser(noisy, level), 0, 1)
            seconds += time.perf_counter() - begun
            pixels += photo.shape[0] * photo.shape[1]
            found.append((metrics.psnr(clean, restored)[0], metrics.ssim(clean, restored)[0]))
        scores.append(tuple(np.mean(found, axis=0)))
    return scores, seconds / (pixels / 1e6)


def report(scores: Mapping[str, tuple[list[tuple[float, float]], float]]) -> str:
    """Return a table of what was measured, and of published figures."""
    header = ["PSNR dB / SSIM", *(f"σ {level}" for level in white_noise.MEASURED), "s a megapixel"]
    rows = [
        [
            title,
            *(f"{psnr:.2f} / {ssim:.3f}".replace(" 0.", " .") for psnr, ssim in row),
            f"{s:.2f}",
        ]
        for title, (row, s) in scores.items()
    ]
    rows += [[title, *(f"{x:.2f}" for x in row), ""] for title, row in PUBLISHED.items()]
    return table(header, rows)


def tune(images: str) -> str:
    """Return a table of the classical methods' PSNR at several strengths."""
    photos = splits.load(splits.PHOTOS, "validation", images=images).examples[:TUNED_ON]
    tried: dict[str, Denoiser] = {
        f"{name} {strength:g}": _with(denoiser, strength)
        for name, denoiser, strengths in (
            ("total variation", classical.total_variation, WEIGHTS),
            ("non-local means", classical.non_local_means, HS),
        )
        for strength in strengths
    }
    return report({title: measure(denoiser, photos) for title, denoiser in tried.items()})


def main() -> None:
    """Measure every method, one after the other, and print the table so far."""
    parser = argparse.ArgumentParser(description="Compare the photo denoiser with classical ones.")
    parser.add_argument("--images", required=True, metavar="DIR", help="photographs in DIR/test")
    parser.add_argument("--limit", type=int, metavar="N", help="of the photographs (all)")
    parser.add_argument("--only", nargs="*", metavar="METHOD", help="by title (all)")
    parser.add_argument("--tune", action="store_true", help="try strengths of the classical ones")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args()
    if options.tune:
        print(tune(options.images))
        return
    photos = splits.load(splits.PHOTOS, "test", options.limit, options.images).examples
    print(f"{len(photos)} photographs\n")
    scores = {}
    for title, denoiser in methods(generative.load("photo_denoiser", options.checkpoints)).items():
        if not options.only or title in options.only:
            scores[title] = measure(denoiser, photos)
    print(report(scores))


def _with(denoiser: Callable[[Images, int, float], Images], strength: float) -> Denoiser:
    return lambda noisy, level: denoiser(noisy, level, strength)


def _noisy(photo: Any, level: int, seed: int) -> tuple[Images, Images]:
    """Return a photograph, (1, h, w, 3) float32 in [0, 1], and the same with noise."""
    clean = photo.astype(np.float32) / np.float32(255)
    return clean[None], white_noise.add(clean, level, seed)[None]


if __name__ == "__main__":
    main()
