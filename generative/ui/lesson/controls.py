"""What each chapter's control shows: one number in, pictures out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from generative.autoencoders import principal_components
from generative.data import gallery, noise, splits
from generative.models import CodingModel, PictureModel, Role
from generative.style_transfer import examples, shuffling
from generative.ui import cards
from generative.ui.cards import ResultCard
from generative.ui.handlers import Shelf, computing
from generative.ui.latent_space.setting import USUAL, load
from generative.ui.picture_chooser import read_picture
from generative.validation import Images, Range
from generative.variational.paths import Latents

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

    from generative.images import Picture
    from generative.style_transfer.classifier import Model as Classifier

PLACE = Range(1, 32, whole=True)
"""Of a number in the code that one is erased from."""

WIDTH = Range(0, 3)
"""What σ is multiplied by."""

SHARE = Range(0, 1)
"""Of the way from one picture to another."""

NEEDED: tuple[Role, ...] = ("flat code", "denoiser", "latent model", "fine network")
"""The models that the controls play with."""

SAMPLES = 6
PAINTING, PAINTING_SIDE = "oil", 192

Control = Callable[[str | None, str, float], str]
"""The picture at the top, its data set and the number → HTML."""


def keep_components(shelf: Shelf) -> Control:
    """Rebuild the picture from as many principal components."""

    @functools.cache
    def fitted(dataset: str) -> PCA:
        return principal_components.fit(gallery.pictures(dataset).images)

    @computing
    def rebuild(picture: str | None, dataset: str, kept: float) -> str:
        clean = read_picture(picture, dataset)
        count = principal_components.KEPT.check_whole("number of components", kept)
        linear = principal_components.rebuild(fitted(dataset), clean, count)
        autoencoder: PictureModel = shelf.with_role("flat code", dataset)
        bent = autoencoder.reconstruct(clean)
        return _show(
            {
                "The picture": clean,
                f"PCA, {count} numbers": linear,
                "A bent network, 32 numbers": bent,
            }
        )

    return rebuild


def erase(shelf: Shelf) -> Control:
    """Erase one number of the code."""

    @computing
    def without(picture: str | None, dataset: str, place: float) -> str:
        clean = read_picture(picture, dataset)
        model: CodingModel = shelf.with_role("flat code", dataset)
        code = model.encode(clean)
        erased = code.copy()
        erased[:, PLACE.check_whole("place in the code", place) - 1] = 0
        before, after = model.decode(code), model.decode(erased)
        return _show(
            {"Rebuilt": before, f"Without number {place:g}": after},
            Changes=cards.error_map(before, after),
        )

    return without


def spoil(shelf: Shelf) -> Control:
    """Add noise, and let the network remove it."""

    @computing
    def restore(picture: str | None, dataset: str, level: float) -> str:
        clean = read_picture(picture, dataset)
        noisy = noise.add_noise(clean, "gaussian", noise.LEVEL.check("level", level), 0)
        denoiser: PictureModel = shelf.with_role("denoiser", dataset)
        restored = denoiser.reconstruct(noisy)
        return _show({"Noisy": noisy, "What the network sees in it": restored})

    return restore


def widen(shelf: Shelf) -> Control:
    """Encode, sample and decode: each step as a picture."""

    @computing
    def sample(picture: str | None, dataset: str, width: float) -> str:
        clean = read_picture(picture, dataset)
        model = load(shelf, dataset, USUAL)
        posterior = model.infer(clean)
        deviation = np.exp(posterior.log_variance / 2) * np.float32(WIDTH.check("width", width))
        shape = SAMPLES, model.latent_size
        epsilon = np.random.default_rng(0).standard_normal(shape, np.float32)
        latents = posterior.mean + deviation * epsilon
        decoded = "".join(
            _figure(f"Sample {at}", each) for at, each in enumerate(model.decode(latents), start=1)
        )
        steps = [
            ("encode", _figure("The picture", clean[0])),
            ("μ", _figure("Means", _square(posterior.mean[0]))),
            ("σ", _figure("Widths", _square(deviation[0]))),
            ("ε", _figure("Noise", _square(epsilon[0]))),
            ("z = μ + σ ε", _figure("Latents", _square(latents[0]))),
            ("decode", decoded),
        ]
        flow = "".join(f"<li><b>{name}</b>{shown}</li>" for name, shown in steps)
        return f'<ol class="flow">{flow}</ol>'

    return sample


def go_between(shelf: Shelf) -> Control:
    """Decode a place between two latents."""

    @computing
    def between(picture: str | None, dataset: str, share: float) -> str:
        found = gallery.pictures(dataset)
        chosen = read_picture(picture, dataset)
        others = [found.images[found.picked[at]] for at in (1, 0)]
        other = next(each for each in others if not np.array_equal(each, chosen[0]))
        ends = np.concatenate([chosen, other[None]])
        model = load(shelf, dataset, USUAL)
        t = np.float32(SHARE.check("share of the way", share))
        a, b = model.infer(ends).mean
        decoded = model.decode(((1 - t) * a + t * b)[None])
        return _show(
            {
                "A": ends[:1],
                "B": ends[1:],
                "Latents mixed": decoded,
                "Pixels mixed": ((1 - t) * ends[:1] + t * ends[1:]).astype(np.float32),
            }
        )

    return between


def cut(shelf: Shelf) -> Control:
    """Shuffle the tiles of a painting, and compare what a network sees."""

    @computing
    def shuffled(picture: str | None, dataset: str, tiles: float) -> str:
        del picture, dataset  # A painting has a style; a digit has hardly one.
        count = shuffling.TILES.check_whole("tiles along a side", tiles)
        painting = examples.thumbnail(PAINTING, PAINTING_SIDE)
        side = PAINTING_SIDE // count * count
        mixed = shuffling.shuffle(painting, count, seed=0)
        network: Classifier = shelf.with_role("fine network", splits.PICTURES)
        seen = shuffling.change(network.features(), painting[:side, :side], mixed)
        figures = [
            ("Content changed by", f"{100 * seen.content:.0f}%"),
            ("Style changed by", f"{100 * seen.style:.0f}%"),
        ]
        return cards.render(
            [
                ResultCard("The painting", [("", painting)]),
                ResultCard("Its tiles", [("", mixed)], figures),
            ]
        )

    return shuffled


def _show(pictures: dict[str, Images], **more: Picture) -> str:
    shown = [ResultCard(title, [("", each[0])]) for title, each in pictures.items()]
    return cards.render(
        [*shown, *(ResultCard(title, [("", each)]) for title, each in more.items())]
    )


def _figure(name: str, picture: Picture) -> str:
    return f"<figure>{cards.image(picture, name)}</figure>"


def _square(values: Latents) -> Picture:
    """Return numbers, (z,), as a square of greys: black is −3, white 3."""
    side = int(np.ceil(np.sqrt(len(values))))
    square = np.zeros(side * side, np.float32)
    square[: len(values)] = values
    return np.clip(square.reshape(side, side) / 6 + 0.5, 0, 1).astype(np.float32)
