"""One photograph: the noise in it, and what is left without it, by our network and by others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generative import metrics
from generative.card import Figures
from generative.denoising.comparison import Restoration, judge
from generative.denoising.method import UNTOUCHED, Method
from generative.denoising.photographs import classical, white_noise
from generative.denoising.photographs.removal import (
    NoiseLevel,
    Photo,
    as_floats,
    level_of,
    without,
)

if TYPE_CHECKING:
    from generative.denoising.photographs.restorer import PhotoDenoiser

MEASURED_SIDE = 1024
"""PSNR and SSIM are those of a photograph's middle, which has at most so many pixels a side."""

COMPARED_SIDE = 256
"""Likewise what the classical methods are tried on: the slowest takes a second for this."""

LEAST_LEVEL = 0.5
"""The classical methods need a level above 0."""

OURS = Method("photo_denoiser", "Our photo denoiser", lambda noisy, kind, level: noisy, True)


@dataclass(frozen=True)
class Examined:
    """A photograph in which the noise was found.

    Attributes:
        clean: (h, w, 3) uint8, before noise was added.
        added: level of the noise that was added, of 255; 0 for none.
        seed: of that.
        noise: (h, w, 3) float16, what is taken for noise; 16 bits are a hundredth of a level.
        level: of that noise.
    """

    clean: NDArray[np.uint8]
    added: float
    seed: int
    noise: NDArray[np.float16]
    level: NoiseLevel

    @property
    def noisy(self) -> Photo:
        """The photograph with the noise that was added: float32, not clipped; else as it is."""
        return spoil(self.clean, self.added, self.seed)

    def restored(self, strength: float, luminance: float, colour: float) -> Photo:
        """Return the photograph without a share of the noise: see `PhotoDenoiser.restore`."""
        return without(self.noise, self.noisy, strength, luminance, colour)


def examine(
    model: PhotoDenoiser, clean: NDArray[np.uint8], added: float = 0, seed: int = 0
) -> Examined:
    """Add white noise to a photograph, if asked for, and find what noise there is.

    Args:
        model: that finds it.
        clean: (h, w, 3) uint8.
        added: level of the noise to add, in `white_noise.LEVEL`; 0 for none.
        seed: of that noise.

    Raises:
        InputError: a level or seed out of range.
    """
    noise = model.noise(spoil(clean, added, seed))
    return Examined(clean, added, seed, noise.astype(np.float16), level_of(noise))


def spoil(clean: NDArray[np.uint8], added: float, seed: int) -> Photo:
    """Return a photograph with white noise, float32 and not clipped; as it is at level 0.

    Raises:
        InputError: a level or seed out of range.
    """
    if added == 0:
        return clean
    return white_noise.add(as_floats(clean), added, seed)


def judged(examined: Examined, restored: Photo) -> tuple[Restoration, Restoration] | None:
    """Return the noisy and the restored photograph with PSNR and SSIM; None if none was added."""
    if not examined.added:
        return None
    clean, noisy, ours = (
        as_floats(middle(photo, MEASURED_SIDE))[None]
        for photo in (examined.clean, examined.noisy, restored)
    )
    return judge(UNTOUCHED, clean, noisy), judge(OURS, clean, np.clip(ours, 0, 1))


def figures(examined: Examined, restored: Photo) -> Figures:
    """Return the level of the noise, and PSNR and SSIM before and after if noise was added."""
    found: Figures = {
        "noise_level": {name: round(level, 2) for name, level in vars(examined.level).items()}
    }
    for when, each in zip(("before", "after"), judged(examined, restored) or (), strict=False):
        found[f"psnr_db_{when}"] = metrics.for_json(each.psnr, 3)
        found[f"ssim_{when}"] = round(each.ssim, 4)
    return found


def compare(examined: Examined, restored: Photo) -> list[Restoration]:
    """Return the middle of a photograph: noisy, restored by us, and by the classical methods.

    These are told the level of the noise: of what was added, or else what was found. Without added
    noise no photograph is known to be clean, and PSNR and SSIM are against the noisy one.
    """
    clean, noisy, ours = (
        as_floats(middle(photo, COMPARED_SIDE))[None]
        for photo in (examined.clean, examined.noisy, restored)
    )
    level = max(examined.added or examined.level.total, LEAST_LEVEL)
    others = [
        judge(method, clean, np.clip(method.denoiser(noisy, "gaussian", level), 0, 1))
        for method in classical.METHODS
    ]
    return [judge(UNTOUCHED, clean, noisy), judge(OURS, clean, np.clip(ours, 0, 1)), *others]


def middle(photo: Photo, side: int) -> Photo:
    """Return the middle of a photograph, at most `side` pixels wide and high."""
    height, width = (min(length, side) for length in photo.shape[:2])
    top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
    return photo[top : top + height, left : left + width]
