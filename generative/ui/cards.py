"""Results as cards of HTML: pictures as PNG inside the page, pixel for pixel, with figures."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from generative import images
from generative.images import Picture
from generative.validation import SIDE, Images
from generative.variational import films

DOWNLOAD_ZOOM = 8
DIVIDER = 30
"""Where two compared pictures meet at first, percent: most of it shows the second."""


@dataclass(frozen=True)
class ResultCard:
    """One result.

    Attributes:
        title: what it is.
        pictures: (caption, picture) pairs, side by side.
        figures: (name, value) pairs, below each other.
        badge: a word in the corner; marks the card as the best.
    """

    title: str
    pictures: Sequence[tuple[str, Picture]]
    figures: Sequence[tuple[str, str]] = ()
    badge: str = ""


def render(cards: Sequence[ResultCard], heading: str = "", file_name: str = "") -> str:
    """Return the cards as HTML, under an optional sentence and above a link to download them.

    Args:
        cards: in reading order.
        heading: the sentence.
        file_name: of the PNG that the link saves; no link without it.
    """
    top = f'<p class="verdict">{escape(heading)}</p>' if heading else ""
    bottom = _download(cards, file_name) if file_name else ""
    return f'{top}<div class="cards">{"".join(map(_card, cards))}</div>{bottom}'


def image(picture: Picture, description: str) -> str:
    """Return a picture as an HTML element, pixel for pixel."""
    return f'<img class="crisp" src="{images.data_uri(picture)}" alt="{escape(description)}">'


def strip(pictures: Picture, caption: str, unused: bool = False) -> str:
    """Return pictures that are side by side already, as wide as the page, above their caption."""
    kind = "strip unused" if unused else "strip"
    return (
        f'<figure class="{kind}">{image(pictures, caption)}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def there_and_back(pictures: Images, milliseconds: int) -> str:
    """Return the GIF of `films.there_and_back` as a data URI."""
    encoded = base64.b64encode(films.there_and_back(pictures, milliseconds)).decode("ascii")
    return f"data:image/gif;base64,{encoded}"


def film(address: str, still: Picture, caption: str, file_name: str) -> str:
    """Return a GIF's data URI as an HTML figure with a link to save it.

    Args:
        address: the data URI.
        still: shown instead to those who asked their system for less motion.
        caption: below it.
        file_name: of the link.
    """
    link = download("download GIF", file_name, address)
    shown = f'<img class="crisp" src="{address}" alt="{escape(caption)}">'
    return (
        f'<figure class="film">{_or_still(shown, images.data_uri(still))}'
        f"<figcaption>{escape(caption)}: {link}</figcaption></figure>"
    )


def growth(gif: bytes, painting: Picture, file_name: str) -> str:
    """Return the film of a painting as an HTML figure with a link to save it.

    Args:
        gif: the film.
        painting: shown instead to those who asked their system for less motion.
        file_name: of the link.
    """
    address = f"data:image/gif;base64,{base64.b64encode(gif).decode('ascii')}"
    link = download(f"Download the film, GIF, {len(gif) / 1e6:.1f} MB", file_name, address)
    shown = f'<img src="{address}" alt="The painting, as it grew">'
    return (
        f'<figure class="growth">{_or_still(shown, images.jpeg_data_uri(painting))}'
        f"<figcaption>{link}</figcaption></figure>"
    )


def _or_still(moving: str, still: str) -> str:
    reduced = "(prefers-reduced-motion: reduce)"
    return f'<picture><source media="{reduced}" srcset="{still}">{moving}</picture>'


def download(text: str, file_name: str, address: str) -> str:
    """Return a link that saves what an address, such as a data URI, holds."""
    return f'<a class="download" download="{escape(file_name)}" href="{address}">{escape(text)}</a>'


def empty(text: str) -> str:
    """Return a frame around a sentence, for where a result will be."""
    return f'<p class="empty">{escape(text)}</p>'


def progress(share: float, text: str, more: str = "") -> str:
    """Return a bar that is filled to a share of its length, above a sentence and further HTML."""
    percent = f"{100 * min(1.0, max(0.0, share)):.0f}"
    return (
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuenow="{percent}">'
        f'<i style="width:{percent}%"></i></div><p class="note">{escape(text)} {more}</p>'
    )


def compare(before: tuple[str, Picture], after: tuple[str, Picture]) -> str:
    """Return two (name, picture) pairs in one place, with a divider that pointer and keys move."""
    pictures = "".join(
        f'<img src="{images.jpeg_data_uri(picture)}" alt="The {escape(name)}">'
        for name, picture in (before, after)
    )
    names = f"{before[0]} | {after[0]}"
    move = "this.parentNode.style.setProperty('--at', this.value + '%')"
    return (
        f'<div class="compare" style="--at:{DIVIDER}%">{pictures}<input type="range" '
        f'value="{DIVIDER}" aria-label="{escape(names)}" oninput="{move}"></div>'
    )


def gallery(pictures: Sequence[tuple[str, Picture]]) -> str:
    """Return (caption, picture) pairs of colour pictures, three in a row."""
    return _sheet([(_colour(*each), each[0]) for each in pictures])


def tiles(pictures: Sequence[tuple[str, Picture]]) -> str:
    """Return a `gallery` whose pictures are buttons: they report their index (see `PRESSED`)."""
    buttons = [
        f'<button data-index="{at}" aria-pressed="false">{_colour(*each)}</button>'
        for at, each in enumerate(pictures)
    ]
    return _sheet([(button, each[0]) for button, each in zip(buttons, pictures, strict=True)])


def details(text: str) -> str:
    """Return HTML that is folded away."""
    return f"<details><summary>Details</summary><p>{text}</p></details>"


def legend(names: Sequence[str], colours: Sequence[str]) -> str:
    """Return names beside dots of their colours."""
    entries = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=True)
    )
    return f'<div class="legend">{entries}</div>'


def decibels(psnr: float) -> str:
    """Return a PSNR for reading."""
    return f"{psnr:.2f} dB" if math.isfinite(psnr) else "∞ dB"


def error_map(truth: Images, image: Images) -> Picture:
    """Return where a picture is too bright (red) or too dark (blue); white where it is right.

    Args:
        truth: (1, 28, 28, 1) float32 in [0, 1].
        image: the same.

    Returns:
        (28, 28, 3) float32 in [0, 1].
    """
    error = (image - truth)[0, ..., 0]
    red, blue = 1 - np.clip(-error, 0, 1), 1 - np.clip(error, 0, 1)
    return np.stack([red, 1 - np.abs(error), blue], axis=-1).astype(np.float32)


def _colour(description: str, picture: Picture) -> str:
    return f'<img src="{images.jpeg_data_uri(picture)}" alt="{escape(description)}">'


def _sheet(entries: Sequence[tuple[str, str]]) -> str:
    figures = "".join(
        f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"
        for shown, caption in entries
    )
    return f'<div class="sheet">{figures}</div>'


def _download(cards: Sequence[ResultCard], file_name: str) -> str:
    """Return a link to the first picture of every card, side by side, enlarged."""
    first = [card.pictures[0][1].reshape(SIDE, SIDE) for card in cards]
    pictures = np.stack(first).astype(np.float32)
    sheet = images.enlarge(images.grid(pictures, columns=len(cards)), DOWNLOAD_ZOOM)
    text = "Download the pictures as one PNG"
    return f'<p class="note">{download(text, file_name, images.data_uri(sheet))}</p>'


def _card(card: ResultCard) -> str:
    badge = f'<span class="badge">{escape(card.badge)}</span>' if card.badge else ""
    pictures = "".join(_figure(card.title, caption, picture) for caption, picture in card.pictures)
    figures = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in card.figures
    )
    return (
        f'<div class="card{" best" if card.badge else ""}"><div class="pictures">{pictures}</div>'
        f"<h4>{badge}{escape(card.title)}</h4><dl>{figures}</dl></div>"
    )


def _figure(title: str, caption: str, picture: Picture) -> str:
    described = f"{title}, {caption}" if caption else title
    return f"<figure>{image(picture, described)}<figcaption>{escape(caption)}</figcaption></figure>"
