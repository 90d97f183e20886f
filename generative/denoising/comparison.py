"""One noisy picture, every method: who restores it best?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generative import metrics
from generative.denoising import classical
from generative.denoising.method import UNTOUCHED, Method
from generative.validation import Images


@dataclass(frozen=True)
class Restoration:
    """What one method made of a noisy picture.

    Attributes:
        method: which; `UNTOUCHED` for the noisy picture itself.
        image: (1, h, w, channels) float32 in [0, 1].
        psnr: dB; infinite where the picture is exactly the clean one.
        ssim: at most 1.
    """

    method: Method
    image: Images
    psnr: float
    ssim: float


TIE = 0.1
"""dB: nobody sees a smaller difference."""


def restore(
    clean: Images, noisy: Images, kind: str, level: float, ours: Sequence[Method]
) -> list[Restoration]:
    """Return the noisy picture and what each of `ours` and the classical methods make of it.

    Args:
        clean: (1, 28, 28, 1) float32 in [0, 1], what the noise was added to.
        noisy: the same shape and range.
        kind: of noise.
        level: of noise.
        ours: our networks, the best first.
    """
    return [
        judge(method, clean, method.denoiser(noisy, kind, level))
        for method in (UNTOUCHED, *ours, *classical.METHODS)
    ]


def judge(method: Method, clean: Images, image: Images) -> Restoration:
    """Return what a method made of a noisy picture, with how near it comes to the clean one.

    Args:
        method: which.
        clean: (1, h, w, channels) float32 in [0, 1].
        image: what it made: the same shape.
    """
    psnr, ssim = (float(measure(clean, image)[0]) for measure in (metrics.psnr, metrics.ssim))
    return Restoration(method, image, psnr, ssim)


def best(restorations: Sequence[Restoration]) -> Restoration:
    """Return the restoration with the highest PSNR; the untouched picture may be the best."""
    return max(restorations, key=lambda restoration: restoration.psnr)


def verdict(restorations: Sequence[Restoration]) -> str:
    """Say in a sentence which method won, and by how much ours did or did not.

    Args:
        restorations: of one noisy picture, at least one of them ours and one not.
    """
    winner = best(restorations)
    ours = best([r for r in restorations if r.method.is_ours])
    others = best([r for r in restorations if not r.method.is_ours])
    if winner.psnr == float("inf"):
        return "There is no noise to remove: the noisy picture is the clean one."
    gap = abs(ours.psnr - others.psnr)
    if gap < TIE:
        return f"A tie: {ours.method.title} and {_named(others.method)} are within {TIE} dB."
    if winner.method.is_ours:
        return f"{winner.method.title} wins, {gap:.1f} dB ahead of {_named(others.method)}."
    return f"Ours loses here: {_named(winner.method)} is {gap:.1f} dB ahead of {ours.method.title}."


def _named(method: Method) -> str:
    return "leaving the noise in" if method is UNTOUCHED else method.title
