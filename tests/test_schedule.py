from __future__ import annotations

import pytest

from generative.style_transfer.schedule import COARSEST, Scale, fit, plan, replan


@pytest.mark.parametrize(
    ("height", "width", "longest", "expected"),
    [
        (300, 400, 200, (150, 200)),
        (400, 300, 200, (200, 150)),
        (100, 100, 512, (512, 512)),
        (333, 500, 64, (43, 64)),
        (1, 1000, 100, (1, 100)),
    ],
)
def test_a_size_is_fitted_by_its_longest_side(height, width, longest, expected):
    assert fit(height, width, longest) == expected


def test_a_plan_by_hand():
    # Shares of 1, 1 and ½ of 240 steps.
    expected = [Scale(96, 128, 96), Scale(192, 256, 96), Scale(384, 512, 48)]
    assert plan(384, 512, 240) == expected


@pytest.mark.parametrize(("longest", "scales"), [(64, 1), (128, 1), (254, 1), (256, 2), (2048, 5)])
def test_scales_double_from_the_coarsest(longest, scales):
    found = plan(longest, longest // 2, 100)
    assert len(found) == scales
    assert found[-1].height == longest
    if scales > 1:
        assert COARSEST <= found[0].height < 2 * COARSEST


@pytest.mark.parametrize("steps", [*range(5, 40), 240, 5000])
def test_the_steps_of_the_scales_add_up(steps):
    for longest in (64, 512, 900, 2048):
        found = plan(longest, longest, steps)
        assert sum(scale.steps for scale in found) == steps
        assert all(scale.steps >= 1 for scale in found)
        assert found[-1].steps <= found[0].steps


def test_every_scale_gets_a_step_however_few_there_are():
    assert [scale.steps for scale in plan(512, 512, 1)] == [1, 1, 1]


def test_proportions_stay_while_the_picture_grows():
    for scale in plan(700, 1333, 100):
        assert scale.width / scale.height == pytest.approx(1333 / 700, rel=0.01)


def test_more_steps_are_made_at_the_full_size():
    before, after = plan(384, 512, 240), plan(384, 512, 240, more_steps=30)
    assert after[:-1] == before[:-1]
    assert after[-1] == Scale(384, 512, 48 + 30)


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
