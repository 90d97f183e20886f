from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from generative.errors import InputError
from generative.style_transfer import style_pictures
from generative.style_transfer.style_pictures import canvas, colours, fields, relief
from generative.style_transfer.style_pictures.__main__ import encode, main

SMALL = 96
every_style = pytest.mark.parametrize("name", style_pictures.STYLES)


@pytest.fixture(scope="module")
def painted(opened):
    """Return a function that paints a small picture once, in its own seed."""
    done = {}

    def paint(name: str) -> np.ndarray:
        if name not in done:
            opened.append(name)
            done[name] = style_pictures.make(name, SMALL)
            opened.append(None)
        return done[name]

    return paint


@pytest.fixture(scope="module")
def opened():
    """Return a list of what is painted, None where that is over, and the files opened meanwhile."""
    events = []

    def note(event: str, args: tuple) -> None:
        if event == "open" and events and events[-1] is not None:
            events.append(args[0])

    sys.addaudithook(note)  # can't be taken away again, but is silent between the pictures
    return events


def shipped(name: str) -> np.ndarray:
    return np.asarray(Image.open(style_pictures.path(name)).convert("RGB"))


def blocks(picture: np.ndarray, count: int) -> np.ndarray:
    """Return the mean colours of `count` by `count` blocks."""
    side = len(picture) // count
    cut = picture[: side * count, : side * count].astype(float)
    return cut.reshape(count, side, count, side, 3).mean(axis=(1, 3))


def test_there_are_at_least_ten_with_titles_of_their_own():
    titles = [style.title for style in style_pictures.STYLES.values()]
    assert len(set(titles)) == len(titles) >= 10
    assert all(titles)


@every_style
def test_a_picture_is_square_and_in_8_bits(name, painted):
    assert painted(name).shape == (SMALL, SMALL, 3)
    assert painted(name).dtype == np.uint8


