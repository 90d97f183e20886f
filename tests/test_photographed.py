"""The way from a photo or drawing to the form of a data set."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from generative import images, photographed
from generative.data import DATASETS
from generative.errors import InputError

STROKES = {
    2: [(0.3, 0.3), (0.4, 0.16), (0.6, 0.16), (0.68, 0.32), (0.55, 0.55), (0.3, 0.85), (0.7, 0.85)],
    5: [
        (0.68, 0.15),
        (0.36, 0.15),
        (0.34, 0.45),
        (0.55, 0.42),
        (0.7, 0.6),
        (0.6, 0.82),
        (0.3, 0.8),
    ],
    7: [(0.3, 0.17), (0.7, 0.17), (0.45, 0.87)],
}


def drawing(digit: int, ink: Any = 0, paper: Any = 255, width: int = 20) -> NDArray[np.uint8]:
    """A digit of about 200 pixels, off the centre of 360 by 480 pixels."""
    image = Image.new("RGB", (360, 480), (paper,) * 3 if isinstance(paper, int) else paper)
    points = [(20 + 280 * x, 60 + 280 * y) for x, y in STROKES[digit]]
    ink = (ink,) * 3 if isinstance(ink, int) else ink
    ImageDraw.Draw(image).line(points, fill=ink, width=width, joint="curve")
    return np.array(image)


def taken_by_phone(picture: NDArray[np.uint8], shade: float = 0.5) -> NDArray[np.uint8]:
    """The picture under a lamp at one side, by a poor camera: shaded, soft, noisy, specked."""
    rng = np.random.default_rng(0)
    soft = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(1)), float)
    y, x = np.mgrid[0 : soft.shape[0], 0 : soft.shape[1]]
    light = 1 - shade * (0.6 * x / x.max() + 0.4 * (y / y.max()) ** 2)
    noisy = soft * light[..., None] + rng.normal(0, 8, soft.shape)
    for top, left in rng.integers(0, 350, (10, 2)):
        noisy[top : top + 4, left : left + 4] = 60
    return noisy.clip(0, 255).astype(np.uint8)


def box(plane: NDArray[np.float32], level: float = 0.0) -> tuple[int, int]:
    rows = np.flatnonzero((plane > level).any(axis=1))
    columns = np.flatnonzero((plane > level).any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def assert_like_mnist(prepared: NDArray[np.float32]) -> None:
    assert prepared.shape == (1, 28, 28, 1)
    assert prepared.dtype == np.float32
    assert prepared.min() == 0
    assert prepared.max() == 1
    plane = prepared[0, ..., 0]
    assert max(box(plane)) == 20
    for axis in (0, 1):
        centre = plane.sum(axis=1 - axis) @ (np.arange(28) + 0.5) / plane.sum()
        assert abs(centre - 14) <= 1


def distance(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Mean absolute error of two pictures in [0, 1]."""
    return float(np.abs(one.squeeze() - other.squeeze()).mean())


@pytest.mark.parametrize("digit", STROKES)
def test_digits_of_either_polarity_come_out_alike(digit: int) -> None:
    clean = photographed.prepare(drawing(digit), "mnist")
    assert_like_mnist(clean)
    assert distance(photographed.prepare(drawing(digit, ink=255, paper=0), "mnist"), clean) < 1e-3


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize(
    ("ink", "paper"), [(30, 220), (90, 140), ((230, 210, 40), 245), (230, 40)], ids=str
)
def test_photos_of_digits_come_out_like_drawings(digit: int, ink: Any, paper: Any) -> None:
    photo = photographed.prepare(taken_by_phone(drawing(digit, ink, paper)), "mnist")
    assert_like_mnist(photo)
    # Half a pixel's rounding of the centre to the other side costs up to 0.05.
    assert distance(photo, photographed.prepare(drawing(digit), "mnist")) < 0.05


def test_a_sharp_shadow_is_no_ink() -> None:
    picture = drawing(2, 40, 215).astype(float)
    picture[280:] *= 0.6
    shadowed = photographed.prepare(taken_by_phone(picture.astype(np.uint8), shade=0.1), "mnist")
    assert_like_mnist(shadowed)
    assert distance(shadowed, photographed.prepare(drawing(2), "mnist")) < 0.04


def test_thin_lines_on_a_large_sheet_stay_visible() -> None:
    plane = photographed.prepare(drawing(7, width=2), "mnist")[0, ..., 0]
    assert (plane > 0.5).sum() > 20


