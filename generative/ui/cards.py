"""Results as cards of HTML: pictures as PNG inside the page, pixel for pixel, with figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from generative import images
from generative.images import Picture
from generative.validation import SIDE, Images

DOWNLOAD_ZOOM = 8

CSS = """
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px; }
.card { border: 1px solid var(--border-color-primary); border-radius: 10px; padding: 10px;
        background: var(--background-fill-primary); color: var(--body-text-color); }
.card.best { border-color: var(--color-accent); box-shadow: 0 0 0 1px var(--color-accent); }
.card h4 { margin: 0 0 8px; font-size: 14px; line-height: 1.3; min-height: 2.6em; }
.card .badge { float: right; margin-left: 6px; padding: 0 8px; border-radius: 99px; font-size: 12px;
               font-weight: 600; color: white; background: #c2410c; }
.card .pictures { display: flex; gap: 6px; }
.card figure { margin: 0; flex: 1 1 0; min-width: 0; max-width: 180px; }
.card figure img { width: 100%; display: block; border-radius: 3px; }
.card figcaption { font-size: 11px; opacity: .75; margin-top: 2px; }
.card .pictures figure:only-child { max-width: calc(50% - 3px); }
.card dl { display: grid; grid-template-columns: auto auto; margin: 8px 0 0; font-size: 13px; }
.card dt { opacity: .75; margin: 0; }
.card dd { text-align: right; margin: 0; font-variant-numeric: tabular-nums; }
.verdict { font-size: 16px; font-weight: 600; margin: 0 0 10px; color: var(--body-text-color); }
.card img, .crisp img { image-rendering: pixelated; }
#picture .image-container img { width: 100%; height: 100%; object-fit: contain; }
@media (max-width: 480px) { .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; } }
"""


@dataclass(frozen=True)
class Card:
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


def render(cards: Sequence[Card], heading: str = "", file_name: str = "") -> str:
    """Return the cards as HTML, under an optional sentence and above a link to download them.

    Args:
        cards: in reading order.
        heading: the sentence.
        file_name: of the PNG that the link saves; no link without it.
    """
    top = f'<p class="verdict">{escape(heading)}</p>' if heading else ""
    bottom = _download(cards, file_name) if file_name else ""
    return f'{top}<div class="cards">{"".join(map(_card, cards))}</div>{bottom}'


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


def _download(cards: Sequence[Card], file_name: str) -> str:
    """Return a link to the first picture of every card, side by side, enlarged."""
    first = [card.pictures[0][1].reshape(SIDE, SIDE) for card in cards]
    pictures = np.stack(first).astype(np.float32)
    sheet = images.enlarge(images.grid(pictures, columns=len(cards)), DOWNLOAD_ZOOM)
    return (
        f'<p><a class="download" download="{escape(file_name)}" href="{images.data_uri(sheet)}">'
        "Download the pictures as one PNG</a></p>"
    )


def _card(card: Card) -> str:
    badge = f'<span class="badge">{escape(card.badge)}</span>' if card.badge else ""
    pictures = "".join(_figure(card.title, caption, picture) for caption, picture in card.pictures)
    figures = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in card.figures
    )
    return (
        f'<div class="card{" best" if card.badge else ""}"><h4>{badge}{escape(card.title)}</h4>'
        f'<div class="pictures">{pictures}</div><dl>{figures}</dl></div>'
    )


def _figure(title: str, caption: str, picture: Picture) -> str:
    described = escape(f"{title}, {caption}" if caption else title)
    return (
        f'<figure><img src="{images.data_uri(picture)}" alt="{described}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
