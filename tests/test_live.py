from __future__ import annotations

import itertools

import numpy as np
import pytest

from generative.autoencoders import live
from generative.data import plane
from generative.errors import InputError, TrainingError


@pytest.fixture(scope="module")
def steps() -> list[live.LinearStep]:
    return list(live.train_linear())


def test_every_step_is_reported_with_the_losses_so_far(steps):
    total = live.EPOCHS * live.POINTS // live.BATCH_SIZE
    assert [state.step for state in steps] == list(range(1, total + 1))
    assert {state.total_steps for state in steps} == {total}
    for state in steps:
        assert len(state.losses) == state.step
        assert state.losses == steps[-1].losses[: state.step]


def test_it_comes_close_to_exact_pca_and_never_below(steps):
    assert steps[0].mse > 1.5 * steps[0].pca_mse
    assert steps[-1].mse < 1.03 * steps[-1].pca_mse
    assert all(state.mse > state.pca_mse * (1 - 1e-4) for state in steps)


def test_the_yardstick_is_the_least_error_of_any_plane(steps):
    points = steps[0].points.astype(np.float64)
    variances = np.linalg.eigvalsh(np.cov(points.T, bias=True))
    assert steps[0].pca_mse == pytest.approx(variances[0] / 3, rel=1e-4)
    assert np.cov(steps[0].pca_codes.T, bias=True) == pytest.approx(
        np.diag(variances[:0:-1]), abs=1e-6
    )


def test_codes_times_basis_are_the_reconstructions_whose_error_is_shown(steps):
    for state in (steps[0], steps[-1]):
        rebuilt = state.codes @ state.basis
        assert np.square(rebuilt - state.points).mean() == pytest.approx(state.mse, rel=1e-3)


def test_the_learned_plane_is_the_one_of_pca(steps):
    _, _, axes = np.linalg.svd(steps[-1].points)
    normal = np.cross(*steps[-1].basis)
    assert abs(normal @ axes[2]) / np.linalg.norm(normal) > 0.999


def test_the_points_are_those_of_the_seed(steps):
    np.testing.assert_array_equal(steps[0].points, plane.sample(live.POINTS, 0))


def test_the_same_seed_repeats_a_run_and_another_does_not(steps):
    again = list(itertools.islice(live.train_linear(1.0, 0), 5))
    other = next(live.train_linear(1.0, 1))
    assert [state.mse for state in again] == [state.mse for state in steps[:5]]
    np.testing.assert_array_equal(again[4].basis, steps[4].basis)
    assert not np.array_equal(other.points, steps[0].points)
    assert not np.array_equal(other.basis, steps[0].basis)


def test_a_smaller_learning_rate_learns_more_slowly(steps):
    slow = list(itertools.islice(live.train_linear(0.05), 20))
    assert steps[19].mse < slow[19].mse < slow[0].mse


def test_a_learning_rate_that_diverges_is_refused_in_one_sentence():
    with pytest.raises(TrainingError, match="learning rate") as caught:
        list(live.train_linear(live.LEARNING_RATE.high))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", [0, -1, 5.1, float("nan"), float("inf"), None, "1", True])
def test_a_learning_rate_out_of_range_is_refused(rate):
    with pytest.raises(InputError, match="learning rate"):
        next(live.train_linear(rate))


@pytest.mark.parametrize("seed", [-1, 2**31, 1.5, float("nan"), None, "0", True])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        next(live.train_linear(1.0, seed))


def test_fewer_frames_are_the_same_training_seen_less_often():
    every, some = list(live.train_linear()), list(live.train_linear(frames=24))
    assert len(some) == 24
    assert some[-1].step == some[-1].total_steps == every[-1].step
    for frame in some:
        whole = every[frame.step - 1]
        assert (frame.mse, frame.losses) == (whole.mse, whole.losses)
