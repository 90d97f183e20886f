"""Style transfer in one pass: a photo and the code of a style → a painting, in a tenth of a second.

    model = generative.load("stylizer")
    model.stylize(photo, styles=[(oil, 2), (woodcut, 1)], strength=0.8)

What the network is, is in `stylizer_network.py`; what it learns from, in `lessons.py`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card, Figures
from generative.data.labelled_photos import square
from generative.data.splits import EXAMPLES, Split
from generative.errors import InputError
from generative.models import TrainingConfig
from generative.style_transfer import colours, examples, networks, seeing, style_pictures
from generative.style_transfer.colours import towards
from generative.style_transfer.latest import Latest
from generative.style_transfer.losses import Statistics
from generative.style_transfer.objective import Objective, content_distance, objective_for
from generative.style_transfer.options import CONTENT_LAYERS, SIZE, STRENGTH, Options
from generative.style_transfer.picture_checks import Pixels, check_picture
from generative.style_transfer.resizing import resize
from generative.style_transfer.stylizer_network import LAYERS, STRIDE, Stylizer, see
from generative.style_transfer.tensors import as_tensor, to_pixels
from generative.style_transfer.transport import Quantiles, distribution, transported
from generative.training import precision
from generative.validation import Range

NAME = "stylizer"
CHECKPOINT = f"{NAME}-{EXAMPLES}"

STYLE_SIDES = Range(128, 512)
"""Shortest sides at which a style can be seen, pixels: little more than what training showed."""

USUAL_SIDE = 384
"""At most, unless larger strokes are asked for."""

EXAMPLE_SIDE = 256

MOST_CODES = 256
"""Styles whose codes are kept; one takes 150 kilobytes, and its colours nine."""

MARGIN = 8
"""Pixels from the border in which no anchor is looked for: a moved photo loses them."""

TRAINING = {
    "": TrainingConfig(
        epochs=7,
        batch_size=4,
        learning_rate=1e-3,
        configuration={
            "full": 12,
            "half": 32,
            "quarter": 64,
            "eighth": 96,
        },
        half_precision=True,
    )
}

__all__ = ["TRAINING", "Model", "build", "figures"]

Code = list[NDArray[np.float32]]
"""What a style is reduced to: of each layer, the mean of activations and of their products."""


class Palette(NamedTuple):
    """The colours of a blend of styles: how they are distributed, their mean and covariance."""

    quantiles: Quantiles
    moments: tuple[colours.Matrix, colours.Matrix]


def build(**configuration: int) -> keras.Model:
    """Return the network, untrained: see `stylizer_network.Stylizer`."""
    return Stylizer(networks.load_pair().fine, **configuration)


class Model:
    """The trained network.

    Args:
        network: see `stylizer_network.Stylizer`.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        fast = network
        if precision.fastest() != precision.FLOAT32:
            with precision.policy(precision.fastest()):
                fast = build(**card["configuration"])
            fast.set_weights(network.get_weights())
        self._paint = tf.function(lambda *inputs: fast(inputs), reduce_retracing=True)
        self._seen = tf.function(
            lambda picture: see(fast.sees, picture, fast.decoder.compute_dtype),
            input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)],
        )
        self._codes: Latest[Code] = Latest(MOST_CODES)
        self._palettes: Latest[Palette] = Latest(MOST_CODES)

    def stylize(
        self,
        content: Pixels,
        styles: Sequence[tuple[Pixels, float]],
        strength: float = 1.0,
        preserve_color: str | None = None,
        style_scale: float = 1.0,
    ) -> Pixels:
        """Return a photo painted in a style, or in a blend of styles: (height, width, 3) uint8.

        The same whatever the order of the styles; the photo itself at strength 0.

        Args:
            content: the photo, (height, width, 3) uint8, of at most `SIZE.high` pixels a side.
            styles: (picture, weight) pairs; pictures (h, w, 3) uint8 of any size.
            strength: how far from photo to painting, from 0 to 1.
            preserve_color: see `options.Options`.
            style_scale: size of the strokes, see `options.Options`.

        Raises:
            InputError: a picture or a number that cannot be used.
        """
        content = check_content(content)
        Options(styles=styles, preserve_color=preserve_color, style_scale=style_scale)
        strength = STRENGTH.check("strength", strength)
        used = [(check_picture("style", picture), weight) for picture, weight in styles if weight]
        if not used:
            raise InputError("There is no style: give at least one picture a weight above 0.")
        if strength == 0:
            return content
        if preserve_color == "statistics":
            used = [(colours.match_colours(each, [content]), weight) for each, weight in used]
        shares = np.array([weight for _, weight in used]) / sum(weight for _, weight in used)
        side = _seen_side(content, style_scale)
        keys = [_key(picture) for picture, _ in used]
        codes = [
            self.code(picture, side, key) for (picture, _), key in zip(used, keys, strict=True)
        ]
        palette = self._palette([picture for picture, _ in used], keys, shares)
        painted = self._painted(content, palette, _blend(codes, shares), strength)
        if preserve_color == "luminance":
            return colours.with_colours_of(painted, content)
        # Colours are sampled from the anchor on, so that a moved photo has the same samples.
        turned = np.roll(painted, [-place for place in anchor(content)], axis=(0, 1))
        turned = transported(turned, palette.quantiles, strength)
        return np.roll(turned, anchor(content), axis=(0, 1))

    def code(self, style: Pixels, side: float, key: str) -> Code:
        """Return the code of a style picture, kept for the next time.

        Args:
            style: (h, w, 3) uint8.
            side: its shortest side as it is seen, pixels.
            key: that stands for the picture.
        """
        kept = self._codes.get(f"{key} {side:.0f}")
        if kept is None:
            scale = side / min(style.shape[:2])
            height, width = (round(scale * length) for length in style.shape[:2])
            seen = self._seen(as_tensor(resize(style, height, width)))
            kept = [part for layer in LAYERS for part in _means(seen[layer].numpy())]
            self._codes.put(f"{key} {side:.0f}", kept)
        return kept

    def _palette(
        self, styles: Sequence[Pixels], keys: Sequence[str], shares: NDArray[np.float64]
    ) -> Palette:
        """Return the colours of a blend of styles, kept for the next time."""
        order = np.argsort(keys)
        key = " ".join(f"{keys[index]} {shares[index]:.6f}" for index in order)
        kept = self._palettes.get(key)
        if kept is None:
            ordered, parts = [styles[index] for index in order], [*shares[order]]
            kept = Palette(distribution(ordered, parts), colours.moments(ordered, parts))
            self._palettes.put(key, kept)
        return kept

    def _painted(self, content: Pixels, palette: Palette, code: Code, strength: float) -> Pixels:
        """Return a photo as the network paints it, hung by its anchor on the network's grid."""
        height, width = content.shape[:2]
        top, left = (-place % STRIDE for place in anchor(content))
        below, right = -(height + top) % STRIDE, -(width + left) % STRIDE
        photo = content.astype(np.float32) / np.float32(255)
        begun = towards(photo, palette.moments, np.float32(strength))
        padded = np.pad(begun, ((top, below), (left, right), (0, 0)), mode="reflect")
        painted = self._paint(padded[None], _statistics(code), np.array([strength], np.float32))
        return to_pixels(painted[:, top : top + height, left : left + width])


