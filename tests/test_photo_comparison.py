"""One photograph: examined, restored in part, measured, and compared with the classical methods."""

from __future__ import annotations

import math

import numpy as np
import pytest
from painting import picture
from photo_models import NARROW, random_network

from generative.denoising.photographs import classical, comparison, white_noise
from generative.denoising.photographs.removal import as_floats, to_pixels
from generative.denoising.photographs.restorer import PhotoDenoiser
from generative.errors import InputError

MODEL = PhotoDenoiser(random_network(), {"configuration": NARROW})
PHOTO = picture(90, 120)


class Perfect:
    """A denoiser that knows the clean photograph."""

    def noise(self, photo: np.ndarray) -> np.ndarray:
        return as_floats(photo) - as_floats(PHOTO)


def test_without_added_noise_the_photograph_is_what_is_restored():
    examined = comparison.examine(MODEL, PHOTO)
    assert examined.noisy is PHOTO
    assert comparison.judged(examined, PHOTO) is None
    restored = examined.restored(1, 1, 1)
    assert restored.dtype == np.uint8
    np.testing.assert_allclose(restored.astype(int), MODEL.restore(PHOTO), atol=1)
    np.testing.assert_array_equal(examined.restored(0, 1, 1), PHOTO)
    assert comparison.figures(examined, restored).keys() == {"noise_level"}


def test_added_noise_is_found_and_measured():
    examined = comparison.examine(Perfect(), PHOTO, 25, 3)
    assert examined.level.total == pytest.approx(25, rel=0.05)
    np.testing.assert_array_equal(examined.noisy, white_noise.add(as_floats(PHOTO), 25, 3))
    before, after = comparison.judged(examined, examined.restored(1, 1, 1))
    assert before.psnr == pytest.approx(20 * math.log10(255 / 25), abs=0.2)
    assert after.psnr > 60
    assert after.ssim > 0.999 > before.ssim
    found = comparison.figures(examined, examined.restored(0.5, 1, 1))
    assert found["psnr_db_after"] == pytest.approx(found["psnr_db_before"] + 6.02, abs=0.1)
    assert found["noise_level"]["total"] == round(examined.level.total, 2)


@pytest.mark.parametrize(("added", "seed"), [(-1, 0), (76, 0), (None, 0), (25, 0.5)])
def test_wrong_noise_is_refused(added, seed):
    with pytest.raises(InputError, match=r"^Invalid (noise level|seed)\."):
        comparison.examine(MODEL, PHOTO, added, seed)


def test_only_the_middle_of_a_large_photograph_is_measured(monkeypatch):
    monkeypatch.setattr(comparison, "MEASURED_SIDE", 64)
    examined = comparison.examine(Perfect(), PHOTO, 25)
    restored = examined.restored(1, 1, 1)
    assert comparison.judged(examined, restored)[1].image.shape == (1, 64, 64, 3)
    rest = restored.copy()
    rest[:10] = 0
    first, second = (comparison.judged(examined, each)[1].psnr for each in (restored, rest))
    assert first == second


def test_the_middle_is_the_middle():
    np.testing.assert_array_equal(comparison.middle(PHOTO, 40), PHOTO[25:65, 40:80])
    np.testing.assert_array_equal(comparison.middle(PHOTO, 500), PHOTO)


def test_every_method_is_compared_on_the_same_part(monkeypatch):
    monkeypatch.setattr(comparison, "COMPARED_SIDE", 48)
    examined = comparison.examine(Perfect(), PHOTO, 25)
    found = comparison.compare(examined, examined.restored(1, 1, 1))
    names = [each.method.name for each in found]
    assert names == ["noisy", "photo_denoiser", "total_variation", "non_local_means"]
    assert {each.image.shape for each in found} == {(1, 48, 48, 3)}
    noisy, ours, *classical_ones = (each.psnr for each in found)
    assert all(noisy + 3 < psnr < ours for psnr in classical_ones)


def test_a_photograph_of_the_visitors_own_is_compared_by_the_level_that_was_found():
    examined = comparison.examine(MODEL, PHOTO)
    assert len(comparison.compare(examined, PHOTO)) == 4
    still = comparison.examine(Perfect(), PHOTO)
    assert still.level.total == 0
    assert len(comparison.compare(still, PHOTO)) == 4


@pytest.mark.parametrize("method", [classical.total_variation, classical.non_local_means])
def test_classical_methods_smooth_more_the_stronger_the_noise(method):
    noisy = white_noise.add(np.full((64, 64, 3), 0.5, np.float32), 25, 0)[None]
    weak, strong = method(noisy, 10), method(noisy, 25)
    assert weak.shape == noisy.shape
    assert weak.dtype == np.float32
    assert strong.std() < weak.std() < noisy.std()


def test_pixels_are_clipped_and_rounded():
    photo = np.array([[[-0.5, 0.5, 1.5]]], np.float32)
    np.testing.assert_array_equal(to_pixels(photo), [[[0, 128, 255]]])
    np.testing.assert_array_equal(to_pixels(PHOTO), PHOTO)
