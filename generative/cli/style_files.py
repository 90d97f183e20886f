"""Photos and styles for the commands that paint, read from files or from the examples."""

from __future__ import annotations

from pathlib import Path

from generative import images
from generative.images import DecodedPicture
from generative.style_transfer import examples
from generative.style_transfer.options import SIZE
from generative.style_transfer.picture_checks import check_picture

STYLE_HELP = f"a picture, or an example: {', '.join(examples.titles())}"


def path_of(style: str) -> Path:
    """Return the file of a style: of an example by its name, unless a file is called so."""
    is_example = style in examples.titles() and not Path(style).exists()
    return examples.path(style) if is_example else Path(style)


def read(name: str, path: Path) -> DecodedPicture:
    """Return a picture, shrunk to the size of the largest result.

    Args:
        name: what it is for.
        path: its file.

    Raises:
        InputError: unreadable, or one that style transfer cannot take.
    """
    opened = images.read(path, longest=int(SIZE.high))
    check_picture(name, opened.pixels, opened.size)
    return opened
