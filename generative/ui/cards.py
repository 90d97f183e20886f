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

DOWNLOAD_ZOOM = 8
FILM_ZOOM = 5

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
.card img, .crisp img, img.crisp { image-rendering: pixelated; }
.samples { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: 4px; }
.samples button { padding: 0; border: 2px solid transparent; border-radius: 4px; cursor: pointer; }
.samples button:hover, .samples button:focus-visible { border-color: var(--color-accent); }
.samples img { width: 100%; display: block; }
.strip { margin: 8px 0 0; color: var(--body-text-color); }
.strip img { width: 100%; max-width: 900px; display: block; border-radius: 3px; }
.strip figcaption { font-size: 12px; opacity: .8; }
.strip.unused { opacity: .35; }
.films { display: flex; gap: 16px; flex-wrap: wrap; }
.film { margin: 0 0 8px; width: 140px; color: var(--body-text-color); }
.film img { width: 140px; display: block; }
.plane { position: relative; touch-action: none; cursor: crosshair; user-select: none; }
.plane img { width: 100%; display: block; pointer-events: none; }
.plane svg { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.plane .dots { opacity: .75; }
.no-dots .dots, .no-dots .legend { display: none; }
.plane .marker { fill: none; stroke: #facc15; stroke-width: .05; }
.plane .path { fill: none; stroke: #facc15; stroke-width: .035; }
.plane .lens { display: none; position: absolute; width: 112px; height: 112px; pointer-events: none;
               transform: translate(-50%, -120%); border: 2px solid #facc15; border-radius: 6px;
               background-color: black; image-rendering: pixelated; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 12px; margin-top: 6px; font-size: 12px;
          color: var(--body-text-color); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 5px;
            margin-right: 4px; }
.examples .grid-wrap { min-height: 0 !important; overflow: visible !important; }
.examples .grid-container { grid-template-columns: repeat(auto-fill, minmax(54px, 1fr)) !important;
                            grid-auto-rows: auto !important; gap: 6px !important; }
.examples .thumbnail-item { min-width: 0 !important; height: auto !important;
                            aspect-ratio: 1 !important; }
.examples .caption-label { display: none; }
/* The frame of a picked example would stay when the picture comes from elsewhere. */
.thumbnail-item.selected:not(:hover):not(:focus-visible) {
  --ring-color: transparent !important; border-color: var(--border-color-primary) !important; }
.exponent .tab-like-container, .exponent .min_value, .exponent .max_value { display: none; }
.empty { display: grid; place-items: center; min-height: 300px; margin: 0; border-radius: 6px;
         border: 1px dashed var(--border-color-primary); color: var(--body-text-color-subdued); }
@media (min-width: 768px) { .beside { position: sticky; top: 12px; align-self: flex-start; } }
.painting { width: 100%; display: block; border-radius: 6px; }
.bar { height: 6px; border-radius: 3px; margin: 8px 0 4px; overflow: hidden;
       background: var(--border-color-primary); }
.bar i { display: block; height: 100%; background: var(--color-accent); }
.sheet { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 10px; }
.sheet figure { margin: 0; color: var(--body-text-color); }
.sheet img { width: 100%; display: block; border-radius: 4px; }
.sheet figcaption { font-size: 12px; opacity: .8; }
.note { font-size: 13px; opacity: .8; color: var(--body-text-color); }
#picture .image-container img, .slot .image-container img {
    width: 100%; height: 100%; object-fit: contain; }
@media (max-width: 480px) {
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .samples { grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .strip { overflow-x: auto; }
  .strip img { width: 640px; max-width: none; }
}
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
    """Return a GIF of pictures, (n, 28, 28, 1), and back again to the first, as a data URI.

    Neither end is shown twice, so that the film repeats evenly.
    """
    frames = np.concatenate([pictures, pictures[-2:0:-1]])
    enlarged = frames.repeat(FILM_ZOOM, axis=1).repeat(FILM_ZOOM, axis=2)
    encoded = base64.b64encode(images.encode_gif(enlarged, milliseconds)).decode("ascii")
    return f"data:image/gif;base64,{encoded}"


def film(address: str, caption: str, file_name: str) -> str:
    """Return a GIF's data URI as an HTML figure with a link to save it."""
    link = download("download GIF", file_name, address)
    return (
        f'<figure class="film"><img class="crisp" src="{address}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}: {link}</figcaption></figure>"
    )


def download(text: str, file_name: str, address: str) -> str:
    """Return a link that saves what an address, such as a data URI, holds."""
    return f'<a class="download" download="{escape(file_name)}" href="{address}">{escape(text)}</a>'


def progress(share: float, text: str, more: str = "") -> str:
    """Return a bar that is filled to a share of its length, above a sentence and further HTML."""
    percent = f"{100 * min(1.0, max(0.0, share)):.0f}"
    return (
        f'<div class="bar" role="progressbar" aria-valuenow="{percent}">'
        f'<i style="width:{percent}%"></i></div><p class="note">{escape(text)} {more}</p>'
    )


def gallery(pictures: Sequence[tuple[str, Picture]]) -> str:
    """Return (caption, picture) pairs of colour pictures, three in a row."""
    figures = "".join(
        f'<figure><img src="{images.jpeg_data_uri(picture)}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, picture in pictures
    )
    return f'<div class="sheet">{figures}</div>'


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
    text = "Download the pictures as one PNG"
    return f"<p>{download(text, file_name, images.data_uri(sheet))}</p>"


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
    described = f"{title}, {caption}" if caption else title
    return f"<figure>{image(picture, described)}<figcaption>{escape(caption)}</figcaption></figure>"