def check_content(content: object) -> Pixels:
    """Return a photo if it can be painted in one pass.

    Raises:
        InputError: see `picture_checks.check_picture`; or too large.
    """
    picture = check_picture("content", content)
    if max(picture.shape[:2]) > SIZE.high:
        raise InputError(
            f"The content picture is too large: expected at most {SIZE.high:g} pixels a side, "
            f"received {picture.shape[1]} by {picture.shape[0]}, so make it smaller first."
        )
    return picture


def anchor(picture: Pixels) -> tuple[int, int]:
    """Return row and column of the sharpest place of a picture.

    The network's grid is hung there, so that a photo that is moved is painted the same: a network
    with strides sees it elsewhere on its grid. After the choice of a grid by what the picture holds
    in Chaman & Dokmanić 2021 (arXiv 2011.14214), by one place instead of the norms of all grids,
    which a new row at the border can reorder.

    Args:
        picture: (height, width, 3) uint8, at least 2·`MARGIN` + 1 pixels a side.
    """
    light = picture.astype(np.float32).sum(axis=2)
    inner = light[MARGIN - 1 : 1 - MARGIN, MARGIN - 1 : 1 - MARGIN]
    middle = inner[1:-1, 1:-1]
    around = inner[:-2, 1:-1] + inner[2:, 1:-1] + inner[1:-1, :-2] + inner[1:-1, 2:]
    row, column = np.unravel_index(np.argmax(np.abs(4 * middle - around)), middle.shape)
    return int(row) + MARGIN, int(column) + MARGIN


