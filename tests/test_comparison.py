from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from generative.data import noise
from generative.denoising import classical, comparison
from generative.denoising.comparison import Restoration
from generative.denoising.method import UNTOUCHED, Method, blind

INVERT = Method("denoiser", "The U-Net", lambda noisy, kind, level: 1 - noisy, is_ours=True)
METHODS = {
    "noisy": UNTOUCHED,
    "denoiser": INVERT,
    "denoising": replace(INVERT, name="denoising", title="The autoencoder"),
    **{method.name: method for method in classical.METHODS},
}
METHODS_TOLD = (classical.total_variation, classical.non_local_means)


@pytest.fixture
def clean() -> np.ndarray:
    picture = np.zeros((1, 28, 28, 1), np.float32)
    picture[:, 6:22, 11:17] = 1
    picture[:, 6:10, 6:20] = 0.5
    return picture


def scored(**psnr: float) -> list[Restoration]:
    image = np.zeros((1, 28, 28, 1), np.float32)
    return [Restoration(METHODS[name], image, value, 0.5) for name, value in psnr.items()]


def test_the_noisy_picture_the_models_and_the_classical_methods_are_compared(clean):
    noisy = noise.add_noise(clean, "gaussian", 0.3, 1)
    found = comparison.restore(clean, noisy, "gaussian", 0.3, [INVERT])
    assert [r.method for r in found] == [UNTOUCHED, INVERT, *classical.METHODS]
    np.testing.assert_array_equal(found[0].image, noisy)
    np.testing.assert_array_equal(found[1].image, 1 - noisy)
    for restoration, method in zip(found[2:], METHODS_TOLD, strict=True):
        np.testing.assert_array_equal(restoration.image, method(noisy, "gaussian", 0.3))


def test_each_is_measured_against_the_clean_picture(clean):
    noisy = noise.add_noise(clean, "speckle", 0.6, 2)
    for found in comparison.restore(clean, noisy, "speckle", 0.6, []):
        truth, image = clean[0, ..., 0], found.image[0, ..., 0]
        assert found.psnr == pytest.approx(
            peak_signal_noise_ratio(truth, image, data_range=1), abs=1e-3
        )
        assert found.ssim == pytest.approx(structural_similarity(truth, image, data_range=1))


def test_without_noise_everything_classical_is_exact(clean):
    for found in comparison.restore(clean, clean, "masked", 0, []):
        assert found.psnr == math.inf
        assert found.ssim == pytest.approx(1)


def test_a_network_is_told_neither_kind_nor_level(clean):
    class Model:
        def reconstruct(self, images):
            return images / 2

    np.testing.assert_array_equal(blind(Model())(clean, "masked", 0.7), clean / 2)


def test_the_best_has_the_highest_psnr_whoever_it_is():
    assert (
        comparison.best(scored(noisy=9, denoiser=21, non_local_means=20)).method.name == "denoiser"
    )
    assert comparison.best(scored(noisy=31, denoiser=21, non_local_means=20)).method.name == "noisy"
    assert comparison.best(scored(noisy=math.inf, denoiser=21)).method.name == "noisy"


@pytest.mark.parametrize(
    ("psnr", "first", "second", "gap"),
    [
        ({"noisy": 9, "denoiser": 21.5, "denoising": 21.2, "total_variation": 20}, 0, 1, "1.5 dB"),
        ({"noisy": 9, "denoiser": 18, "denoising": 18.5, "non_local_means": 20.9}, 2, 3, "2.4 dB"),
        ({"noisy": 30, "denoiser": 25.5, "non_local_means": 24}, 4, 5, "4.5 dB"),
    ],
)
def test_the_verdict_names_the_two_rivals_and_the_gap_between_them(psnr, first, second, gap):
    names = (
        "The U-Net",
        "Total variation",
        "Non-local means",
        "The autoencoder",
        "leaving the noise in",
        "The U-Net",
    )
    said = comparison.verdict(scored(**psnr))
    assert said.index(names[first]) < said.index(names[second])
    assert gap in said
    assert all(
        method.title not in said
        for method in METHODS.values()
        if method.title not in (names[first], names[second])
    )


def test_the_verdict_owns_up_to_a_loss():
    won = comparison.verdict(scored(noisy=9, denoiser=21, total_variation=20))
    lost = comparison.verdict(scored(noisy=9, denoiser=20, total_variation=21))
    assert "wins" in won
    assert "loses" in lost
    assert "wins" not in lost


@pytest.mark.parametrize(("ours", "tied"), [(20.09, True), (19.91, True), (20.11, False)])
def test_less_than_a_tenth_of_a_decibel_is_a_tie(ours, tied):
    said = comparison.verdict(scored(noisy=9, denoiser=ours, total_variation=20))
    assert ("tie" in said) is tied
    assert ("wins" in said) is not tied
    assert METHODS["denoiser"].title in said
    assert METHODS["total_variation"].title in said


def test_the_verdict_claims_no_gap_where_there_is_no_noise():
    said = comparison.verdict(scored(noisy=math.inf, denoiser=21, total_variation=math.inf))
    assert "inf" not in said
    assert "nan" not in said
    assert "dB" not in said
