"""Pictures out of noise by an exact denoiser: of Gaussian pictures, where all can be worked out."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
import pytest

from generative.denoising import sampling
from generative.denoising.sampling import Sampler
from generative.errors import InputError

RNG = np.random.default_rng(0)
VARIANCES = np.array([0.05, 0.1, 0.3, 0.6])
COSINES = np.cos(np.pi * np.outer(np.arange(3), (np.arange(28) + 0.5) / 28))
AXES = np.stack(
    [np.outer(COSINES[i], COSINES[j]).ravel() for i, j in [(0, 1), (1, 0), (1, 1), (2, 0)]], axis=1
)
AXES /= np.linalg.norm(AXES, axis=0)
MEAN = RNG.uniform(0.45, 0.55, 784)
COORDINATES = np.sqrt(VARIANCES) * RNG.standard_normal(4)
PICTURE = (MEAN + AXES @ COORDINATES).reshape(28, 28, 1).astype(np.float32)
"""One of the pictures, which are MEAN + AXES @ coordinates, these Gaussian of VARIANCES."""

AROUND = np.ones((28, 28), bool)
AROUND[7:21, 7:21] = False
"""All but a square in the middle."""

SMALL = PICTURE.reshape(7, 4, 7, 4, 1).mean(axis=(1, 3))


class Wiener(Sampler):
    """The exact denoiser: what lies across the axes is noise, and tells how much there is."""

    def denoise(self, pictures):
        assert pictures.dtype == np.float32
        off = pictures.reshape(-1, 784) - MEAN
        along = off @ AXES
        across = np.square(off).sum(axis=1) - np.square(along).sum(axis=1)
        noise = across.clip(0)[:, None] / 780
        restored = MEAN + (along * VARIANCES / (VARIANCES + noise)) @ AXES.T
        return restored.reshape(pictures.shape).astype(np.float32)


class Unsettled(Sampler):
    """A denoiser that always wants the picture a little brighter."""

    def denoise(self, pictures):
        return pictures + np.float32(0.1)


def last(frames):
    return deque(frames, maxlen=1).pop()


def standardised(pictures):
    return (pictures.reshape(-1, 784) - MEAN) @ AXES / np.sqrt(VARIANCES)


# --- What is drawn ---------------------------------------------------------------------------


def test_samples_have_the_mean_and_the_covariance_of_the_pictures(monkeypatch):
    # In short steps, whose error is small: by the recursion that the variance along an axis
    # follows, deviations are 3 to 5% below the truth.
    monkeypatch.setattr(sampling, "FIRST_STEP", 0.001)
    drawn = last(Wiener().generate(300, seed=1, noise=0.3)).pictures
    coordinates = standardised(drawn)
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=0.2)
    np.testing.assert_allclose(np.cov(coordinates, rowvar=False), np.eye(4), atol=0.25)
    across = drawn.reshape(-1, 784) - MEAN
    across -= across @ AXES @ AXES.T
    assert np.abs(across).max() < 1e-5  # No noise is left.


def test_samples_in_the_default_steps_vary_as_much_as_the_page_says():
    deviations = standardised(last(Wiener().generate(300)).pictures).std(axis=0)
    np.testing.assert_allclose(deviations, 0.87, atol=0.12)


def test_without_fresh_noise_samples_still_differ():
    drawn = last(Wiener().generate(20, noise=1)).pictures
    assert (standardised(drawn).std(axis=0) > 0.5).all()


# --- What is known ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw",
    [lambda model: model.inpaint(PICTURE, AROUND, 3), lambda model: model.enlarge(SMALL, 3)],
    ids=["inpaint", "enlarge"],
)
def test_what_determines_the_picture_brings_it_back(draw):
    # Four numbers make a picture; most of its pixels, or 49 means, leave no choice.
    found = standardised(last(draw(Wiener())).pictures)
    np.testing.assert_allclose(found, np.tile(standardised(PICTURE), (3, 1)), atol=0.05)


def test_inpainting_keeps_the_known_pixels_and_ignores_the_others():
    damaged = np.where(AROUND[..., None], PICTURE, 1).astype(np.float32)
    pictures = last(Wiener().inpaint(damaged, AROUND, 3, seed=4)).pictures
    np.testing.assert_allclose(pictures[:, AROUND], np.stack([PICTURE[AROUND]] * 3), atol=1e-6)
    same = last(Wiener().inpaint(PICTURE, AROUND, 3, seed=4)).pictures
    np.testing.assert_array_equal(pictures, same)


def test_enlarging_keeps_the_means():
    pictures = last(Wiener().enlarge(SMALL, 3)).pictures
    means = pictures.reshape(3, 7, 4, 7, 4, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(means, np.stack([SMALL] * 3), atol=1e-6)


def test_any_linear_measurement_is_kept_and_the_rest_varies():
    # Neither orthogonal nor independent: the last row is the sum of the first two.
    rows = np.stack([AXES[:, 0], 3 * AXES[:, 0] + AXES[:, 1]])
    matrix = np.vstack([rows, rows.sum(axis=0)]).astype(np.float32)
    values = matrix @ PICTURE.reshape(784)
    known = sampling.products(matrix, values)
    pictures = last(Wiener().restore(known, 50, seed=2)).pictures
    np.testing.assert_allclose(
        pictures.reshape(50, 784) @ matrix.T, np.tile(values, (50, 1)), atol=1e-4
    )
    deviations = standardised(pictures).std(axis=0)
    assert (deviations[:2] < 0.01).all()
    assert (deviations[2:] > 0.6).all()


def test_every_kind_of_measurement_is_an_orthogonal_projection():
    matrix = RNG.standard_normal((5, 784)).astype(np.float32)
    of = [
        sampling.known_pixels(PICTURE, AROUND),
        sampling.means_of_squares(SMALL),
        sampling.products(matrix, matrix @ PICTURE.reshape(784)),
    ]
    a, b = RNG.standard_normal((2, 3, 28, 28, 1)).astype(np.float32)
    for known in of:
        np.testing.assert_allclose(known.project(known.project(a)), known.project(a), atol=1e-5)
        assert np.vdot(known.project(a), b) == pytest.approx(np.vdot(a, known.project(b)), abs=0.01)
        np.testing.assert_allclose(known.project(PICTURE[None])[0], known.part, atol=1e-5)
        np.testing.assert_allclose(known.put_back(PICTURE[None])[0], PICTURE, atol=1e-5)


def test_where_all_is_known_it_stays():
    everywhere = np.ones((28, 28), bool)
    pictures = last(Unsettled().inpaint(PICTURE, everywhere)).pictures
    np.testing.assert_allclose(pictures[0], PICTURE, atol=1e-6)


# --- Seeds, steps and frames -----------------------------------------------------------------


def test_a_seed_gives_the_same_pictures_again_and_the_first_ones_of_more():
    first, again, more = (last(Wiener().generate(n, seed=7)).pictures for n in (3, 3, 5))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(more[:3], first, atol=1e-5)
    assert not np.allclose(first, last(Wiener().generate(3, seed=8)).pictures, atol=1e-3)
    assert not np.allclose(first[0], first[1], atol=1e-3)


def test_more_fresh_noise_takes_more_steps():
    steps = [last(Wiener().generate(noise=noise)).step for noise in (1, 0.5, 0.1, 0.03)]
    assert steps == sorted(steps)
    for taken, noise in zip(steps, (1, 0.5, 0.1, 0.03), strict=True):
        assert taken == pytest.approx(sampling.expected_steps(noise), rel=0.2, abs=3)


@pytest.mark.parametrize(("noise", "steps"), [(1, 33), (0.1, 128), (0.01, 662)])
def test_the_number_of_steps_is_that_of_the_page(noise, steps):
    assert sampling.expected_steps(noise) == steps


def test_steps_grow_from_the_first_length_towards_the_whole_way():
    lengths = [sampling.step_length(step) for step in range(1, 2000)]
    assert lengths[0] == sampling.FIRST_STEP
    assert lengths[99] == pytest.approx(1 / 1.99)
    assert lengths == sorted(lengths)
    assert 0.95 < lengths[-1] < 1


def test_what_does_not_settle_ends_in_time():
    frame = last(Unsettled().generate(2, noise=1))
    assert frame.step == sampling.PATIENCE * sampling.expected_steps(1)
    assert frame.noise_stddev == pytest.approx(0.1)


def test_pictures_that_have_arrived_are_left_alone():
    class OneIsClean(Wiener):
        def __init__(self):
            self.sizes = []

        def denoise(self, pictures):
            self.sizes.append(len(pictures))
            restored = super().denoise(pictures)
            if len(self.sizes) == 5:
                restored[1] = pictures[1]
            return restored

    model = OneIsClean()
    frames = [frame.pictures for frame in model.generate(3)]
    assert model.sizes[:6] == [3, 3, 3, 3, 3, 2]
    for later in frames[6:]:
        np.testing.assert_array_equal(later[1], frames[5][1])


def test_frames_lead_from_noise_to_pictures():
    frames = list(Wiener().generate(4, seed=3))
    assert [frame.step for frame in frames] == list(range(len(frames)))
    assert frames[0].noise_stddev == 1
    assert frames[-1].noise_stddev < sampling.LEAST
    for frame in frames:
        assert frame.pictures.shape == (4, 28, 28, 1)
        assert frame.pictures.dtype == np.float32
        assert frame.pictures.min() >= 0
        assert frame.pictures.max() <= 1
    stddevs = [frame.noise_stddev for frame in frames]
    assert np.std(frames[0].pictures) > 5 * np.std(frames[-1].pictures)
    assert all(later < before + 0.01 for before, later in pairwise(stddevs))


def test_closing_stops_it():
    calls = []

    class Counting(Wiener):
        def denoise(self, pictures):
            calls.append(len(pictures))
            return super().denoise(pictures)

    frames = Counting().generate()
    next(frames)
    next(frames)
    frames.close()
    assert calls == [1]
    assert list(frames) == []


# --- What is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "Invalid number of pictures. Expected a whole number from 1 to 1000"),
        ({"n": 1.5}, "Invalid number of pictures"),
        ({"seed": -1}, "Invalid seed"),
        ({"noise": 0}, r"Invalid noise. Expected a number from 0\.01 to 1"),
        ({"noise": 1.1}, "Invalid noise"),
        ({"noise": None}, "Invalid noise"),
    ],
)
def test_wrong_numbers_are_refused_at_once(arguments, message):
    with pytest.raises(InputError, match=message):
        Wiener().generate(**arguments)


@pytest.mark.parametrize(
    "picture",
    [None, PICTURE[None], PICTURE[..., 0], SMALL, PICTURE + 1, PICTURE * np.nan, 1.0 * MEAN],
    ids=["nothing", "batch", "no channel", "small", "too bright", "NaN", "flat"],
)
def test_wrong_pictures_are_refused(picture):
    with pytest.raises(InputError, match=r"Invalid (picture|images)"):
        Wiener().inpaint(picture, AROUND)


@pytest.mark.parametrize(
    "mask", [None, AROUND.astype(np.float32), AROUND[..., None], AROUND[:7], [[True]]]
)
def test_wrong_masks_are_refused(mask):
    with pytest.raises(InputError, match=r"Invalid mask\. Expected one bool array"):
        Wiener().inpaint(PICTURE, mask)


@pytest.mark.parametrize("picture", [PICTURE, SMALL[..., 0], SMALL - 1, None])
def test_wrong_small_pictures_are_refused(picture):
    with pytest.raises(InputError, match=r"Invalid (picture|images)"):
        Wiener().enlarge(picture)


def test_wrong_measurements_are_refused():
    matrix, values = np.ones((2, 784), np.float32), np.ones(2, np.float32)
    with pytest.raises(InputError, match="Invalid matrix"):
        sampling.products(matrix[:, :10], values)
    with pytest.raises(InputError, match="Invalid values"):
        sampling.products(matrix, values.astype(np.float64))
    with pytest.raises(InputError, match=r"one for each row of the matrix, 2\. Received: 1"):
        sampling.products(matrix, values[:1])
    with pytest.raises(InputError, match=r"Invalid measurements\..* Received: ndarray"):
        Wiener().restore(values)
