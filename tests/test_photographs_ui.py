"""What the panel "Photographs" keeps, shows and names, without the app."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from painting import picture
from talk import is_a_sentence

from generative import images
from generative.errors import InputError
from generative.ui.photographs import results
from generative.ui.photographs.results import Darkroom

ALL = 1.0, 1.0, 1.0


class Model:
    """A denoiser that finds the same noise everywhere, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def noise(self, photo: np.ndarray) -> np.ndarray:
        self.asked += 1
        return np.full(photo.shape, 0.1, np.float32)


@pytest.fixture(autouse=True)
def gradio_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def darkroom(model):
    return Darkroom(SimpleNamespace(with_role=lambda role, dataset: model))


@pytest.fixture
def photos(tmp_path):
    """Three files."""
    paths = [tmp_path / f"photo {index}.png" for index in range(3)]
    for index, path in enumerate(paths):
        path.write_bytes(images.encode_png(picture(40, 50, index)))
    return [str(path) for path in paths]


def test_noise_is_found_once_however_strongly_it_is_removed(darkroom, model, photos):
    for strength in (1.0, 0.5, 0.0):
        said, before, after = darkroom.show(photos[0], 0, 0, strength, 1, 1)
        assert "σ = 25.5 of 255" in said
        expected = picture(40, 50, 0) / 255 - 0.1 * strength
        np.testing.assert_allclose(images.decode(after) / 255, expected.clip(0, 1), atol=0.003)
        np.testing.assert_array_equal(images.decode(before), picture(40, 50, 0))
    assert model.asked == 1
    darkroom.show(photos[0], 25, 0, *ALL)
    darkroom.show(photos[0], 25, 1, *ALL)
    assert model.asked == 3


def test_what_was_looked_at_longest_ago_is_forgotten_first(darkroom, model, photos, monkeypatch):
    monkeypatch.setattr(results, "KEPT_PIXELS", 2 * 40 * 50)
    for index in (0, 1, 0, 2, 0, 1):
        darkroom.show(photos[index], 0, 0, *ALL)
    assert model.asked == 4  # 0, 1, 2 in place of 1, and 1 again


def test_one_photograph_is_kept_however_large(darkroom, model, photos, monkeypatch):
    monkeypatch.setattr(results, "KEPT_PIXELS", 1)
    for _ in range(2):
        darkroom.show(photos[0], 0, 0, *ALL)
    assert model.asked == 1


def test_files_are_named_after_the_photograph(darkroom, photos):
    _, before, after = darkroom.show(photos[0], 0, 0, *ALL)
    assert (Path(before).name, Path(after).name) == ("noisy-photo 0.png", "denoised-photo 0.png")
    assert Path(darkroom.save("jpeg")(photos[0], 0, 0, *ALL)).name == "denoised-photo 0.jpg"


def test_a_large_photograph_is_shown_as_jpeg(darkroom, photos, monkeypatch):
    monkeypatch.setattr(results, "LOSSLESS_PIXELS", 100)
    _, before, after = darkroom.show(photos[0], 0, 0, *ALL)
    assert before.endswith(".jpg")
    assert after.endswith(".jpg")
    assert darkroom.save("png")(photos[0], 0, 0, *ALL).endswith(".png")


def test_quality_is_named_only_where_the_clean_photograph_is_known(darkroom, photos):
    assert "PSNR" not in darkroom.show(photos[0], 0, 0, *ALL)[0]
    assert "instead of 20." in darkroom.show(photos[0], 25, 0, *ALL)[0]
    assert "verdict" not in darkroom.compare(photos[0], 0, 0, *ALL)
    assert "PSNR" in darkroom.compare(photos[0], 25, 0, *ALL)


def test_hardly_any_noise_is_said_to_be_so(darkroom, photos, monkeypatch):
    monkeypatch.setattr(Model, "noise", lambda self, photo: np.zeros(photo.shape, np.float32))
    assert "Hardly any noise" in darkroom.show(photos[0], 0, 0, *ALL)[0]


@pytest.mark.parametrize(
    "wrong", [(80, 0, 1, 1, 1), (0, -1, 1, 1, 1), (0, 0, 2, 1, 1), ([], 0, 1, 1, 1)], ids=str
)
def test_a_wrong_value_is_refused_in_a_sentence(darkroom, photos, wrong):
    with pytest.raises(InputError) as caught:
        darkroom.show(photos[0], *wrong)
    assert is_a_sentence(str(caught.value))
    with pytest.raises(gr.Error):
        darkroom.save("png")(photos[0], *wrong)
