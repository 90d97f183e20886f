"""Held-out figures of a denoiser: how near it comes to the clean pictures."""

from __future__ import annotations

from generative import metrics
from generative.card import Figures
from generative.data import noise
from generative.data.splits import Split
from generative.denoising.method import Denoiser, blind
from generative.models import PictureModel
from generative.validation import Images

NOISE_SEED = 2023
GAUSSIAN = tuple(("gaussian", level) for level in (0.2, 0.5))
EVERY_KIND = (*GAUSSIAN, *((kind, 0.5) for kind in noise.KINDS if kind != "gaussian"))
"""The conditions under which denoisers are measured: (kind of noise, level)."""


def quality(denoiser: Denoiser, clean: Images, kind: str, level: float) -> tuple[float, float]:
    """Return mean PSNR (dB) and mean SSIM of pictures restored from noise of `NOISE_SEED`."""
    restored = denoiser(noise.add_noise(clean, kind, level, NOISE_SEED), kind, level)
    return float(metrics.psnr(clean, restored).mean()), float(metrics.ssim(clean, restored).mean())


def on_gaussian_noise(model: PictureModel, held_out: Split) -> Figures:
    """Return PSNR and SSIM on Gaussian noise, for a model that was trained on no other."""
    return _figures(model, held_out, GAUSSIAN)


def on_every_noise(model: PictureModel, held_out: Split) -> Figures:
    """Return PSNR and SSIM on every kind of noise."""
    return _figures(model, held_out, EVERY_KIND)


def _figures(
    model: PictureModel, held_out: Split, conditions: tuple[tuple[str, float], ...]
) -> Figures:
    found: Figures = {"test_images": len(held_out.examples)}
    for kind, level in conditions:
        psnr, ssim = quality(blind(model), held_out.examples, kind, level)
        found[f"{kind}_{level:g}"] = {"psnr_db": round(psnr, 3), "ssim": round(ssim, 4)}
    return found