def figures(model: Model, _: Split) -> Figures:
    """Return what it reaches on the program's own examples, which it was not trained on.

    Every photo in every style, at `EXAMPLE_SIDE` pixels, in the eyes of the feature networks:
    the style's error, that of the photos themselves, and the content's.
    """
    photos = [square(examples.load(name), EXAMPLE_SIDE) for name in examples.CONTENTS]
    styles = [square(examples.load(name), EXAMPLE_SIDE) for name in style_pictures.STYLES]
    found = [
        _errors(photo, model.stylize(photo, [(style, 1.0)]), style)
        for photo, style in itertools.product(photos, styles)
    ]
    style, photo, content = np.mean(found, axis=0)
    return {
        "pairs": len(found),
        "style_error": round(float(style), 4),
        "photo_style_error": round(float(photo), 4),
        "content_error": round(float(content), 4),
    }


def _errors(photo: Pixels, painted: Pixels, style: Pixels) -> tuple[float, float, float]:
    """Return the style's error of a painting and of its photo, and the content's."""
    from generative.style_transfer.lessons import style_errors

    (content, seen), (wanted_content, of_photo), (_, wanted) = (
        seeing.see(_objective(), as_tensor(picture), CONTENT_LAYERS)
        for picture in (painted, photo, style)
    )
    layer = CONTENT_LAYERS[0]
    return (
        float(style_errors(seen, wanted)[0]),
        float(style_errors(of_photo, wanted)[0]),
        float(content_distance(content[layer], wanted_content[layer])),
    )


def _blend(codes: Sequence[Code], shares: NDArray[np.float64]) -> Code:
    """Return the mean of codes, weighed, and added in an order that does not depend on theirs."""
    blended = []
    for parts in zip(*codes, strict=True):
        weighed = [share * part for share, part in zip(shares, parts, strict=True)]
        blended.append(np.sort(weighed, axis=0).sum(axis=0).astype(np.float32))
    return blended


def _means(activations: NDArray[Any]) -> Code:
    """Return the means of activations (1, h, w, c), (c,), and of their products, (c, c)."""
    places = activations.reshape(-1, activations.shape[-1]).astype(np.float32)
    return [places.mean(axis=0), places.T @ places / np.float32(len(places))]


def _statistics(code: Code) -> dict[str, Statistics]:
    """Return what the network is told of a style, by layer: means and covariances of one."""
    return {
        layer: Statistics(mean[None], (products - np.outer(mean, mean))[None])
        for layer, mean, products in zip(LAYERS, code[::2], code[1::2], strict=True)
    }


def _seen_side(content: Pixels, style_scale: float) -> float:
    """Return the shortest side at which a style is seen: as large as the photo, within reason."""
    side = min(*content.shape[:2], USUAL_SIDE)
    return float(np.clip(style_scale * side, STYLE_SIDES.low, STYLE_SIDES.high))


def _key(picture: Pixels) -> str:
    return f"{hashlib.sha256(picture.tobytes()).hexdigest()} {picture.shape}"


def _objective() -> Objective:
    """Return what styles are seen through: the networks that come with the program."""
    return objective_for(networks.load_pair(), (1.0,), precision.fastest())
