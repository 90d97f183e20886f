"""Converting a photo or drawing to the form of a data set."""

from __future__ import annotations

import functools
import os
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from generative import images
from generative.data import DATASETS, photographed
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
    """The picture lit from one side, taken by a poor camera: shaded, soft, noisy, speckled."""
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
    # If the centre rounds to the next pixel, the distance is up to 0.05.
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


@functools.cache
def real_pictures(dataset: str) -> NDArray[np.uint8]:
    if "TFDS_DATA_DIR" not in os.environ:
        pytest.skip("TFDS_DATA_DIR is not set")
    import tensorflow_datasets as tfds

    split = tfds.load(
        dataset, split="test[:20]", data_dir=os.environ["TFDS_DATA_DIR"], batch_size=-1
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


# --- Around the digit ------------------------------------------------------------------------


def on_desk(sheet: NDArray[np.uint8], at: tuple[int, int]) -> NDArray[np.uint8]:
    """The sheet on a dark desk of 800 by 700 pixels."""
    desk = np.full((700, 800, 3), (92, 62, 38), np.uint8)
    desk[::9] = (70, 46, 28)  # the grain
    seen = desk[max(at[0], 0) : at[0] + len(sheet), at[1] : at[1] + sheet.shape[1]]
    seen[:] = sheet[max(-at[0], 0) :][: len(seen), : seen.shape[1]]
    return desk


def in_box(digit: int) -> NDArray[np.uint8]:
    """The drawing in the middle one of three printed boxes."""
    form = np.full((700, 1000, 3), 235, np.uint8)
    form[100:580, 320:680] = drawing(digit, 40, 235)
    for left in (-40, 320, 680):
        box = form[100:584, max(left, 0) : left + 364]
        box[:4] = box[-4:] = box[:, :4] = box[:, -4:] = 40
    return form


def half_as_light(digit: int) -> NDArray[np.uint8]:
    """The drawing with a hard-edged shadow across its corner."""
    picture = drawing(digit, 40, 215).astype(float)
    y, x = np.mgrid[0:480, 0:360]
    picture[x + y > 420] *= 0.5
    return picture.astype(np.uint8)


SCENES = {
    "sheet on a dark desk": lambda digit: on_desk(drawing(digit, 40, 235), (90, 200)),
    "sheet off the frame": lambda digit: on_desk(drawing(digit, 40, 235), (-40, 300)),
    "yellow note": lambda digit: on_desk(drawing(digit, (30, 50, 130), (240, 220, 90)), (90, 200)),
    "box of a form": in_box,
    "hard shadow": half_as_light,
    "orange on cream": lambda digit: drawing(digit, (240, 148, 51), (247, 235, 189)),
}


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize("scene", SCENES)
def test_only_the_digit_is_ink(scene: str, digit: int) -> None:
    photo = taken_by_phone(SCENES[scene](digit), shade=0.3)
    prepared = photographed.prepare(photo, "mnist")
    assert_like_mnist(prepared)
    assert distance(prepared, photographed.prepare(drawing(digit), "mnist")) < 0.05


def test_the_channel_is_chosen_by_ink_and_not_by_shading() -> None:
    cream = drawing(7, (240, 148, 51), (247, 235, 189), width=8)
    shaded = taken_by_phone(cream, shade=0.7)
    prepared = photographed.prepare(shaded, "mnist")
    assert distance(prepared, photographed.prepare(drawing(7, width=8), "mnist")) < 0.05


def test_white_ink_on_a_board_with_a_light_frame() -> None:
    board = np.full((700, 800, 3), 225, np.uint8)
    board[110:590, 220:580] = drawing(5, 230, 40)
    prepared = photographed.prepare(taken_by_phone(board, shade=0.2), "mnist")
    assert distance(prepared, photographed.prepare(drawing(5), "mnist")) < 0.05


def test_a_sheet_without_a_digit_is_blank() -> None:
    sheet = np.full((480, 360, 3), 235, np.uint8)
    with pytest.raises(InputError):
        photographed.prepare(on_desk(sheet, (90, 200)), "mnist")


def test_a_filled_block_is_no_digit() -> None:
    block = np.full((400, 600, 3), 230, np.uint8)
    block[100:300, 150:400] = 40
    with pytest.raises(InputError, match="one filled block"):
        photographed.prepare(block, "mnist")


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("shape", [(300, 300), (100, 3000), (3000, 100), (40, 1200)])
@pytest.mark.parametrize("channels", [1, 3])
def test_noise_is_blank(dataset: str, shape: tuple[int, int], channels: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*shape, channels), np.uint8)
    with pytest.raises(InputError, match="Nothing stands out"):
        photographed.prepare(np.broadcast_to(noise, (*shape, 3)), dataset)