@every_style
def test_a_picture_has_many_colours_from_dark_to_light_everywhere(name, painted):
    picture = painted(name).astype(float)
    light = picture.mean(axis=-1)
    dark, bright = np.percentile(light, [2, 98])
    assert bright - dark > 100
    assert len(np.unique(painted(name).reshape(-1, 3) // 32, axis=0)) > 20
    # Texture fills the whole square: no ninth of it is flat.
    third = SMALL // 3
    ninths = [light[r : r + third, c : c + third] for r in (0, third, 64) for c in (0, third, 64)]
    assert min(ninth.std() for ninth in ninths) > 8


@every_style
def test_the_seed_decides(name, painted):
    seed = style_pictures.STYLES[name].seed
    np.random.seed(0)  # noqa: NPY002 - the global state has no say
    np.testing.assert_array_equal(style_pictures.make(name, SMALL, seed), painted(name))
    other = style_pictures.make(name, SMALL, seed + 1)
    assert np.abs(other.astype(float) - painted(name)).mean() > 4


@every_style
def test_a_picture_has_one_composition_at_every_size(name, painted):
    assert np.abs(blocks(painted(name), 8) - blocks(shipped(name), 8)).mean() < 12


def test_the_pictures_differ_from_each_other(painted):
    pictures = [painted(name).astype(float) for name in style_pictures.STYLES]
    for index, one in enumerate(pictures):
        assert all(np.abs(one - other).mean() > 25 for other in pictures[:index])


@every_style
def test_the_shipped_picture_is_there(name):
    with Image.open(style_pictures.path(name)) as image:
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert image.size == (style_pictures.SHIPPED_SIZE,) * 2


def test_nothing_else_is_shipped_and_all_of_it_is_small():
    files = list(style_pictures.FOLDER.iterdir())
    assert {file.stem for file in files} == set(style_pictures.STYLES)
    assert sum(file.stat().st_size for file in files) < 2_500_000


@pytest.mark.parametrize("name", ["woven", "halftone", "stained_glass"])
def test_the_shipped_picture_is_what_the_code_paints(name):
    again = np.asarray(Image.open(io.BytesIO(encode(name))).convert("RGB")).astype(float)
    assert np.abs(again - shipped(name)).mean() < 0.5


def test_the_command_writes_every_picture(tmp_path, monkeypatch, capsys):
    def plain(size: int, seed: int) -> np.ndarray:
        return np.full((size, size, 3), seed, np.uint8)

    styles = {"grey": style_pictures.Style("Grey", 100)}
    module = SimpleNamespace(paint=plain)
    monkeypatch.setitem(sys.modules, "generative.style_transfer.style_pictures.grey", module)
    monkeypatch.setattr(style_pictures, "STYLES", styles)
    program = "generative.style_transfer.style_pictures.__main__"
    monkeypatch.setattr(f"{program}.STYLES", styles)
    monkeypatch.setattr(style_pictures, "FOLDER", tmp_path / "assets" / "styles")
    monkeypatch.setattr(f"{program}.FOLDER", tmp_path / "assets" / "styles")
    main()
    assert [file.name for file in (tmp_path / "assets" / "styles").iterdir()] == ["grey.jpg"]
    assert np.abs(shipped("grey").astype(int) - 100).max() <= 1
    assert capsys.readouterr().out.startswith("grey.jpg: ")


@every_style
def test_painting_reads_no_file(name, painted, opened):
    painted(name)
    start = opened.index(name)
    during = opened[start + 1 : opened.index(None, start)]
    modules = (".py", ".pyc", ".pyi", ".so", ".pyd")
    assert [file for file in during if not str(file).endswith(modules)] == []


@pytest.mark.parametrize("name", ["", "Oil", "oil.jpg", "../mnist", None, 3, ["oil"]])
def test_an_unknown_style_is_refused(name):
    expected = r"^Unknown style picture\. Expected one of: oil, stained_glass, .*\. Received: "
    with pytest.raises(InputError, match=expected):
        style_pictures.make(name)
    with pytest.raises(InputError, match=expected):
        style_pictures.path(name)


@pytest.mark.parametrize("size", [63, 1025, 0, -512, 256.5, np.nan, "256", None, True])
def test_a_wrong_size_is_refused(size):
    expected = r"^Invalid size\. Expected a whole number from 64 to 1024\. Received: "
    with pytest.raises(InputError, match=expected):
        style_pictures.make("woven", size)


@pytest.mark.parametrize("seed", [-1, 2**31, 0.5, np.inf, "1", True])
def test_a_wrong_seed_is_refused(seed):
    with pytest.raises(InputError, match=r"^Invalid seed\. Expected a whole number from 0 to "):
        style_pictures.make("woven", SMALL, seed)


# --- The shared parts -----------------------------------------------------------------------


def test_noise_is_standard_and_the_same_at_every_size():
    fine, coarse = (fields.noise(np.random.default_rng(3), size, 40) for size in (512, 256))
    assert fine.mean() == pytest.approx(0, abs=0.1)
    assert fine.std() == pytest.approx(1, abs=0.1)
    halved = fine.reshape(256, 2, 256, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(halved, coarse, atol=0.05)


def test_noise_is_smooth_at_the_scale_of_its_cells():
    noise = fields.noise(np.random.default_rng(3), 400, 4)
    assert np.abs(np.diff(noise, axis=0)).max() < 0.1  # a cell is 100 pixels


def test_a_field_is_sampled_where_its_pixels_are():
    field = fields.noise(np.random.default_rng(3), 50, 5)
    np.testing.assert_allclose(fields.sample(field, *fields.grid(50)), field)


def test_a_step_rises_from_0_to_1_over_its_softness():
    values = fields.step(np.array([-1.0, 0.4, 0.5, 0.6, 2.0]), 0.5, 0.2)
    np.testing.assert_allclose(values, [0, 0, 0.5, 1, 1], atol=1e-12)


def test_a_ramp_passes_through_the_colours_of_its_palette():
    palette = colours.palette("000000 ff0000 ffffff")
    np.testing.assert_allclose(
        colours.ramp(palette, np.array([0, 0.25, 0.5, 1, 7])),
        [[0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 1, 1], [1, 1, 1]],
    )


def test_colours_are_found_at_points():
    picture = np.random.default_rng(0).random((10, 10, 3))
    found = colours.at(picture, np.array([[0.05, 0.95], [0.35, 0.15]]))
    np.testing.assert_allclose(found, [picture[9, 0], picture[1, 3]])


def test_a_canvas_is_shrunk_without_mixing_its_fourth_channel_in():
    board = canvas.blank(4, (200, 100, 50, 0))
    np.testing.assert_allclose(canvas.finish(board, 4)[0, 0] * 255, [200, 100, 50, 0])
    np.testing.assert_allclose(
        canvas.shrink(np.arange(16.0).reshape(4, 4)), [[2.5, 4.5], [10.5, 12.5]]
    )


def test_light_comes_from_the_top_left():
    x, y = fields.grid(64)
    hill = np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.02)
    light = relief.light(hill, 0.1)
    assert light[24, 24] > 0.1
    assert light[40, 40] < -0.1
    grey = np.full((64, 64, 3), 0.5)
    lit = relief.lit(grey, light, 0.5)
    assert lit[24, 24, 0] > 0.5 > lit[40, 40, 0]
    np.testing.assert_allclose(relief.lit(grey, np.zeros((64, 64)), 1), grey)
