"""Make the page's moving pictures with our own models: python -m generative.ui.hero [FILM …]."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import generative
from generative.checkpoints import SHIPPED
from generative.data import gallery, noise
from generative.data.labelled_photos import square
from generative.files import write_atomically
from generative.images import to_uint8
from generative.models import with_role
from generative.style_transfer import examples
from generative.ui.hero import CONTENT, FILMS, FRAMES, PAINTING, STYLE, film
from generative.validation import Images

Frames = NDArray[np.uint8]
"""(`FRAMES`, side, side) or (`FRAMES`, side, side, 3)."""

DIGIT, SHOE = 93, 147
"""Which of the sampled pictures are shown: a 3 and a sneaker."""

SQUEEZED_SIDE = 84
PAINTED_SIDE = 144
QUALITY = 72


def denoise() -> Frames:
    """Return a digit under noise that never rests, out of which the network's answer rises."""
    clean = gallery.sampled("mnist").images[DIGIT : DIGIT + 1]
    flicker = [noise.add_noise(clean, "gaussian", 0.7, seed) for seed in range(FRAMES)]
    restored = generative.load(with_role("denoiser").checkpoint("mnist")).reconstruct(flicker[-1])
    share = _ease(FRAMES, rests=(8, 10))
    return _grey([(1 - s) * noisy + s * restored for s, noisy in zip(share, flicker, strict=True)])


def autoencoders() -> Frames:
    """Return a sneaker that is squeezed to a line, and comes out again rebuilt."""
    picture = gallery.sampled("fashion_mnist").images[SHOE : SHOE + 1]
    model = generative.load(with_role("flat code").checkpoint("fashion_mnist"))
    rebuilt = model.reconstruct(picture)
    half = FRAMES // 2
    share = _ease(half, rests=(3, 1))
    inwards = [_squeezed(picture, 1 - 0.92 * s) for s in share]
    outwards = [_squeezed(rebuilt, 1 - 0.92 * s) for s in share[::-1]]
    return np.stack([*inwards, *outwards])


def latent_space() -> Frames:
    """Return what the model decodes on a round trip over its plane of two latents."""
    angle = np.linspace(0, 2 * np.pi, FRAMES, endpoint=False)
    places = 1.3 * np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    return _grey(generative.load(with_role("map").checkpoint("mnist")).decode(places)[:, None])


def style_transfer() -> Frames:
    """Return a photo that turns into a painting; also write the whole painting, `PAINTING`."""
    from generative.style_transfer.options import DEFAULT_STEPS
    from generative.style_transfer.painter import paint_once

    content, style = examples.load(CONTENT), examples.load(STYLE)
    # The first steps change most, so they are shown in slow motion; both ends are held.
    share = _ease(FRAMES - 10, rests=(0, 0)) ** 1.6
    wanted = set(np.unique((1 + share * (DEFAULT_STEPS - 1)).astype(int)).tolist())
    frames = [square(content, PAINTED_SIDE)] * 4
    image = content
    for step in paint_once(SHIPPED, content, style, {}):
        image = step.image
        if step.step in wanted:
            frames.append(square(image, PAINTED_SIDE))
    write_atomically(PAINTING, _webp(image, lossless=False))
    return np.stack([*frames, *[frames[-1]] * FRAMES][:FRAMES])


MAKERS: dict[str, Callable[[], Frames]] = dict(
    zip(FILMS, (denoise, autoencoders, latent_space, style_transfer), strict=True)
)


def main(names: Sequence[str]) -> None:
    """Make films and write them, printing what was written."""
    for name in names or FILMS:
        frames = MAKERS[name]()
        column = frames.reshape(-1, *frames.shape[2:])
        write_atomically(film(name), _webp(column, lossless=frames.ndim == 3))
        _report(film(name))
    _report(PAINTING)


def _report(path: Path) -> None:
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _ease(count: int, rests: tuple[int, int]) -> NDArray[np.float64]:
    """Return `count` numbers from 0 to 1 that start and end slowly, and rest at both ends."""
    way = np.linspace(0, 1, count - sum(rests))
    smooth = way * way * (3 - 2 * way)
    return np.concatenate([np.zeros(rests[0]), smooth, np.ones(rests[1])])


def _grey(pictures: Sequence[Images] | Images) -> Frames:
    """Return (1, 28, 28, 1) pictures in [0, 1] as frames."""
    return to_uint8(np.stack([each[0, ..., 0] for each in pictures]))


def _squeezed(picture: Images, width: float) -> NDArray[np.uint8]:
    """Return a picture on black, narrowed to a share of its width."""
    frame = Image.new("L", (SQUEEZED_SIDE, SQUEEZED_SIDE))
    inner = max(2, round(width * SQUEEZED_SIDE))
    narrow = Image.fromarray(_grey([picture])[0]).resize(
        (inner, SQUEEZED_SIDE), Image.Resampling.BOX
    )
    frame.paste(narrow, ((SQUEEZED_SIDE - inner) // 2, 0))
    return np.asarray(frame)


def _webp(picture: NDArray[np.uint8], lossless: bool) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=lossless, quality=QUALITY, method=6)
    return file.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
