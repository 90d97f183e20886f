"""One noisy picture, every denoiser: who restores it best?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generative import metrics
from generative.denoising import classical
from generative.validation import Images

Denoise = Callable[[Images], Images]

OURS = ("denoiser", "denoising")
"""The models that were trained to remove noise, the best first."""


@dataclass(frozen=True)
class Restoration:
    """What one method made of a noisy picture.

    Attributes:
        method: name of a model or a classical method; "noisy" for the picture untouched.
        image: (1, 28, 28, 1) float32 in [0, 1].
        psnr: dB; infinite where the picture is exactly the clean one.
        ssim: at most 1.
    """

    method: str
    image: Images
    psnr: float
    ssim: float

    @property
    def is_ours(self) -> bool:
        """Whether one of our networks made it."""
        return self.method in OURS


def restore(
    clean: Images, noisy: Images, kind: str, level: float, models: Mapping[str, Denoise]
) -> list[Restoration]:
    """Return the noisy picture and what each of `models` and the classical methods make of it.

    Args:
        clean: (1, 28, 28, 1) float32 in [0, 1], what the noise was added to.
        noisy: the same shape and range.
        kind: of noise; only the classical methods are told.
        level: of noise; likewise.
        models: name → its `reconstruct`.
    """
    images = {
        "noisy": noisy,
        **{name: denoise(noisy) for name, denoise in models.items()},
        **{name: method(noisy, kind, level) for name, method in classical.METHODS.items()},
    }
    return [
        Restoration(
            name, image, float(metrics.psnr(clean, image)[0]), float(metrics.ssim(clean, image)[0])
        )
        for name, image in images.items()
    ]


def best(restorations: Sequence[Restoration]) -> Restoration:
    """Return the restoration with the highest PSNR; the untouched picture may be the best."""
    return max(restorations, key=lambda restoration: restoration.psnr)


def verdict(restorations: Sequence[Restoration], titles: Mapping[str, str]) -> str:
    """Say in a sentence which method won, and by how much ours did or did not.

    Args:
        restorations: of one noisy picture, at least one of them ours and one not.
        titles: method → the name that readers know it by.
    """
    winner = best(restorations)
    ours = best([r for r in restorations if r.is_ours])
    others = best([r for r in restorations if not r.is_ours])
    if winner.psnr == float("inf"):
        return "There is no noise to remove: the noisy picture is the clean one."
    gap = abs(ours.psnr - others.psnr)
    if winner.is_ours:
        return f"{titles[winner.method]} wins, {gap:.1f} dB ahead of {_named(others, titles)}."
    return (
        f"Ours loses here: {_named(winner, titles)} is {gap:.1f} dB ahead of {titles[ours.method]}."
    )


def _named(restoration: Restoration, titles: Mapping[str, str]) -> str:
    if restoration.method == "noisy":
        return "leaving the noise in"
    return titles[restoration.method]
