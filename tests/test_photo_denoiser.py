"""The photo denoiser, untrained or with random weights: network, noise, tiles and strengths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from painting import picture
from photo_models import NARROW, random_network
from talk import is_a_sentence

from generative import images
from generative.denoising.photographs import denoiser, restorer, spoiling, white_noise
from generative.denoising.photographs.network import REACH, UNIT, build
from generative.denoising.photographs.removal import level_of, without
from generative.denoising.photographs.restorer import PhotoDenoiser
from generative.errors import InputError
from generative.training import precision

NETWORK = random_network()
MODEL = PhotoDenoiser(NETWORK, {"configuration": NARROW})
PHOTO = picture(60, 75)


def floats(photo: np.ndarray) -> np.ndarray:
    return photo.astype(np.float32) / np.float32(255)


# --- The network -----------------------------------------------------------------------------


def test_it_has_at_most_two_million_parameters_and_no_bias():
    network = build(**denoiser.TRAINING[""].configuration)
    assert network.count_params() <= 2_000_000
    assert all(len(variable.shape) == 4 for variable in network.weights)


def test_before_its_training_it_leaves_photographs_as_they_are():
    noisy = floats(picture(64, 64))[None]
    np.testing.assert_array_equal(build(**NARROW)(noisy), noisy)


def test_half_the_contrast_gives_half_the_result():
    noisy = floats(picture(64, 64))[None]
    found = NETWORK(noisy).numpy()
    assert np.abs(found - noisy).max() > 0.01
    np.testing.assert_allclose(NETWORK(0.5 * noisy), 0.5 * found, atol=1e-6)


def test_it_sees_as_far_as_it_says_and_no_further():
    flat = np.full((1, 264, 264, 3), 0.5, np.float32)
    found, far = NETWORK(flat).numpy(), []
    for at in range(128, 128 + UNIT):  # How far depends on the place within a unit.
        dotted = flat.copy()
        dotted[0, at, at] += 1
        changed = np.abs(NETWORK(dotted).numpy() - found).max(axis=(0, 1, 3))
        far.append(np.abs(np.flatnonzero(changed) - at).max())
    assert REACH - UNIT < max(far) <= REACH


def test_the_loss_by_hand():
    zeros = np.zeros((2, 8, 8, 3), np.float32)
    targets = np.stack([zeros[0], zeros[0] + 3 / 255])
    # No error; squared errors of 9, as levels of 255: 10 lg 10.
    found = denoiser.loss(lambda x, training: x, zeros, targets)
    np.testing.assert_allclose(found, [0, 10], atol=1e-5)


# --- What it learns from ---------------------------------------------------------------------


def test_crops_are_parts_of_their_photographs_turned_and_mirrored():
    photos = np.empty(2, object)
    photos[:] = [np.arange(96 * 120 * 3).reshape(96, 120, 3) % 251, np.full((130, 96, 3), 7)]
    photos = np.array([photo.astype(np.uint8) for photo in photos] + [None], object)[:2]
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(40):
        crops = denoiser.crop(photos, rng)
        assert crops.shape == (2, 96, 96, 3)
        assert crops.dtype == np.float32
        np.testing.assert_allclose(crops[1], 7 / 255)
        crop = np.rint(crops[0] * 255).astype(np.uint8)
        ways = [each for turned in range(4) for each in _mirrored(np.rot90(crop, turned))]
        parts = [photos[0][:, left : left + 96] for left in range(25)]
        (found,) = {
            left for left, part in enumerate(parts) for way in ways if np.array_equal(way, part)
        }
        seen.add(found)
    assert len(seen) > 10


def _mirrored(crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return crop, crop[:, ::-1]


def test_the_noise_depends_on_the_generator_alone():
    clean = np.stack([floats(picture(96, 96, seed)) for seed in range(8)])
    before = clean.copy()
    first, again, other = (spoiling.spoil(clean, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(clean, before)
    assert first.dtype == np.float32
    assert not np.array_equal(first, other)


def test_most_noise_is_white_of_every_level_and_reaches_beyond_black_and_white():
    grey = np.full((400, 32, 32, 3), 0.5, np.float32)
    noise = spoiling.spoil(grey, np.random.default_rng(0)) - grey
    levels = noise.std(axis=(1, 2, 3))
    assert levels.min() < 2 / 255
    assert 70 / 255 < levels.max() < 77 / 255
    assert (np.abs(noise) > 0.5).any(axis=(1, 2, 3)).mean() > 0.2
    # Neighbours have nothing to do with each other, but in a part of what is as from a camera.
    strong = noise[levels > 10 / 255]
    products = (strong[:, 1:] * strong[:, :-1]).mean(axis=(1, 2, 3))
    is_white = np.abs(products / strong.var(axis=(1, 2, 3))) < 0.08
    assert 0.75 < is_white.mean() < 0.95


@pytest.mark.parametrize("width", [0.3, 0.6, 1.0])
def test_smoothed_noise_is_as_strong_as_before(width):
    noise = np.random.default_rng(0).standard_normal((256, 256, 3), np.float32)
    smoothed = spoiling._smoothed(noise, width)
    assert smoothed.std() == pytest.approx(1, abs=0.02)
    neighbours = (smoothed[1:] * smoothed[:-1]).mean()
    assert neighbours > (0.5 if width == 1 else 0)


def test_noise_as_from_a_camera_is_clipped_and_stronger_in_the_light():
    halves = np.full((96, 192, 3), 0.2, np.float32)
    halves[:, 96:] = 0.6
    rng = np.random.default_rng(0)
    spoiled = [spoiling.as_from_a_camera(halves, rng, 0.05) for _ in range(40)]
    for each in spoiled:
        assert each.dtype == np.float32
        assert each.min() >= 0
        assert each.max() <= 1
    variances = np.mean([[each[:, :96].var(), each[:, 96:].var()] for each in spoiled], axis=0)
    assert 1.2 < variances[1] / variances[0] < 3
    levels = [(each * 255 == np.rint(each * 255)).all() for each in spoiled]
    assert 5 < sum(levels) < 35  # those that went through JPEG


def test_jpeg_blocks_begin_anywhere():
    photo = floats(picture(40, 48))
    through = spoiling._through_jpeg(photo, 50, 3, 5)
    assert through.shape == photo.shape
    padded = np.pad(photo, ((3, 0), (5, 0), (0, 0)), mode="reflect")
    expected = floats(images.decode(images.encode_jpeg(padded, 50)))[3:, 5:]
    np.testing.assert_array_equal(through, expected)


# --- Noise on request ------------------------------------------------------------------------


def test_white_noise_has_its_level_and_is_not_clipped():
    grey = np.full((200, 200, 3), 0.5, np.float32)
    noisy = white_noise.add(grey, 50, 3)
    assert noisy.dtype == np.float32
    assert (noisy - grey).std() * 255 == pytest.approx(50, rel=0.01)
    assert noisy.max() > 1
    np.testing.assert_array_equal(noisy, white_noise.add(grey, 50, 3))
    assert not np.array_equal(noisy, white_noise.add(grey, 50, 4))
    np.testing.assert_array_equal(white_noise.add(grey, 0, 3), grey)


@pytest.mark.parametrize(("level", "seed"), [(-1, 0), (75.5, 0), (float("nan"), 0), (25, -1)])
def test_wrong_noise_is_refused(level, seed):
    with pytest.raises(InputError, match=r"^Invalid (noise level|seed)\. Expected "):
        white_noise.add(floats(PHOTO), level, seed)


# --- Restoring -------------------------------------------------------------------------------


def whole(photo: np.ndarray) -> np.ndarray:
    """Return what the network makes of a photograph in one piece, in its own precision."""
    height, width = photo.shape[:2]
    around = ((0, -height % UNIT), (0, -width % UNIT), (0, 0))
    padded = np.pad(photo, around, mode="reflect")
    return np.clip(NETWORK(padded[None]).numpy()[0, :height, :width], 0, 1)


def test_it_restores_what_the_network_says():
    noisy = floats(PHOTO)
    restored = MODEL.restore(noisy)
    assert restored.dtype == np.float32
    assert np.abs(restored - noisy).max() > 0.05
    exact = precision.fastest() == precision.FLOAT32
    np.testing.assert_allclose(restored, whole(noisy), atol=1e-5 if exact else 0.02)


def test_8_bits_stay_8_bits():
    restored = MODEL.restore(PHOTO)
    assert restored.dtype == np.uint8
    assert restored.shape == PHOTO.shape
    expected = np.rint(MODEL.restore(floats(PHOTO)) * 255)
    np.testing.assert_array_equal(restored, expected)


def test_noise_may_reach_beyond_black_and_white():
    noisy = white_noise.add(floats(PHOTO), 75, 0)
    before = noisy.copy()
    restored = MODEL.restore(noisy)
    assert noisy.min() < 0 < 1 < noisy.max()
    assert restored.min() >= -1e-6
    assert restored.max() <= 1 + 1e-6
    np.testing.assert_array_equal(noisy, before)


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (8, 8), (16, 33), (5, 300)])
def test_every_size_is_restored(size):
    photo = np.resize(PHOTO, (*size, 3))
    assert MODEL.restore(photo).shape == photo.shape
    assert all(level >= 0 for level in vars(level_of(MODEL.noise(photo))).values())


@pytest.mark.parametrize("photo", [PHOTO, white_noise.add(floats(PHOTO), 75, 0)], ids=["8", "32"])
@pytest.mark.parametrize("shares", [{"strength": 0}, {"luminance": 0, "colour": 0}], ids=str)
def test_strength_0_returns_the_original_bit_for_bit(photo, shares):
    restored = MODEL.restore(photo, **shares)
    np.testing.assert_array_equal(restored, photo)
    assert restored is not photo


def test_strength_goes_from_the_original_to_the_result_in_a_straight_line():
    noisy = floats(PHOTO)
    full, some = MODEL.restore(noisy), MODEL.restore(noisy, 0.3)
    np.testing.assert_allclose(some, noisy + 0.3 * (full - noisy), atol=1e-6)


def test_brightness_and_colour_are_restored_apart():
    noisy = floats(PHOTO)
    noise = MODEL.noise(noisy)
    brightness = (noise @ [0.299, 0.587, 0.114])[..., None]
    by_brightness = MODEL.restore(noisy, luminance=1, colour=0)
    by_colour = MODEL.restore(noisy, luminance=0, colour=1)
    np.testing.assert_allclose(noisy - by_brightness, np.repeat(brightness, 3, 2), atol=1e-6)
    np.testing.assert_allclose((noisy - by_colour) @ [0.299, 0.587, 0.114], 0, atol=1e-6)
    both = MODEL.restore(noisy, 0.5, 0.8, 0.4)
    parts = 0.4 * brightness + 0.2 * (noise - brightness)
    np.testing.assert_allclose(noisy - both, parts, atol=1e-6)


def test_tiles_have_no_seams(monkeypatch):
    noisy = white_noise.add(floats(picture(300, 410)), 25, 0)
    expected = MODEL.restore(noisy)
    monkeypatch.setattr(restorer, "CORE", 64)
    shown = []
    see = MODEL._clean
    monkeypatch.setattr(MODEL, "_clean", lambda tile: shown.append(tile.shape) or see(tile))
    found = MODEL.restore(noisy)
    assert len(shown) == 5 * 6
    assert max(max(shape) for shape in shown) < 400
    assert np.abs(found - expected).max() < 1 / 255


def test_a_photograph_of_24_megapixels_goes_through_tiles_of_bounded_size():
    side = restorer.CORE + restorer.CORE // 2 + 2 * REACH
    found = restorer.tiles(4000, 6000, restorer.CORE, REACH)
    assert all(
        bottom - top <= side and right - left <= side
        for top, left, bottom, right in (tile.outer for tile in found)
    )


WRONG = {
    "nothing": None,
    "a list": PHOTO.tolist(),
    "float64": PHOTO / 255,
    "grey": PHOTO[..., 0],
    "four channels": np.zeros((9, 9, 4), np.uint8),
    "a batch": PHOTO[None],
    "no pixels": PHOTO[:0],
    "NaN": np.where(floats(PHOTO) > 0.5, np.float32("nan"), floats(PHOTO)),
    "infinity": np.where(floats(PHOTO) > 0.5, np.float32("inf"), floats(PHOTO)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_photograph_is_refused(kind):
    for act in (MODEL.restore, MODEL.noise):
        with pytest.raises(InputError, match=r"^Invalid photograph\. Expected ") as caught:
            act(WRONG[kind])
        assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("name", ["strength", "luminance", "colour"])
@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), None, "all"])
def test_a_wrong_share_is_refused(name, share):
    with pytest.raises(InputError, match=r"^Invalid strength.* Expected a number from 0 to 1\."):
        without(np.zeros((60, 75, 3), np.float32), PHOTO, **{name: share})


# --- The level of the noise ------------------------------------------------------------------


def test_the_level_of_white_noise_by_hand():
    noise = np.random.default_rng(0).normal(0, 20 / 255, (400, 500, 3)).astype(np.float32)
    level = level_of(noise)
    assert level.total == pytest.approx(20, rel=0.02)
    share = math.sqrt(0.299**2 + 0.587**2 + 0.114**2)
    assert level.luminance == pytest.approx(20 * share, rel=0.02)
    rest = math.sqrt(1 + share**2 - 2 / 3)  # Mean over the channels of (1 − w)² + the others' w².
    assert level.colour == pytest.approx(20 * rest, rel=0.02)


def test_a_few_edges_do_not_count_as_noise():
    noise = np.random.default_rng(0).normal(0, 10 / 255, (320, 320, 3)).astype(np.float32)
    noise[:, 100:110] += 0.5
    assert level_of(noise).total == pytest.approx(10, rel=0.05)
