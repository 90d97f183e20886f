"""The panel "Photographs" over plain HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from painting import picture
from PIL import Image
from talk import App, encoded, huge_png, is_a_sentence

import generative
from generative import images
from generative.denoising.photographs import white_noise
from generative.images.icc_profiles import make_profile

PHOTO = picture(90, 130)
PROFILE = make_profile(
    1.8, np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
)
ALL = 1.0, 1.0, 1.0
"""Strengths that take out all the noise."""


@pytest.fixture(scope="module")
def photo_file(app: App) -> dict[str, Any]:
    return app.upload(encoded(Image.fromarray(PHOTO), icc_profile=PROFILE), "cat.png")


def made(app: App, answer: Any) -> tuple[images.DecodedPicture, dict[str, Any]]:
    """Return the picture that the app has made, and the figures."""
    file, figures = answer.result
    status, content = app.send("GET", f"/gradio_api/file={quote(file['path'])}")
    assert status == 200
    return images.read_in_own_colours(content), figures


def test_a_photograph_is_restored_in_its_own_colours(app, photo_file):
    found, figures = made(app, app.call("denoise_photo", photo_file, 0, 0, *ALL, "png"))
    assert found.profile == PROFILE
    expected = generative.load("photo_denoiser").restore(PHOTO)
    np.testing.assert_allclose(found.pixels.astype(int), expected, atol=1)
    assert figures.keys() == {"noise_level"}
    assert 0 < figures["noise_level"]["total"] < 40


@pytest.mark.parametrize("shares", [(0, 1, 1), (1, 0, 0)], ids=str)
def test_at_strength_0_it_comes_back_as_it_was(app, photo_file, shares):
    found, _ = made(app, app.call("denoise_photo", photo_file, 0, 0, *shares, "png"))
    np.testing.assert_array_equal(found.pixels, PHOTO)


def test_added_noise_is_measured(app, photo_file):
    found, figures = made(app, app.call("denoise_photo", photo_file, 25, 7, *ALL, "png"))
    noisy = white_noise.add(PHOTO / np.float32(255), 25, 7)
    mse = float(np.square(noisy - PHOTO / np.float32(255)).mean())
    assert figures["psnr_db_before"] == pytest.approx(-10 * np.log10(mse), abs=0.002)
    errors = np.square(found.pixels / 255 - PHOTO / 255).mean()
    assert figures["psnr_db_after"] == pytest.approx(-10 * np.log10(errors), abs=0.05)
    assert figures["psnr_db_after"] > figures["psnr_db_before"] + 5
    assert figures["ssim_after"] > figures["ssim_before"]
    assert figures["noise_level"]["total"] == pytest.approx(25, abs=4)


def test_a_photograph_lying_on_its_side_is_returned_upright(app):
    exif = Image.Exif()
    exif[0x0112] = 6
    sent = app.upload(encoded(Image.fromarray(PHOTO), exif=exif), "side.png")
    found, _ = made(app, app.call("denoise_photo", sent, 0, 0, 0, 1, 1, "png"))
    np.testing.assert_array_equal(found.pixels, np.rot90(PHOTO, -1))


def test_the_result_can_be_a_jpeg(app, photo_file):
    answer = app.call("denoise_photo", photo_file, 0, 0, *ALL, "jpeg")
    file, _ = answer.result
    assert (file["mime_type"], file["orig_name"]) == ("image/jpeg", "denoised.jpg")
    assert made(app, answer)[0].profile == PROFILE


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"picture": None}, "no picture"),
        ({"level": 80}, "noise level"),
        ({"level": [25]}, "noise level"),
        ({"level": None}, "noise level"),
        ({"seed": 0.5}, "seed"),
        ({"seed": {}}, "seed"),
        ({"strength": 1.5}, "strength"),
        ({"luminance": "all"}, "luminance"),
        ({"colour": -1}, "colour"),
        ({"format": "gif"}, "format"),
        ({"format": None}, "format"),
    ],
    ids=str,
)
def test_a_wrong_value_is_one_sentence(app, photo_file, changes, word):
    given = {"picture": photo_file, "level": 0, "seed": 0, "strength": 1, "luminance": 1}
    given |= {"colour": 1, "format": "png"} | changes
    answer = app.call("denoise_photo", *given.values())
    assert is_a_sentence(answer.error), answer.error
    assert word in answer.error


@pytest.mark.parametrize("content", [b"nothing", huge_png(6000, 5000)], ids=["none", "huge"])
def test_what_is_no_photograph_is_one_sentence(app, content):
    answer = app.call("denoise_photo", app.upload(content), 0, 0, *ALL, "png")
    assert is_a_sentence(answer.error)


def test_the_endpoint_describes_every_value(app):
    info = json.loads(app.get("/gradio_api/info")[1])["named_endpoints"]["/denoise_photo"]
    names = [each["parameter_name"] for each in info["parameters"]]
    assert names == ["picture", "level", "seed", "strength", "luminance", "colour", "format"]
    assert all(each["python_type"]["description"] for each in info["parameters"])
    level = info["parameters"][1]["type"]
    assert (level["minimum"], level["maximum"]) == (0, 75)
    assert info["parameters"][6]["type"]["enum"] == ["png", "jpeg"]
