"""How near the photo denoiser comes to clean photographs: at its end, and while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generative import metrics
from generative.card import Figures
from generative.data.splits import Split
from generative.denoising.photographs import white_noise

if TYPE_CHECKING:
    from generative.backend import keras
    from generative.denoising.photographs.restorer import PhotoDenoiser

NOISE_SEED = 2023
"""Of the first photograph; the others count up from it."""

WATCHED_SIDE = 256
"""Side of the middle part of a photograph that is looked at during the training, pixels."""


def figures(model: PhotoDenoiser, held_out: Split) -> Figures:
    """Return mean PSNR (dB) and SSIM under white noise of the levels `MEASURED`, not clipped."""
    found: Figures = {"test_images": len(held_out.examples)}
    for level in white_noise.MEASURED:
        scores = [
            quality(model, photo, level, NOISE_SEED + at)
            for at, photo in enumerate(held_out.examples)
        ]
        psnr, ssim = np.mean(scores, axis=0)
        found[f"gaussian_{level}_of_255"] = {"psnr_db": round(psnr, 3), "ssim": round(ssim, 4)}
    return found


def quality(
    model: PhotoDenoiser, photo: NDArray[np.uint8], level: float, seed: int
) -> tuple[float, float]:
    """Return PSNR (dB) and SSIM of a photograph restored from white noise, which is not clipped."""
    clean = photo.astype(np.float32) / np.float32(255)
    restored = model.restore(white_noise.add(clean, level, seed))
    pair = clean[None], restored[None]
    return float(metrics.psnr(*pair)[0]), float(metrics.ssim(*pair)[0])


def watch(network: keras.Model, photos: NDArray[np.object_]) -> dict[str, float]:
    """Return the mean PSNR, dB, of the photographs' middles at each level of `MEASURED`."""
    clean = [_middle(photo).astype(np.float32) / np.float32(255) for photo in photos]
    return {
        f"psnr_{level}": float(np.mean([_psnr(network, photo, level) for photo in clean]))
        for level in white_noise.MEASURED
    }


def _psnr(network: keras.Model, clean: NDArray[np.float32], level: float) -> float:
    noisy = white_noise.add(clean, level, NOISE_SEED)
    restored = np.clip(network(noisy[None], training=False), 0, 1)
    return float(metrics.psnr(clean[None], restored)[0])


def _middle(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the middle of a photograph, its sides multiples of 8 and at most `WATCHED_SIDE`."""
    height, width = (min(side, WATCHED_SIDE) // 8 * 8 for side in photo.shape[:2])
    top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
    return photo[top : top + height, left : left + width]
