"""One shape for all that removes noise, classical or learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from generative.models import PictureModel, compared_in
from generative.validation import Images

Denoiser = Callable[[Images, str, float], Images]
"""(noisy pictures, kind of the noise, its level) → restored pictures, (n, 28, 28, 1) float32."""


@dataclass(frozen=True)
class Method:
    """A way to remove noise.

    Attributes:
        name: what programs know it by.
        title: what readers know it by.
        denoiser: see `Denoiser`.
        is_ours: whether it is one of our networks, which are told neither kind nor level.
    """

    name: str
    title: str
    denoiser: Denoiser
    is_ours: bool = False


UNTOUCHED = Method("noisy", "Noisy picture", lambda noisy, kind, level: noisy)
"""The noise left in: at very little of it, hard to beat."""


def blind(model: PictureModel) -> Denoiser:
    """Return a trained network as a denoiser: it sees the noisy pictures alone."""
    return lambda noisy, kind, level: model.reconstruct(noisy)


def ours(models: Mapping[str, PictureModel]) -> list[Method]:
    """Return trained networks, by their names in the comparison, as methods."""
    offers = compared_in("denoising")
    return [
        Method(name, offers[name].title, blind(model), is_ours=True)
        for name, model in models.items()
    ]
