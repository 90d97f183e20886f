"""Choosing a picture to paint or to take a style from, and reading what was uploaded."""

from __future__ import annotations

import atexit
import functools
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.events import Dependency
from PIL import Image

from generative import images
from generative.images import DecodedPicture
from generative.style_transfer import examples
from generative.style_transfer.options import SIZE
from generative.style_transfer.picture_checks import (
    Mask,
    check_picture,
    check_proportions,
    no_picture,
)
from generative.style_transfer.settings import NONE
from generative.ui import inputs, links
from generative.ui.drawing_pad import drawing
from generative.ui.handlers import readable_errors
from generative.ui.notices import read_out
from generative.validation import Range

_MAKING = threading.Lock()


@dataclass(frozen=True)
class ChosenPicture:
    """A picture of the visitor's choice.

    Attributes:
        picture: the picture.
        code: what stands for it in a link: an example's name, `OWN` or `NONE`.
    """

    picture: gr.Image
    code: gr.Textbox


def build_picture(
    label: str,
    names: Sequence[str],
    chosen: str | None,
    tab: gr.Tab,
    name: str,
    check: Callable[[str | None], None] | None = None,
) -> ChosenPicture:
    """Lay out a picture with examples to pick from; they appear when the panel is opened.

    Args:
        label: of the picture.
        names: of the examples.
        chosen: the example to begin with, if any.
        tab: of the panel.
        name: of the picture in links.
        check: raises `InputError` for a file that cannot be used; `check_upload` by default.
    """
    picture = inputs.picture(
        label=label,
        value=str(examples.path(chosen)) if chosen else None,
        sources=["upload", "clipboard", "webcam"],
        height=280,
        elem_id=f"{label.split()[0].lower()}-picture",
    )
    gallery = gr.Gallery(
        label=f"Examples for {label.lower()}",
        show_label=False,
        format="jpeg",
        allow_preview=False,
        interactive=False,
        object_fit="cover",
        elem_id=f"{label.split()[0].lower()}-examples",
        elem_classes="examples",
        buttons=[],
    )
    tab.select(
        functools.partial(thumbnails, tuple(names)),
        None,
        gallery,
        api_visibility="private",
        show_progress="hidden",
    )

    code = links.build_unseen(chosen or NONE)
    links.keep_with(name, code, links.one_of([*names, NONE]), (picture, _path_of))

    def pick(event: gr.SelectData) -> tuple[str, str]:
        with readable_errors():
            at = Range(0, len(names) - 1, whole=True).check_whole("example", event.index)
            return str(examples.path(names[at])), names[at]

    gallery.select(pick, None, [picture, code], api_visibility="private", show_progress="hidden")
    unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # A picture that is taken away is reported as an input too, with what it was.
    picture.input(None, None, code, js=f"() => '{links.OWN}'", **unseen)
    picture.change(
        None, picture, code, js=f"(now) => now ? {{__type__: 'update'}} : '{NONE}'", **unseen
    )
    gr.on(
        [tab.select, picture.change, code.change],
        None,
        [picture, code],
        js=f"(...chosen) => window.uploads.note('{name}', ...chosen)",
        api_visibility="private",
    )
    check_at_once(check or check_upload, picture).failure(
        None,
        None,
        [picture, code],
        js=f"() => window.uploads.back('{name}', '{NONE}')",
        api_visibility="private",
    )
    return ChosenPicture(picture, code)


def _path_of(code: str) -> str | None:
    return None if code == NONE else str(examples.path(code))


def thumbnails(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (JPEG file, title) of every example: the same files for every visitor."""
    titles = examples.titles()
    with readable_errors(), _MAKING:
        return [(_thumbnail(name), titles[name]) for name in names]


@functools.cache
def _thumbnail(name: str) -> str:
    """Write a thumbnail once, and return its path.

    Gradio would write an array anew for every visitor, to where another is reading it.
    """
    path = Path(_folder()) / f"{name}.jpg"
    path.write_bytes(images.encode_jpeg(examples.thumbnail(name)))
    return str(path)


@functools.cache
def _folder() -> str:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return folder.name


def read_picture(name: str, source: str | None) -> DecodedPicture:
    """Return an uploaded picture, shrunk to the size of the largest result.

    Raises:
        InputError: none, an unreadable one, or one that style transfer cannot take.
    """
    if source is None:
        raise no_picture(name)
    opened = images.read(source, longest=int(SIZE.high))
    check_picture(name, opened.pixels, opened.size)
    return read_out(f"{name.capitalize()} picture", opened)


def check_at_once(check: Callable[..., None], picture: gr.Image, *others: gr.Image) -> Dependency:
    """Say what is wrong with a file as soon as it is uploaded, not only when it is painted.

    Args:
        check: raises `InputError` for what it is called with: the files of all these pictures.
        picture: to which a file is uploaded.
        others: that it must fit.

    Returns:
        The event, which fails for a file that cannot be used.
    """

    def look(*sources: str | None) -> None:
        with readable_errors():
            check(*sources)

    looked: Dependency = picture.upload(
        look, [picture, *others], None, api_visibility="private", show_progress="hidden"
    )
    return looked


def check_upload(source: str | None) -> None:
    """Raise `InputError` if a file is no picture that style transfer can take."""
    opened = images.read(source, longest=int(SIZE.high))
    check_picture("uploaded", opened.pixels, opened.size)


def check_mask(source: str | None, content: str | None) -> None:
    """Raise `InputError` if a file is no mask of the content picture, where there is one."""
    mask = images.read_mask(source, longest=int(SIZE.high))
    if content is not None:
        check_proportions("mask", mask.size, images.read(content, longest=int(SIZE.high)).size)


def painted_mask(event: gr.EventData) -> Mask:
    """Return the mask that was painted on the page: (h, w) uint8, 255 where to paint."""
    with readable_errors():
        return images.decode(drawing(event))[..., 0]


def read_mask(source: str | None, content: DecodedPicture) -> Mask | None:
    """Return an uploaded mask, scaled to the pixels of the content; None where there is none.

    Raises:
        InputError: it is unreadable, of other proportions than the content, or black all over.
    """
    if source is None:
        return None
    opened = images.read_mask(source, longest=int(SIZE.high))
    check_proportions("mask", opened.size, content.size)
    height, width = content.pixels.shape[:2]
    mask = Image.fromarray(read_out("Mask", opened).pixels)
    return np.asarray(mask.resize((width, height), Image.Resampling.LANCZOS))
