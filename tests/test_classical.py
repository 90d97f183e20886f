from __future__ import annotations

import math

import numpy as np
import pytest

from generative import data
from generative.data import noise
from generative.denoising import classical
from generative.denoising.classical import noise_curve, undo_bias
from generative.errors import InputError
from generative.metrics import psnr
from generative.validation import Images

LEVELS = (0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
METHODS = {method.name: method.denoiser for method in classical.METHODS}


def flat(grey: float, count: int = 1) -> Images:
    return np.full((count, 28, 28, 1), grey, np.float32)


def shapes(count: int = 6) -> Images:
    """Pictures of a disc and a bar, each at another place, in another grey."""
    y, x = np.mgrid[:28, :28]
    rng = np.random.default_rng(3)
    pictures = np.zeros((count, 28, 28, 1), np.float32)
    for picture in pictures:
        row, column = rng.integers(9, 19, size=2)
        picture[(y - row) ** 2 + (x - column) ** 2 < 49, 0] = rng.uniform(0.6, 1)
        picture[3:7, 2:26, 0] = rng.uniform(0.4, 0.8)
    return pictures


# --- The bias curve --------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_masking_scales_the_mean(level: float) -> None:
    curve = noise_curve("masked", level)
    np.testing.assert_allclose(curve.noisy, (1 - level) * curve.clean, atol=0.01)


@pytest.mark.parametrize("level", LEVELS)
def test_salt_and_pepper_pulls_the_mean_to_mid_grey(level: float) -> None:
    curve = noise_curve("salt_and_pepper", level)
    np.testing.assert_allclose(curve.noisy, (1 - level) * curve.clean + level / 2, atol=0.01)


@pytest.mark.parametrize("level", [0.05, 0.2, 0.3])
def test_clipped_gaussian_noise_lifts_black_and_lowers_white(level: float) -> None:
    lift = level / math.sqrt(2 * math.pi)
    curve = noise_curve("gaussian", level)
    assert curve.noisy[0] == pytest.approx(lift, rel=0.03)
    assert curve.noisy[-1] == pytest.approx(1 - lift, rel=0.03)
    assert curve.noisy[16] == pytest.approx(0.5, abs=0.01)


def test_speckle_leaves_black_alone() -> None:
    assert noise_curve("speckle", 0.8).noisy[0] == 0


def test_standard_deviation_of_masking() -> None:
    # At grey x it is x·√(p(1-p)), and the mean x is 1/2.
    assert noise_curve("masked", 0.2).stddev == pytest.approx(0.5 * math.sqrt(0.16), rel=0.02)


@pytest.mark.parametrize("kind", noise.KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_curve_never_falls_and_has_a_spread(kind: str, level: float) -> None:
    curve = noise_curve(kind, level)
    assert (np.diff(curve.noisy) >= 0).all()
    assert curve.noisy.min() >= 0
    assert curve.noisy.max() <= 1
    assert (curve.stddev > 0) == (kind != "masked" or level < 1)


@pytest.mark.parametrize("kind", noise.KINDS)
def test_level_0_has_a_straight_curve(kind: str) -> None:
    curve = noise_curve(kind, 0.0)
    np.testing.assert_allclose(curve.noisy, curve.clean, atol=1e-6)
    assert curve.stddev == pytest.approx(0, abs=1e-6)


def test_curve_is_computed_once_and_can_not_be_changed() -> None:
    curve = noise_curve("gaussian", 0.5)
    assert noise_curve("gaussian", 0.5) is curve
    with pytest.raises(ValueError, match="read-only"):
        curve.noisy[0] = 1


# --- Reading it backwards --------------------------------------------------------------------


@pytest.mark.parametrize("kind", noise.KINDS)
@pytest.mark.parametrize("level", [0.2, 0.5, 0.8])
def test_undoing_the_bias_inverts_the_curve(kind: str, level: float) -> None:
    curve = noise_curve(kind, level)
    restored = undo_bias(curve.noisy.reshape(1, -1, 1, 1).astype(np.float32), curve)
    np.testing.assert_allclose(restored.ravel(), curve.clean, atol=1e-3)
    ramp = undo_bias(np.linspace(0, 1, 101, dtype=np.float32).reshape(1, -1, 1, 1), curve)
    assert ramp.dtype == np.float32
    assert (np.diff(ramp.ravel()) >= 0).all()


def test_half_masked_pictures_are_doubled() -> None:
    restored = undo_bias(flat(0.3), noise_curve("masked", 0.5))
    np.testing.assert_allclose(restored, 0.6, atol=0.01)


def test_share_of_the_bias() -> None:
    restored = undo_bias(flat(0.3), noise_curve("masked", 0.5), share=0.5)
    np.testing.assert_allclose(restored, 0.45, atol=0.01)


@pytest.mark.parametrize(("kind", "grey"), [("salt_and_pepper", 0.5), ("masked", 0.0)])
def test_flat_curve_is_not_read_backwards(kind: str, grey: float) -> None:
    np.testing.assert_allclose(undo_bias(flat(grey + 0.01), noise_curve(kind, 1.0)), grey + 0.01)


# --- The methods -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["gaussian", "salt_and_pepper", "masked"])
@pytest.mark.parametrize("grey", [0.25, 0.5, 0.75])
def test_flat_area_comes_back_without_bias(method: str, kind: str, grey: float) -> None:
    noisy = noise.add_noise(flat(grey, 8), kind, 0.5, seed=4)
    assert METHODS[method](noisy, kind, 0.5).mean() == pytest.approx(grey, abs=0.04)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", noise.KINDS)
def test_level_0_changes_nothing(method: str, kind: str) -> None:
    pictures = shapes(2)
    result = METHODS[method](pictures, kind, 0)
    np.testing.assert_allclose(result, pictures, atol=1e-3)
    assert result is not pictures


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", noise.KINDS)
@pytest.mark.parametrize("level", [0.01, 0.2, 0.5, 0.8, 1.0])
def test_result_is_a_batch_of_pictures(method: str, kind: str, level: float) -> None:
    noisy = noise.add_noise(shapes(2), kind, level, seed=5)
    before = noisy.copy()
    result = METHODS[method](noisy, kind, level)
    assert result.shape == noisy.shape
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1
    np.testing.assert_array_equal(noisy, before)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", noise.KINDS)
@pytest.mark.parametrize("level", [0.2, 0.5, 0.8])
def test_denoising_brings_pictures_nearer_to_the_truth(
    method: str, kind: str, level: float
) -> None:
    clean = shapes()
    noisy = noise.add_noise(clean, kind, level, seed=6)
    gain = psnr(clean, METHODS[method](noisy, kind, level)).mean() - psnr(clean, noisy).mean()
    assert gain > 1


@pytest.mark.parametrize("method", METHODS)
def test_pictures_do_not_influence_each_other(method: str) -> None:
    noisy = noise.add_noise(shapes(3), "gaussian", 0.5)
    alone = METHODS[method](noisy[1:2], "gaussian", 0.5)
    np.testing.assert_array_equal(METHODS[method](noisy, "gaussian", 0.5)[1:2], alone)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("pictures", "kind", "level", "message"),
    [
        (flat(0.5), "rain", 0.5, "Unknown kind of noise"),
        (flat(0.5), None, 0.5, "Unknown kind of noise"),
        (flat(0.5), "gaussian", 1.5, "Invalid noise level"),
        (flat(0.5), "gaussian", -0.1, "Invalid noise level"),
        (flat(0.5), "gaussian", math.nan, "Invalid noise level"),
        (flat(0.5), "gaussian", True, "Invalid noise level"),
        (flat(0.5)[0], "gaussian", 0.5, "Invalid images"),
        (flat(0.5).astype(np.float64), "gaussian", 0.5, "Invalid images"),
        (flat(1.5), "gaussian", 0.5, "Invalid images"),
        (flat(math.nan), "gaussian", 0.5, "Invalid images"),
        ([[0.5]], "gaussian", 0.5, "Invalid images"),
    ],
)
def test_wrong_input(
    method: str, pictures: object, kind: object, level: object, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        METHODS[method](pictures, kind, level)  # type: ignore[arg-type]


def test_every_noise_has_a_tuning() -> None:
    assert classical.TUNINGS.keys() == noise.KINDS.keys()


@pytest.mark.data
@pytest.mark.parametrize(
    ("method", "dataset", "level", "decibels"),
    [
        ("total_variation", "fashion_mnist", 0.5, 15.96),
        ("total_variation", "mnist", 0.5, 15.78),
        ("total_variation", "fashion_mnist", 0.2, 20.89),
        ("non_local_means", "fashion_mnist", 0.5, 15.77),
        ("non_local_means", "mnist", 0.5, 15.96),
        ("non_local_means", "fashion_mnist", 0.2, 21.60),
    ],
)
def test_figures_of_well_tuned_methods(
    method: str, dataset: str, level: float, decibels: float
) -> None:
    # Found with the best parameters for each line of the table alone, on 400 test pictures.
    clean = data.load(dataset, "test")[0][:100]
    noisy = noise.add_noise(clean, "gaussian", level, seed=7)
    assert psnr(clean, METHODS[method](noisy, "gaussian", level)).mean() > decibels - 0.4
