"""The blind denoiser, untrained: without biases, its noise, its loss, and its figures."""

from __future__ import annotations

import numpy as np
import pytest

from generative import models
from generative.backend import keras
from generative.data.splits import Split
from generative.denoising import blind
from generative.errors import InputError

PICTURES = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
NOISY = blind.add_noise(PICTURES, np.random.default_rng(1))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    network = blind.build(**blind.TRAINING[""].configuration)
    return blind.Model(network, {"model": "blind", "dataset": "mnist"})


def test_it_scales_with_the_picture(model):
    # Some kernels are zero at first; here all take part.
    rng = np.random.default_rng(2)
    trained = [w + 0.02 * rng.standard_normal(w.shape) for w in model.network.get_weights()]
    before = model.network.get_weights()
    model.network.set_weights(trained)
    expected = model.denoise(NOISY)
    assert not np.allclose(expected, NOISY, atol=0.01)
    for scale in (0.01, 0.5, 3, 100):
        scaled = model.denoise(np.float32(scale) * NOISY)
        np.testing.assert_allclose(scaled / scale, expected, rtol=1e-3, atol=1e-3)
    assert not model.denoise(np.zeros_like(NOISY)).any()
    model.network.set_weights(before)


def test_it_has_about_a_million_parameters_and_no_bias(model):
    assert 0.8e6 <= model.network.count_params() <= 1.2e6
    assert {weight.name for weight in model.network.weights} == {"kernel"}


def test_it_takes_pictures_beyond_the_range(model):
    restored = model.denoise(10 * NOISY - 5)
    assert restored.shape == NOISY.shape
    assert restored.dtype == np.float32
    assert np.isfinite(restored).all()


@pytest.mark.parametrize("pictures", [None, PICTURES[0], PICTURES * np.nan, PICTURES.tolist()])
def test_wrong_pictures_are_refused(model, pictures):
    with pytest.raises(InputError, match="Invalid pictures"):
        model.denoise(pictures)


def test_its_noise_has_every_level_and_is_not_clipped():
    grey = np.full((2000, 28, 28, 1), 0.5, np.float32)
    noisy = blind.add_noise(grey, np.random.default_rng(3))
    assert noisy.dtype == np.float32
    levels = np.sort((noisy - grey).std(axis=(1, 2, 3)))
    np.testing.assert_allclose(levels, np.linspace(0, 1, 2000), atol=0.06)
    assert noisy.min() < -1
    assert noisy.max() > 2


def test_its_noise_depends_on_the_generator_alone():
    clean = PICTURES.copy()
    np.testing.assert_array_equal(blind.add_noise(clean, np.random.default_rng(1)), NOISY)
    np.testing.assert_array_equal(clean, PICTURES)
    assert not np.array_equal(blind.add_noise(clean, np.random.default_rng(5)), NOISY)


def test_the_loss_is_the_mean_squared_error(model):
    losses = blind.loss(model.network, NOISY, PICTURES).numpy()
    expected = np.square(model.denoise(NOISY) - PICTURES).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_its_figures_are_of_unclipped_noise(model, monkeypatch):
    monkeypatch.setattr(model, "denoise", lambda pictures: pictures)
    grey = np.full((20, 28, 28, 1), 0.5, np.float32)
    found = blind.figures(model, Split(grey, np.zeros(20, np.int64), ("grey",)))
    assert found["test_images"] == 20
    # Left in, noise of .1 is 20 dB below white; of 1, most of it is clipped before it is measured.
    assert found["unclipped_gaussian_0.1"]["psnr_db"] == pytest.approx(20, abs=0.1)
    assert 7 < found["unclipped_gaussian_1"]["psnr_db"] < 8.5
    assert found.keys() - {"test_images"} == {
        f"unclipped_gaussian_{level}" for level in ("0.1", "0.2", "0.5", "1")
    }


def test_it_draws_pictures(model):
    frames = model.generate(2)
    assert [next(frames).pictures.shape for _ in range(3)] == [(2, 28, 28, 1)] * 3
    frames.close()


def test_the_program_knows_it_by_its_role():
    assert models.with_role("blind denoiser").model == "blind"
    assert models.module("blind") is blind
    assert blind.GREYS.keys() == set(models.MODELS["blind"].datasets)


@pytest.mark.data
@pytest.mark.parametrize("dataset", blind.GREYS)
def test_its_grey_is_the_mean_of_the_training_pictures(dataset):
    from generative import data

    mean = data.load(dataset, "train")[0].mean(dtype=np.float64)
    assert blind.GREYS[dataset] == pytest.approx(mean, abs=1e-3)
