"""What the panel "Photographs" answers with: pictures as files, figures, and downloads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from generative import images
from generative.card import Figures
from generative.data.splits import PHOTOS
from generative.denoising import comparison as by_method
from generative.denoising.photographs import comparison, white_noise
from generative.denoising.photographs.comparison import Examined
from generative.denoising.photographs.removal import NoiseLevel, Photo, to_pixels
from generative.images import DecodedPicture
from generative.ui import cards
from generative.ui.cards import ResultCard
from generative.ui.handlers import Shelf, computing
from generative.ui.notices import read_out
from generative.validation import SEED, check_choice

LOSSLESS_PIXELS = 1_500_000
"""Larger photographs are shown as JPEG: as PNG they would take too long."""

KEPT_PIXELS = 30_000_000
"""Photographs of so many pixels together are kept examined, for whoever turns their strength."""


class Darkroom:
    """The panel's handlers, which share the photographs that were examined last."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        # Gradio frees a handler's place in the queue as soon as its visitor leaves: so a lock.
        self._lock = threading.Lock()
        self._examined: OrderedDict[tuple[str, float, int], tuple[DecodedPicture, Examined]]
        self._examined = OrderedDict()

    def show(
        self,
        photo: str | None,
        added: float,
        seed: int,
        strength: float,
        luminance: float,
        colour: float,
    ) -> tuple[str, str, str]:
        """Return what was found as HTML, and the files of the noisy and the restored photograph."""
        opened, examined = self._examine(photo, added, seed)
        restored = examined.restored(strength, luminance, colour)
        files = [
            _file(pixels, opened.profile, f"{name}-{_stem(photo)}")
            for name, pixels in (("noisy", examined.noisy), ("denoised", restored))
        ]
        return _said(examined, restored), files[0], files[1]

    def save(self, kind: str) -> Callable[..., str]:
        """Return the handler that makes the file to keep, in one of `images.KEPT_AS`."""

        @computing
        def encoded(photo: str | None, added: float, seed: int, *shares: float) -> str:
            opened, examined = self._examine(photo, added, seed)
            content = _encode(examined.restored(*shares), opened.profile, kind)
            return _keep(content, f"denoised-{_stem(photo)}", kind)

        return encoded

    def compare(self, photo: str | None, added: float, seed: int, *shares: float) -> str:
        """Return the middle of the photograph as every method leaves it, as HTML."""
        _, examined = self._examine(photo, added, seed)
        found = comparison.compare(examined, examined.restored(*shares))
        best = by_method.best(found) if examined.added else None
        shown = [
            ResultCard(
                each.method.title,
                [("", np.clip(each.image[0], 0, 1))],
                _quality(each.psnr, each.ssim) if examined.added else (),
                "best" if each is best else "",
            )
            for each in found
        ]
        return cards.render(shown, by_method.verdict(found) if examined.added else "")

    def answer(
        self,
        picture: str | None,
        level: float,
        seed: int,
        strength: float,
        luminance: float,
        colour: float,
        format: str,
    ) -> tuple[dict[str, Any], Figures]:
        """Return the restored photograph as a file, and figures: for programs."""
        check_choice("format", format, images.KEPT_AS)
        opened, examined = self._examine(picture, level, seed)
        restored = examined.restored(strength, luminance, colour)
        path = _keep(_encode(restored, opened.profile, format), "denoised", format)
        file = gr.FileData(path=path, orig_name=Path(path).name, mime_type=f"image/{format}")
        return file.model_dump(), comparison.figures(examined, restored)

    def _examine(
        self, source: str | None, added: float, seed: int
    ) -> tuple[DecodedPicture, Examined]:
        """Return a photograph and the noise in it, remembered while it is looked at."""
        level = white_noise.LEVEL.check("noise level", added)
        asked = (str(source), level, SEED.check_whole("seed", seed))
        with self._lock:
            found = self._examined.pop(asked, None)
        if found is None:
            opened = read_photo(source)
            model = self._shelf.with_role("photo denoiser", PHOTOS)
            found = opened, comparison.examine(model, opened.pixels, *asked[1:])
        with self._lock:
            self._examined[asked] = found
            while len(self._examined) > 1 and self._pixels() > KEPT_PIXELS:
                self._examined.popitem(last=False)
        return found

    def _pixels(self) -> int:
        return sum(opened.pixels[..., 0].size for opened, _ in self._examined.values())


def read_photo(source: str | None) -> DecodedPicture:
    """Return an uploaded photograph, in its own colours.

    Raises:
        InputError: none, or an unreadable one.
    """
    return read_out("Your photograph", images.read_in_own_colours(source))


def check_upload(source: str | None) -> None:
    """Raise `InputError` if a file is no picture."""
    images.read_in_own_colours(source)


def _said(examined: Examined, restored: Photo) -> str:
    level = examined.level
    scores = comparison.judged(examined, restored)
    better = ""
    if scores:
        before, after = scores
        better = (
            f" Without it: PSNR {cards.decibels(after.psnr)} instead of "
            f"{cards.decibels(before.psnr)}, SSIM {after.ssim:.3f} instead of {before.ssim:.3f}."
        )
    return (
        f'<p class="verdict">{_in_words(level)}</p><p class="note" role="status">'
        f"In brightness {level.luminance:.1f}, in colour {level.colour:.1f}.{escape(better)}</p>"
    )


def _in_words(level: NoiseLevel) -> str:
    if level.total < 1:
        return "Hardly any noise: σ is less than 1 of 255."
    return f"Noise of about σ = {level.total:.1f} of 255."


def _quality(psnr: float, ssim: float) -> tuple[tuple[str, str], ...]:
    return ("PSNR", cards.decibels(psnr)), ("SSIM", f"{ssim:.3f}")


def _encode(photo: Photo, profile: bytes | None, kind: str) -> bytes:
    return images.encode_to_keep(to_pixels(photo), kind, profile)


def _file(photo: Photo, profile: bytes | None, name: str) -> str:
    """Return the path of a file that the page shows."""
    kind = "jpeg" if photo[..., 0].size > LOSSLESS_PIXELS else "png"
    return _keep(_encode(photo, profile, kind), name, kind)


def _keep(content: bytes, name: str, kind: str) -> str:
    """Write a file to where Gradio serves it, and return its path."""
    path: str = save_bytes_to_cache(content, f"{name}{images.SUFFIX_OF[kind]}", get_upload_folder())
    return path


def _stem(source: str | None) -> str:
    return Path(str(source)).stem[:40]
