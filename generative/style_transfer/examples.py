"""Pictures to try style transfer with, none of which has to be fetched.

Contents are photographs that scikit-image brings along; styles are painted by this program.
"""

from __future__ import annotations

import filecmp
from collections.abc import Mapping
from pathlib import Path

from generative import images
from generative.data.labelled_photos import square
from generative.style_transfer import style_pictures
from generative.style_transfer.picture_checks import Pixels
from generative.validation import check_choice

CONTENTS: Mapping[str, tuple[str, str]] = {
    "chelsea": ("Cat", "chelsea.png"),
    "astronaut": ("Astronaut", "astronaut.png"),
    "coffee": ("Coffee", "coffee.png"),
    "rocket": ("Rocket", "rocket.jpg"),
    "motorcycle": ("Motorcycle", "motorcycle_left.png"),
    "hubble": ("Galaxies", "hubble_deep_field.jpg"),
}
"""Name → title, and scikit-image's file."""

THUMBNAIL = 128


def titles() -> dict[str, str]:
    """Return the titles of all examples, contents first, by name."""
    styles = {name: style.title for name, style in style_pictures.STYLES.items()}
    return {name: title for name, (title, _) in CONTENTS.items()} | styles


def path(name: str) -> Path:
    """Return the file of an example.

    Raises:
        InputError: unknown name.
    """
    check_choice("example", name, titles())
    if name in style_pictures.STYLES:
        return style_pictures.path(name)
    import skimage

    return Path(skimage.__file__).parent / "data" / CONTENTS[name][1]


def recognise(source: Path | str | None) -> str:
    """Return the name of the example that a file is a copy of; empty for any other and none."""
    if source is None:
        return ""
    return next((x for x in titles() if filecmp.cmp(source, path(x), shallow=False)), "")


def load(name: str) -> Pixels:
    """Return an example, (h, w, 3) uint8.

    Raises:
        InputError: unknown name.
    """
    return images.decode(path(name))


def thumbnail(name: str, side: int = THUMBNAIL) -> Pixels:
    """Return the middle square of an example, (side, side, 3) uint8."""
    return square(load(name), side)