# --- Around the garment ----------------------------------------------------------------------


def coloured(shades: NDArray[np.uint8], cloth: Any, ground: NDArray[Any]) -> NDArray[np.uint8]:
    """The black-on-white shirt `shades`, dyed, on a background (h, w, 3)."""
    return np.where(shades < 128, np.array(cloth, np.uint8), ground).astype(np.uint8)


def striped() -> NDArray[np.int64]:
    """A bedspread of two colours in diagonal stripes."""
    y, x = np.mgrid[0:1000, 0:800]
    return np.where(((x + y) // 70 % 2)[..., None], (225, 220, 210), (120, 150, 200))


@pytest.mark.parametrize(
    "ground", [np.full((1000, 800, 3), (70, 110, 170)), striped()], ids=["blue wall", "striped bed"]
)
def test_the_background_is_every_colour_at_the_border(ground: NDArray[Any]) -> None:
    photo = coloured(shirt(0, 255), (60, 55, 50), ground)
    plane = photographed.prepare(photo, "fashion_mnist")[0, ..., 0]
    outline = photographed.prepare(shirt(0, 255), "fashion_mnist")[0, ..., 0] > 0.5
    assert ((plane > 0.3) != outline).mean() < 0.03
    assert plane[14, 14] == pytest.approx(0.7, abs=0.12)


def test_cloth_both_darker_and_lighter_than_its_background_is_negated() -> None:
    bag = np.full((800, 640, 3), (64, 107, 166), np.uint8)
    bag[350:650, 150:490], bag[200:350, 200:440] = 30, (250, 235, 235)
    plane = photographed.prepare(bag, "fashion_mnist")[0, ..., 0]
    assert plane[20, 14] > 0.8
    assert plane[4, 14] < 0.2


def test_a_distant_garment_is_cropped_first() -> None:
    near = shirt(60, 240)
    far = np.full((3000, 4000, 3), 240, np.uint8)
    far[1000:1500, 1500:1900] = near[::2, ::2]
    plane, expected = (photographed.prepare(p, "fashion_mnist") for p in (far, near))
    assert distance(plane, expected) < 0.02


# --- 28×28 pixels ----------------------------------------------------------------------------


def test_28_by_28_pixels_come_out_white_on_black() -> None:
    glyph = np.zeros((28, 28, 3), np.uint8)
    glyph[6:22, 12:16] = 200
    for dataset in DATASETS:
        for shown in (glyph, 255 - glyph):
            prepared = photographed.prepare(shown, dataset)
            np.testing.assert_allclose(prepared[0, ..., 0], glyph[..., 0] / 255, atol=1e-6)


# --- The benchmark ---------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_model_recognises_photographed_test_pictures(dataset: str) -> None:
    from benchmarks import photographed as benchmark

    model = benchmark.load_model(dataset)
    pictures, labels = benchmark.choose(model, dataset, 10, held_out=False)
    lost = []
    for index, kind in enumerate(benchmark.KINDS[dataset]):
        one = [index % 10]  # Another class for every kind.
        outcome = benchmark.judge(kind, model, dataset, pictures[one], labels[one], seed=0)
        lost += [kind.name for right in outcome.recognised if not right]
    assert len(lost) <= 1, lost
