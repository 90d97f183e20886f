from __future__ import annotations

import pytest

from generative.style_transfer.schedule import COARSEST, Scale, extend, plan, replan


def test_a_plan_by_hand():
    # Shares of 1, 1 and ½ of 240 steps.
    expected = [Scale(96, 128, 96), Scale(192, 256, 96), Scale(384, 512, 48)]
    assert plan(384, 512, 240, COARSEST, 0.5) == expected


@pytest.mark.parametrize(("longest", "scales"), [(64, 1), (128, 1), (254, 1), (256, 2), (2048, 5)])
def test_scales_double_from_the_coarsest(longest, scales):
    found = plan(longest, longest // 2, 100, COARSEST, 0.5)
    assert len(found) == scales
    assert found[-1].height == longest
    if scales > 1:
        assert COARSEST <= found[0].height < 2 * COARSEST


@pytest.mark.parametrize("steps", [*range(5, 40), 240, 5000])
def test_the_steps_of_the_scales_add_up(steps):
    for longest in (64, 512, 900, 2048):
        found = plan(longest, longest, steps, COARSEST, 0.5)
        assert sum(scale.steps for scale in found) == steps
        assert all(scale.steps >= 1 for scale in found)
        assert found[-1].steps <= found[0].steps


def test_every_scale_gets_a_step_however_few_there_are():
    assert [scale.steps for scale in plan(512, 512, 1, COARSEST, 0.5)] == [1, 1, 1]


def test_proportions_stay_while_the_picture_grows():
    for scale in plan(700, 1333, 100, COARSEST, 0.5):
        assert scale.width / scale.height == pytest.approx(1333 / 700, rel=0.01)


# --- More steps ------------------------------------------------------------------------------

PLAN = [Scale(96, 128, 20), Scale(192, 256, 10)]


@pytest.mark.parametrize(
    ("scale", "step", "expected"),
    [
        (0, 4, 10),  # stopped early
        (0, 20, 10),  # stopped between two scales
        (1, 9, 10),  # stopped before the last step
        (1, 10, 70),  # all done
        (1, 500, 560),  # a time budget went beyond the plan
    ],
)
def test_steps_are_added_at_the_full_size_where_all_are_done(scale, step, expected):
    assert extend(PLAN, scale, step, 60) == [PLAN[0], Scale(192, 256, expected)]


# --- A time budget ---------------------------------------------------------------------------

SCALES = [Scale(10, 10, 40), Scale(20, 20, 20)]
"""4,000 and 8,000 pixels to compute."""


@pytest.mark.parametrize(
    ("seconds", "expected"), [(12, [40, 20]), (6, [20, 10]), (24, [80, 40]), (0, [1, 1])]
)
def test_steps_are_stretched_to_fill_the_time(seconds, expected):
    found = replan(SCALES, seconds, 1e-3)
    assert [scale.steps for scale in found] == expected
    assert [(s.height, s.width) for s in found] == [(10, 10), (20, 20)]


def test_no_time_left_means_one_step_a_scale():
    assert [scale.steps for scale in replan(SCALES, -3, 1e-3)] == [1, 1]
