"""A painting's settings as text, and the PNG that keeps them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from painting import picture
from PIL import Image, PngImagePlugin
from talk import encoded, huge_png, is_a_sentence

from generative import images
from generative.errors import InputError
from generative.style_transfer import Options
from generative.style_transfer.options import Balance
from generative.style_transfer.settings import (
    CHOICES,
    FLAGS,
    NAMES,
    RANGES,
    TITLES,
    PaintingSettings,
    remarks_on,
    title,
)

ODD = PaintingSettings(
    content="chelsea",
    second="oil",
    third="woodcut",
    content_weight=0.35,
    style_weight=12,
    third_weight=0.25,
    total_variation_weight=0,
    network="vgg19",
    size=640,
    steps=33,
    seconds=12.5,
    style_scale=0.5,
    forms=2.0,
    colour="luminance",
    initial="noise",
    procedure="pyramid",
    optimizer="lbfgs",
    content_layer="block2_conv2",
    weight_block3_conv1=7,
    seed=2**31 - 1,
)
"""Hardly a setting as by default."""

PIXELS = picture(24, 40)


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        PaintingSettings.from_text(text)
    assert is_a_sentence(str(caught.value))
    return str(caught.value)


def text_with(**changes: Any) -> str:
    kept = json.loads(PaintingSettings().to_text())
    kept["style_transfer"] |= changes
    return json.dumps(kept)


# --- The settings ----------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [PaintingSettings(), ODD], ids=["default", "odd"])
def test_settings_are_read_as_they_were_written(settings):
    assert PaintingSettings.from_text(settings.to_text()) == settings


@pytest.mark.parametrize("settings", [PaintingSettings(), ODD], ids=["default", "odd"])
def test_style_transfer_takes_what_settings_ask_for(settings):
    options = Options(**settings.options())
    weights = settings.content_weight, settings.style_weight, settings.total_variation_weight
    assert options.weights().now == Balance(*weights)
    for name in (
        "network",
        "size",
        "steps",
        "style_scale",
        "forms",
        "initial",
        "procedure",
        "optimizer",
        "seed",
    ):
        assert getattr(options, name) == getattr(settings, name)
    assert options.seconds == (settings.seconds or None)
    assert options.preserve_color == (None if settings.colour == "style" else settings.colour)
    assert options.content_layers == (settings.content_layer,)
    assert options.layer_weights["block3_conv1"] == settings.weight_block3_conv1


def test_whole_numbers_from_a_page_may_be_floats():
    options = replace(PaintingSettings(), size=96.0, steps=5.0, seed=3.0).options()
    assert [type(options[name]) for name in ("size", "steps", "seed")] == [int] * 3


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [math.nan, math.inf, -1, 1e12, True, None, "1", [1], {}])
def test_a_wrong_number_is_refused(name, value):
    assert TITLES.get(name, name.replace("_", " ")) in refusal(text_with(**{name: value}))


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["", "other", None, 1, True, ["adam"], {}])
def test_an_unknown_name_is_refused(name, value):
    assert f"Unknown {title(name)}." in refusal(text_with(**{name: value}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, 1, True, ["chelsea"], {}])
def test_what_is_no_name_is_refused(name, value):
    assert "cannot be read" in refusal(text_with(**{name: value}))


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [None, 1, "true", []])
def test_what_is_neither_true_nor_false_is_refused(name, value):
    expected = f"Unclear {title(name)}. Expected true or false."
    assert refusal(text_with(**{name: value})) == expected


@pytest.mark.parametrize("name", asdict(PaintingSettings()))
def test_a_missing_setting_is_as_by_default_and_named(name):
    kept = json.loads(ODD.to_text())
    del kept["style_transfer"][name]
    text = json.dumps(kept)
    assert PaintingSettings.from_text(text) == replace(
        ODD, **{name: getattr(PaintingSettings(), name)}
    )
    (remark,) = remarks_on(text)
    assert title(name) in remark
    assert is_a_sentence(remark)


def in_format(number: Any) -> str:
    return json.dumps(json.loads(ODD.to_text()) | {"format": number})


def test_a_missing_format_is_the_first():
    kept = json.loads(ODD.to_text())
    del kept["format"]
    assert PaintingSettings.from_text(json.dumps(kept)) == ODD


@pytest.mark.parametrize("number", [2, 99, 10**400])
def test_a_newer_format_is_refused_as_such(number):
    assert "newer format" in refusal(in_format(number))


@pytest.mark.parametrize("number", [0, -1, 1.5, "1", None, True, [1], {}])
def test_a_format_that_does_not_exist_is_refused(number):
    assert "cannot be read" in refusal(in_format(number))


FOREIGN = {
    "nothing": "",
    "prose": "Painted on a Sunday.",
    "a number": "7",
    "a list": "[]",
    "null": "null",
    "of another program": '{"prompt": "a cat", "steps": 20}',
    "no settings": '{"style_transfer": {}}',
    "a list of settings": '{"style_transfer": []}',
    "cut off": PaintingSettings().to_text()[:-20],
    "deep": "[" * 100_000,
    "a long number": '{"style_transfer": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_text_is_refused(text):
    assert "cannot be read" in refusal(text)


def test_a_setting_of_a_later_program_is_passed_over():
    text = text_with(brush="wide", easel=2)
    assert PaintingSettings.from_text(text) == PaintingSettings()
    (remark,) = remarks_on(text)
    assert "2" in remark
    assert is_a_sentence(remark)


def test_there_is_no_remark_on_whole_settings():
    assert remarks_on(ODD.to_text()) == []


# --- The file --------------------------------------------------------------------------------

NOTES = ["", "plain", "αβ, 絵, 🎨, ünï\n two lines", "x" * 100_000, ODD.to_text()]


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note[:10])
def test_a_png_keeps_a_note_beside_its_pixels(note, tmp_path):
    content = images.encode_png(PIXELS, note)
    assert images.read_note(content) == note
    np.testing.assert_array_equal(images.decode(content), PIXELS)
    path = tmp_path / "painting.png"
    path.write_bytes(content)
    assert images.read_note(path) == images.read_note(str(path)) == note
    assert images.data_uri(PIXELS, note).startswith("data:image/png;base64,")


def test_without_a_note_the_file_is_what_it_was():
    assert len(images.encode_png(PIXELS)) < len(images.encode_png(PIXELS, "a note"))
    assert images.encode_png(PIXELS) == images.encode_png(PIXELS, None)


def of_another_program() -> bytes:
    about = PngImagePlugin.PngInfo()
    about.add_text("parameters", "a cat, oil on canvas")
    return encoded(Image.fromarray(PIXELS), pnginfo=about)


def with_a_bomb() -> bytes:
    """A note that is small in the file and large outside of it."""
    about = PngImagePlugin.PngInfo()
    about.add_itxt("generative-playground", " " * 20_000_000, zip=True)
    return encoded(Image.fromarray(PIXELS), pnginfo=about)


NO_NOTES = {
    "no file": lambda: None,
    "empty": lambda: b"",
    "prose": lambda: b"no picture",
    "plain": lambda: images.encode_png(PIXELS),
    "of another program": of_another_program,
    "a JPEG": lambda: images.encode_jpeg(PIXELS),
    "half": lambda: images.encode_png(picture(200, 200), "a note")[:60_000],
    "a header": lambda: images.encode_png(PIXELS, "a note")[:40],
    "tiny": lambda: images.encode_png(PIXELS[:4, :4], "a note"),
    "huge": lambda: huge_png(30_000, 30_000),
    "large": lambda: huge_png(6_000, 6_000),
    "large in bytes": lambda: bytes(images.MAX_FILE_BYTES + 1),
    "a bomb": with_a_bomb,
}


@pytest.mark.parametrize("content", NO_NOTES.values(), ids=NO_NOTES.keys())
def test_a_file_without_a_note_is_refused_in_a_sentence(content):
    with pytest.raises(InputError) as caught:
        images.read_note(content())
    assert is_a_sentence(str(caught.value)), caught.value


def test_a_damaged_file_lets_no_other_error_out():
    content = bytearray(images.encode_png(PIXELS, ODD.to_text()))
    rng = np.random.default_rng(0)
    said = []
    for _ in range(200):
        damaged = bytearray(content)
        for at in rng.integers(8, len(content), 3):
            damaged[at] = rng.integers(256)
        try:
            assert isinstance(images.read_note(bytes(damaged)), str)
        except InputError as error:
            said.append(str(error))
    assert len(said) > 100
    assert all(map(is_a_sentence, said))


# --- JPEG ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(24, 40, 3), (24, 40, 1), (24, 40)])
def test_a_jpeg_looks_like_the_picture(shape):
    pixels = PIXELS[..., : shape[2]].reshape(shape) if len(shape) == 3 else PIXELS[..., 0]
    decoded = images.decode(images.encode_jpeg(pixels))
    expected = np.broadcast_to(pixels[..., None] if pixels.ndim == 2 else pixels, (24, 40, 3))
    assert np.abs(decoded.astype(int) - expected).mean() < 9
    floats = images.encode_jpeg(pixels.astype(np.float32) / 255)
    assert floats == images.encode_jpeg(pixels)
    assert images.jpeg_data_uri(pixels).startswith("data:image/jpeg;base64,/9j/")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        np.zeros((4, 4)),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.full((4, 4), np.nan, np.float32),
        np.full((4, 4, 3), 1.01, np.float32),
    ],
    ids=["none", "float64", "alpha", "empty", "NaN", "too bright"],
)
def test_a_wrong_picture_becomes_no_file(wrong):
    for encode in (images.encode_jpeg, lambda pixels: images.encode_png(pixels, "a note")):
        with pytest.raises(InputError, match="Invalid picture"):
            encode(wrong)