def shirt(cloth: int, ground: int, noise: float = 0.0) -> NDArray[np.uint8]:
    """A shirt of 560 by 620 pixels off the centre of 800 by 1000."""
    image = Image.new("RGB", (800, 1000), (ground,) * 3)
    outline = [(280, 180), (520, 180), (680, 330), (610, 430), (540, 370), (540, 800)]
    outline += [(260, 800), (260, 370), (190, 430), (120, 330)]
    ImageDraw.Draw(image).polygon(outline, fill=(cloth,) * 3)
    spoilt = np.asarray(image, float) + np.random.default_rng(0).normal(0, noise, (1000, 800, 3))
    return spoilt.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("cloth", "ground", "level"),
    [(60, 240, 0.75), (180, 20, 0.68), (230, 128, 0.8), (20, 128, 0.84)],
)
def test_garments_are_trimmed_centred_and_stand_out_from_black(
    cloth: int, ground: int, level: float
) -> None:
    prepared = photographed.prepare(shirt(cloth, ground, noise=4), "fashion_mnist")
    assert prepared.shape == (1, 28, 28, 1)
    assert prepared.dtype == np.float32
    assert prepared.min() == 0
    assert prepared.max() <= 1
    plane = prepared[0, ..., 0]
    assert box(plane)[0] == 28
    assert 24 <= box(plane)[1] <= 27
    assert plane[14, 14] == pytest.approx(level, abs=0.1)
    assert (plane[20:, :7] == 0).all()
    assert (plane[20:, -7:] == 0).all()


def test_shading_behind_a_garment_is_no_garment() -> None:
    shades = np.linspace(1, 0.6, 800)[None, :, None]
    shaded = (shirt(40, 235, noise=4) * shades).astype(np.uint8)
    plane = photographed.prepare(shaded, "fashion_mnist")[0, ..., 0]
    assert distance(plane, photographed.prepare(shirt(40, 235), "fashion_mnist")) < 0.05


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("noise", [0, 3])
def test_refuses_blank_pictures(dataset: str, level: int, noise: float) -> None:
    paper = np.random.default_rng(0).normal(level, noise, (300, 200, 3))
    with pytest.raises(InputError, match="Nothing stands out"):
        photographed.prepare(paper.clip(0, 255).astype(np.uint8), dataset)


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("shape", [(8, 8), (8, 2000), (2000, 8), (9, 300_000), (30, 31)])
def test_survives_any_picture(dataset: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for picture in (
        rng.integers(0, 256, (*shape, 3), np.uint8),
        np.linspace(0, 255, 3 * shape[0] * shape[1]).reshape(*shape, 3).astype(np.uint8),
    ):
        try:
            prepared = photographed.prepare(picture, dataset)
        except InputError:
            continue
        assert 0 <= prepared.min() <= prepared.max() <= 1


@pytest.mark.parametrize(
    "wrong",
    [None, np.zeros((28, 28), np.uint8), np.zeros((28, 28, 3), np.float32)],
)
def test_prepare_refuses_wrong_pictures(wrong: Any) -> None:
    with pytest.raises(InputError, match="Invalid picture"):
        photographed.prepare(wrong, "mnist")


def test_prepare_refuses_unknown_data_sets() -> None:
    with pytest.raises(InputError, match="Unknown data set"):
        photographed.prepare(drawing(2), "cifar10")


def real_pictures(dataset: str) -> NDArray[np.uint8]:
    if "TFDS_DATA_DIR" not in os.environ:
        pytest.skip("TFDS_DATA_DIR is not set")
    import tensorflow_datasets as tfds

    split = tfds.load(
        dataset, split="test[:50]", data_dir=os.environ["TFDS_DATA_DIR"], batch_size=-1
    )
    pixels: NDArray[np.uint8] = np.asarray(split["image"])
    return pixels


@pytest.mark.data
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("negate", [False, True])
@pytest.mark.parametrize("factor", [1, 8])
def test_pictures_of_the_data_set_stay_as_they_are(dataset: str, negate: bool, factor: int) -> None:
    errors = []
    for picture in real_pictures(dataset):
        shown = images.enlarge(255 - picture if negate else picture, factor).repeat(3, axis=-1)
        errors.append(distance(photographed.prepare(shown, dataset), picture / 255))
    assert np.mean(errors) < 0.005
    assert max(errors) < 0.06
