"""Paintings by a tiny network: what every step promises, and what resuming and stopping do."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from painting import SHALLOW, flat, picture
from PIL import Image, ImageDraw
from talk import is_a_sentence

from generative.backend import tf
from generative.errors import InputError, TransferError
from generative.style_transfer import (
    LiveWeights,
    StyleStep,
    descent,
    engine,
    examples,
    optimizers,
    procedures,
    schedule,
    stylize,
    tiles,
)
from generative.style_transfer.features import Convolution, FeatureNetwork, Networks
from generative.style_transfer.objective import STYLE_SHARE, VARIATION_SHARE, objective_for
from generative.style_transfer.options import STYLE_LAYERS, Balance
from generative.style_transfer.resizing import resize
from generative.style_transfer.state import State
from generative.training import precision

CONTENT, STYLE = picture(72, 96, 1), picture(64, 80, 2)
SIZE, STEPS = 80, 12


def start(content=CONTENT, style=STYLE, **options):
    chosen = {"size": SIZE, "steps": STEPS, "network": SHALLOW} | options
    return stylize(content, style, **chosen)


def paint(content=CONTENT, style=STYLE, **options) -> list[StyleStep]:
    return list(start(content, style, **options))


def same(found: StyleStep, expected: StyleStep) -> bool:
    numbers = ("step", "total_steps", "content_loss", "style_loss", "tv_loss", "layer_losses")
    return np.array_equal(found.image, expected.image) and all(
        getattr(found, name) == getattr(expected, name) for name in numbers
    )


@pytest.fixture(scope="module")
def painted():
    """All steps of one painting."""
    return paint()


@pytest.fixture(scope="module", autouse=True)
def begin_small():
    """Begin at 64 pixels instead of 128: a second scale costs a quarter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "COARSEST", 64)
        yield


@pytest.fixture(scope="module")
def grown():
    """All steps of one painting at two scales: 64 and 128 pixels."""
    return paint(size=128, steps=8)


# --- What a step says ------------------------------------------------------------------------


def test_the_objective_falls():
    steps = paint(steps=40)
    totals = [s.content_loss + STYLE_SHARE * s.style_loss for s in steps]
    assert steps[-1].style_loss < 0.5 * steps[0].style_loss
    assert totals[-1] < 0.6 * totals[0]


def test_steps_are_counted(painted):
    assert [each.step for each in painted] == list(range(1, STEPS + 1))
    assert {each.total_steps for each in painted} == {STEPS}
    assert painted[-1].eta_seconds == 0
    assert painted[0].eta_seconds == 0
    assert all(each.eta_seconds > 0 for each in painted[1:-1])


def test_proportions_stay(painted):
    for each in painted:
        assert each.image.shape == (60, 80, 3)
        assert each.image.dtype == np.uint8
    assert paint(picture(96, 40), steps=1)[0].image.shape == (80, 33, 3)


def test_losses_are_of_every_style_layer(painted):
    for each in painted:
        assert each.layer_losses.keys() == set(STYLE_LAYERS)
        assert each.style_loss == pytest.approx(np.mean(list(each.layer_losses.values())), rel=1e-4)
        assert each.tv_loss > 0


def test_the_first_content_loss_is_none_where_colours_are_kept():
    kept = paint(preserve_color="luminance", steps=2)
    assert kept[0].content_loss == pytest.approx(0, abs=1e-6)
    assert kept[1].content_loss > kept[0].content_loss


def test_it_begins_in_the_colours_of_the_style(painted):
    style_mean = STYLE.reshape(-1, 3).mean(axis=0)

    def distance(image) -> float:
        return float(np.abs(image.reshape(-1, 3).mean(axis=0) - style_mean).max())

    assert distance(painted[0].image) < 15
    assert distance(painted[0].image) < distance(paint(style_weight=0, steps=1)[0].image)


@pytest.mark.parametrize("procedure", ["octaves", "pixels"])
def test_the_more_style_weighs_the_more_its_colours_show(procedure):
    def colourful(weight: float) -> float:
        begun = paint(style_weight=weight, procedure=procedure, steps=1)[0].image
        return float(np.abs(begun.astype(int) - kept).mean())

    kept = paint(style_weight=0, procedure=procedure, steps=1)[0].image
    found = [colourful(weight) for weight in (0.001, 0.05, 0.5, 5)]
    assert found == sorted(found)
    assert found[0] < 0.1 * found[-1]


def test_scales_grow_and_their_steps_add_up(grown):
    sizes = [each.image.shape[:2] for each in grown]
    assert sizes == [(48, 64)] * 6 + [(96, 128)] * 2
    assert [each.step for each in grown] == list(range(1, 9))
    assert [each.state.scale for each in grown] == [0] * 6 + [1] * 2


def test_the_pictures_given_are_left_alone():
    content, style = CONTENT.copy(), STYLE.copy()
    paint(steps=2, preserve_color="statistics")
    np.testing.assert_array_equal(CONTENT, content)
    np.testing.assert_array_equal(STYLE, style)


# --- Chance ----------------------------------------------------------------------------------


def test_the_same_seed_paints_the_same_picture():
    first, again = (paint(initial="noise", seed=3, steps=5) for _ in range(2))
    assert all(map(same, first, again))


def test_another_seed_paints_another():
    first, other = (paint(initial="noise", seed=seed, steps=2)[-1].image for seed in (3, 4))
    assert np.abs(first.astype(int) - other).mean() > 10


LINES = Image.new("RGB", (160, 120), "white")
DRAWING = ImageDraw.Draw(LINES)
DRAWING.rectangle((40, 50, 110, 105), outline="black", width=2)
DRAWING.line([(40, 50), (75, 20), (110, 50)], fill="black", width=2)
BARE = {"a line drawing": np.asarray(LINES), "white": flat(120, 160, (255,) * 3)}


@pytest.mark.parametrize(("content", "style"), [("a line drawing", "oil"), ("white", "woodcut")])
def test_a_bare_content_becomes_as_lively_as_the_style(content, style):
    look = examples.load(style)
    found = paint(BARE[content], look, size=96, steps=40, network="features")[-1].image
    of_the_painting, of_the_style = (x.reshape(-1, 3).var(axis=0).sum() for x in (found, look))
    assert np.sqrt(of_the_painting / of_the_style) >= 0.75


def test_regions_of_a_bare_content_begin_in_the_colours_of_their_styles():
    red, blue = picture(64, 64, 5), picture(64, 64, 6)
    red[..., 2] //= 4
    blue[..., 0] //= 4
    left = np.zeros((120, 160), np.uint8)
    left[:, :80] = 255
    begun = paint(
        BARE["white"], None, styles=[(red, 1), (blue, 1)], style_regions=[left, 255 - left], steps=1
    )[0].image
    for part, style in ((begun[:, :35], red), (begun[:, -35:], blue)):
        part_deviation, wanted = (x.reshape(-1, 3).std(axis=0).mean() for x in (part, style))
        assert part_deviation > 0.5 * wanted
        assert np.abs(part.mean(axis=(0, 1)) - style.mean(axis=(0, 1))).max() < 30


def test_what_a_bare_content_begins_with_is_drawn_by_the_seed():
    first, again, other = (paint(BARE["white"], seed=x, steps=1)[0] for x in (3, 3, 4))
    assert same(first, again)
    assert np.abs(first.image.astype(int) - other.image).mean() > 10


def test_a_painting_may_begin_with_a_picture():
    start_from = flat(72, 96, (10, 200, 30))
    begun = paint(initial=start_from, procedure="pixels", steps=1)[0].image
    assert np.abs(begun.astype(int) - (10, 200, 30)).max() <= 4


# --- Going on --------------------------------------------------------------------------------


def test_a_resumed_painting_goes_on_as_if_never_stopped(painted):
    for number in (1, 5, STEPS - 1):
        rest = paint(resume=painted[number - 1].state)
        assert len(rest) == STEPS - number
        assert all(map(same, rest, painted[number:]))


def test_a_state_survives_being_bytes(painted):
    content = painted[3].state.to_bytes()
    assert isinstance(content, bytes)
    rest = paint(resume=State.from_bytes(content))
    assert all(map(same, rest, painted[4:]))
    assert len(rest) == STEPS - 4


@pytest.mark.parametrize("number", [2, 5, 6, 7])
def test_a_painting_is_resumed_before_on_and_after_a_change_of_scale(grown, number):
    state = State.from_bytes(grown[number - 1].state.to_bytes())
    rest = paint(size=128, steps=8, resume=state)
    assert len(rest) == len(grown) - number
    assert all(map(same, rest, grown[number:]))


def test_a_finished_painting_has_nothing_left_to_do(painted):
    assert paint(resume=painted[-1].state) == []


def test_more_steps_go_on_from_a_finished_painting():
    # In pixels, where the rate is always the same, all at once is as good.
    *_, last = paint(procedure="pixels", steps=4)
    more = paint(procedure="pixels", steps=4, resume=last.state, more_steps=4)
    assert [each.step for each in more] == [5, 6, 7, 8]
    assert {each.total_steps for each in more} == {8}
    at_once = paint(procedure="pixels", steps=8)[4:]
    assert all(map(same, more, [replace(x, total_steps=8) for x in at_once]))


def test_more_steps_are_made_at_the_full_size():
    done = paint(size=128, steps=3)[-1].state
    shapes = [x.image.shape for x in paint(size=128, steps=3, resume=done, more_steps=2)]
    assert shapes == [(96, 128, 3)] * 2


def test_steps_are_added_only_when_all_that_were_planned_are_done(painted):
    assert len(paint(resume=painted[5].state, more_steps=4)) == STEPS - 6


def test_a_painting_that_stopped_while_it_went_on_does_the_steps_it_had_planned(painted):
    stopped = paint(resume=painted[-1].state, more_steps=4)[1].state
    for state in (stopped, State.from_bytes(stopped.to_bytes())):
        for more_steps in (0, 7):
            rest = paint(resume=state, more_steps=more_steps)
            assert [each.step for each in rest] == [STEPS + 3, STEPS + 4]


def test_a_painting_gets_more_steps_every_time(painted):
    once = paint(resume=painted[-1].state, more_steps=2)
    twice = paint(resume=once[-1].state, more_steps=3)
    assert [each.step for each in twice] == [STEPS + 3, STEPS + 4, STEPS + 5]


def test_no_more_steps_are_added_than_there_can_be(painted):
    def at(step: int) -> State:
        return replace(painted[-1].state, step=STEPS + step, more_steps=step)

    assert next(start(resume=at(4_950), more_steps=50)).total_steps == STEPS + 50
    with pytest.raises(InputError, match="as many steps as one can have") as caught:
        start(resume=at(4_950), more_steps=51)
    assert is_a_sentence(str(caught.value))


def test_steps_are_added_to_nothing_but_a_painting():
    with pytest.raises(InputError, match="no painting to add steps to") as caught:
        start(more_steps=4)
    assert is_a_sentence(str(caught.value))


# --- In pixels alone -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_pixels():
    """All steps of one painting in pixels at two scales: 64 and 128 pixels."""
    return paint(procedure="pixels", size=128, steps=8)


def test_a_painting_in_pixels_grows_and_comes_closer_to_its_style(in_pixels):
    first, last = in_pixels[0], in_pixels[-1]
    assert (first.image.shape, last.image.shape) == ((48, 64, 3), (96, 128, 3))
    small = [each for each in in_pixels if each.state.scale == 0]
    assert small[-1].style_loss < 0.9 * small[0].style_loss


def test_the_procedure_says_how_many_steps_there_are():
    options = {"size": 64, "network": SHALLOW}
    assert next(stylize(CONTENT, STYLE, **options)).total_steps == 102
    assert next(stylize(CONTENT, STYLE, procedure="pixels", **options)).total_steps == 200


def test_a_painting_in_the_pyramid_ends_in_pixels_and_does_not_go_on_in_others():
    steps = paint(procedure="pyramid", size=128, steps=6)
    small = [each for each in steps if each.state.scale == 0]
    assert small[-1].style_loss < 0.9 * small[0].style_loss
    assert (len(small), steps[-1].image.shape) == (4, (96, 128, 3))
    with pytest.raises(InputError, match="of another picture"):
        paint(procedure="octaves", size=128, steps=6, resume=small[1].state)


def test_large_forms_weigh_the_coarser_octaves_more(monkeypatch):
    monkeypatch.setattr(schedule, "COARSEST", 128)  # Smaller pictures have one octave.
    # Of the style with grain, the coarser octaves look like the style.
    style = picture(128, 160, 2)
    grain = np.random.default_rng(0).normal(0, 30, style.shape)
    grainy = np.clip(style + grain, 0, 255).astype(np.uint8)
    fine, even, large = (
        paint(grainy, style, size=160, steps=1, forms=forms, initial=grainy)[0].style_loss
        for forms in (0.25, 1, 4)
    )
    assert fine > even > large


def test_a_panorama_too_narrow_for_octaves_keeps_its_deep_layers():
    wide = paint(picture(40, 320), size=320, steps=2)[-1]
    assert wide.layer_losses.keys() == set(STYLE_LAYERS)
    deepest = {layer: float(layer == STYLE_LAYERS[-1]) for layer in STYLE_LAYERS}
    alone = paint(picture(40, 320), size=320, steps=2, layer_weights=deepest)[-1]
    assert np.isfinite(alone.style_loss)


# --- Weights in mid-run ----------------------------------------------------------------------


def traces() -> int:
    procedure = procedures.BY_NAME["octaves"]
    networks = Networks(SHALLOW, SHALLOW)
    objective = objective_for(networks, procedure.content_shares, precision.fastest())
    ways = (procedure.coarse, procedure.last)
    return sum(descent.adam_step(objective, way).experimental_get_tracing_count() for way in ways)


def test_weights_turned_in_mid_run_count_from_the_next_step(painted):
    weights = LiveWeights()
    steps = start(weights=weights)
    before = [next(steps) for _ in range(4)]
    assert all(map(same, before, painted))
    compiled = traces()
    weights.turn(style=0.0, content=5.0)
    after = list(steps)
    assert traces() == compiled
    # The fifth step still shows the picture that the fourth one made; its own move is another.
    assert after[0].style_loss == painted[4].style_loss
    assert not np.array_equal(after[1].image, painted[5].image)
    assert after[-1].content_loss < 0.5 * painted[-1].content_loss


def test_styles_blended_anew_in_mid_run_count_from_the_next_step():
    other, weights = picture(64, 80, 7), LiveWeights()
    steps = start(style=None, styles=[(STYLE, 1), (other, 1)], weights=weights)
    fourth = [next(steps) for _ in range(4)][-1]
    compiled = traces()
    weights.turn(styles=(1, 3))
    turned = list(steps)
    assert traces() == compiled
    blended = paint(style=None, styles=[(STYLE, 1), (other, 3)], resume=fourth.state)
    assert len(turned) == STEPS - 4
    for found, expected in zip(turned, blended, strict=True):
        assert np.array_equal(found.image, expected.image)
        assert found.style_loss == expected.style_loss


def test_live_weights_of_more_styles_than_there_are_are_refused():
    with pytest.raises(InputError, match=r"Expected 1, one a style\. Received: 2"):
        start(weights=LiveWeights(styles=(1, 1)))


def test_sizes_and_options_need_no_compiling_of_their_own():
    for size in (128, 136):  # As many octaves as the pictures below have, in two shapes.
        paint(steps=2, size=size)
    compiled = traces()
    paint(steps=2, size=72, style_weight=3, seed=5, layer_weights={STYLE_LAYERS[2]: 0})
    paint(steps=2, size=130, seed=7, style_scale=2)
    assert traces() == compiled


def test_the_weights_given_take_the_place_of_the_options():
    options = paint(steps=3, content_weight=0.3, style_weight=2, total_variation_weight=0)
    assert all(map(same, paint(steps=3, weights=LiveWeights(0.3, 2, 0)), options))


@pytest.mark.parametrize("wrong", [-1, float("nan"), True, "1", 1001])
def test_a_wrong_weight_in_mid_run_is_refused_and_the_painting_goes_on(painted, wrong):
    weights = LiveWeights()
    steps = start(weights=weights)
    next(steps)
    with pytest.raises(InputError, match="Invalid style weight") as caught:
        weights.turn(style=wrong)
    assert is_a_sentence(str(caught.value))
    assert same(next(steps), painted[1])


def test_weights_that_change_places_while_they_are_read_are_never_both_0():
    """As many turns as there is time for, from another thread, between content and style alone."""
    weights, done = LiveWeights(1, 0, 0), threading.Event()

    def turn() -> None:
        while not done.is_set():
            weights.turn(content=0, style=1)
            weights.turn(content=1, style=0)

    turning = threading.Thread(target=turn)
    turning.start()
    try:
        assert len(list(start(weights=weights))) == STEPS
    finally:
        done.set()
        turning.join()


# --- Stopping --------------------------------------------------------------------------------


class CountedWeights(LiveWeights):
    """Weights that know how often they have been read."""

    reads = 0

    @property
    def now(self) -> Balance:
        self.reads += 1
        return self._now

    @now.setter
    def now(self, weights: Balance) -> None:
        self._now = weights


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_closing_stops(optimizer):
    """Weights are read at every step, so they show that none is made any more."""
    before, weights = set(threading.enumerate()), CountedWeights()
    steps = start(steps=5000, optimizer=optimizer, weights=weights)
    assert next(steps).step == 1
    reads = weights.reads
    steps.close()
    assert weights.reads == reads
    assert list(steps) == []
    assert set(threading.enumerate()) == before


def test_a_time_budget_decides_the_number_of_steps():
    paint(steps=2)
    begun = time.perf_counter()
    found = paint(steps=5000, seconds=1.5)
    took = time.perf_counter() - begun
    assert 0.5 < took < 60
    assert engine.TIMED_STEPS < len(found) < 5000
    assert all(each.step <= each.total_steps for each in found)
    assert found[-1].step == found[-1].total_steps == len(found)


def test_a_budget_that_is_spent_early_still_reaches_the_full_size(monkeypatch):
    def slowly(self) -> float:
        return 10.0

    monkeypatch.setattr(engine._Stopwatch, "since_start", slowly)
    found = paint(steps=50, seconds=1, size=128)
    assert [each.image.shape[1] for each in found] == [64] * engine.TIMED_STEPS + [128]
    assert all(each.step <= each.total_steps for each in found)
    assert found[-1].step == found[-1].total_steps


def test_ample_time_makes_more_steps_than_were_planned(monkeypatch):
    monkeypatch.setattr(engine._Stopwatch, "since_start", lambda self: 0.0)
    monkeypatch.setattr(engine._Stopwatch, "per_pixel", lambda self: 1 / (60 * 80))
    # A second a step, and 20 of them left once the first were timed.
    assert len(paint(steps=5, seconds=20)) == engine.TIMED_STEPS + 20


def test_a_budget_counts_anew_when_a_painting_is_resumed(monkeypatch):
    monkeypatch.setattr(engine._Stopwatch, "since_start", lambda self: 0.0)
    monkeypatch.setattr(engine._Stopwatch, "per_pixel", lambda self: 1 / (60 * 80))
    begun = paint(steps=5, seconds=20)
    again = paint(steps=5, seconds=20, more_steps=len(begun), resume=begun[-1].state)
    assert len(again) == engine.TIMED_STEPS + 20


# --- Masks, regions, blends ------------------------------------------------------------------


def test_outside_the_mask_the_content_stays_exactly():
    mask = np.zeros(CONTENT.shape[:2], np.uint8)
    mask[:, :48] = 255
    painted = paint(size=96, content_mask=mask)[-1].image
    np.testing.assert_array_equal(painted[:, 48:], CONTENT[:, 48:])
    assert np.abs(painted[:, :48].astype(int) - CONTENT[:, :48]).mean() > 3


def test_a_grey_mask_mixes():
    whole = paint(size=96)[-1].image.astype(float)
    half = paint(size=96, content_mask=np.full(CONTENT.shape[:2], 51, np.uint8))[-1].image
    np.testing.assert_allclose(half, 0.2 * whole + 0.8 * CONTENT, atol=0.51)


def test_every_region_gets_its_own_style():
    red, blue = picture(64, 64, 5), picture(64, 64, 6)
    red[..., 2] //= 4
    blue[..., 0] //= 4
    left = np.zeros(CONTENT.shape[:2], np.uint8)
    left[:, :48] = 255
    painted = paint(
        style=None,
        styles=[(red, 1), (blue, 1)],
        style_regions=[left, 255 - left],
        content_weight=0.0,
        steps=40,
    )[-1].image.astype(float)
    for part, look in ((painted[:, :30], red), (painted[:, -30:], blue)):
        for statistic in (np.mean, np.std):
            found, wanted = (statistic(each, axis=(0, 1)) for each in (part, look))
            np.testing.assert_allclose(found, wanted, atol=12)


def test_a_blend_lies_between_its_styles():
    other = picture(64, 80, 7)

    def loss_against(style, image) -> float:
        """Return how far a finished picture is from a style."""
        return paint(image, style, steps=1, size=SIZE, initial=image)[0].style_loss

    # As descended to: these pictures are noise, which is another once its colours have moved.
    how = {"steps": 40, "procedure": "pixels"}
    both = paint(style=None, styles=[(STYLE, 1), (other, 1)], **how)[-1].image
    first, second = (paint(style=each, **how)[-1].image for each in (STYLE, other))
    assert loss_against(STYLE, first) < loss_against(STYLE, both) < loss_against(STYLE, second)
    assert loss_against(other, second) < loss_against(other, both) < loss_against(other, first)


def test_a_style_of_weight_0_leaves_no_trace(painted):
    found = paint(style=None, styles=[(STYLE, 2), (picture(64, 80, 7), 0)])
    assert all(map(same, found, painted))


def test_a_second_style_of_weight_0_beside_the_first_is_none(painted):
    assert all(map(same, paint(styles=[(picture(64, 80, 7), 0)]), painted))


def test_layers_of_weight_0_do_not_count():
    first = STYLE_LAYERS[0]
    alone = paint(steps=2, layer_weights=dict.fromkeys(STYLE_LAYERS[1:], 0))
    for each in alone:
        assert each.style_loss == pytest.approx(each.layer_losses[first])


def test_strokes_of_another_size_are_another_style(painted):
    assert paint(steps=1, style_scale=2)[0].style_loss != painted[0].style_loss


# --- Colours ---------------------------------------------------------------------------------


def chroma(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(pixels.astype(float), -1, 0)
    return np.stack([red - green, blue - green])


def test_luminance_keeps_the_contents_colours(painted):
    content = resize(CONTENT, 60, 80)
    kept = paint(preserve_color="luminance")[-1].image
    free = painted[-1].image
    off_kept, off_free = (np.abs(chroma(x) - chroma(content)).mean() for x in (kept, free))
    assert off_kept < 0.5 * off_free


def test_statistics_keep_the_contents_mean_colour():
    green = flat(64, 80, (0, 200, 30)) + STYLE // 5
    kept, free = (
        paint(style=green, steps=40, content_weight=0.0, preserve_color=way)[-1].image
        for way in ("statistics", None)
    )
    off_kept, off_free = (np.abs(x.mean((0, 1)) - CONTENT.mean((0, 1))).max() for x in (kept, free))
    assert off_kept < 3
    assert off_free > 20


# --- L-BFGS ----------------------------------------------------------------------------------


def test_lbfgs_paints_too():
    steps = paint(optimizer="lbfgs", steps=15)
    assert [each.step for each in steps] == list(range(1, len(steps) + 1))
    assert len(steps) == 15
    totals = [
        s.content_loss + STYLE_SHARE * s.style_loss + VARIATION_SHARE * s.tv_loss for s in steps
    ]
    assert totals == sorted(totals, reverse=True)
    assert steps[-1].style_loss < 0.7 * steps[0].style_loss


def test_lbfgs_grows_and_resumes():
    steps = paint(optimizer="lbfgs", size=128, steps=7)
    assert [each.image.shape[1] for each in steps] == [64] * 5 + [128] * 2
    state = State.from_bytes(steps[2].state.to_bytes())
    went_on = paint(optimizer="lbfgs", size=128, steps=7, resume=state)
    assert [each.step for each in went_on] == [4, 5, 6, 7]


def test_lbfgs_that_finds_nothing_says_what_there_is_at_this_scale(monkeypatch):
    lbfgs = optimizers.lbfgs

    def at_the_first_scale(function, first, steps, bounds):
        small = first.size < 64 * 64 * 3
        return lbfgs(function, first, steps, bounds) if small else iter(())

    monkeypatch.setattr(optimizers, "lbfgs", at_the_first_scale)
    *_, before, last = paint(optimizer="lbfgs", size=128, steps=6)
    assert (before.image.shape[1], last.image.shape[1]) == (64, 128)
    assert last.step == last.total_steps == before.step
    # Adam's first step measures what it begins with.
    here = next(start(size=128, steps=6, resume=last.state))
    for name in ("content_loss", "style_loss", "tv_loss"):
        assert getattr(last, name) == pytest.approx(getattr(here, name), rel=1e-3)
        assert getattr(last, name) != pytest.approx(getattr(before, name), rel=1e-3)


# --- Large pictures --------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_picture_too_large_for_one_piece_is_painted_by_tiles(monkeypatch, optimizer):
    whole = paint(steps=3, optimizer=optimizer)
    monkeypatch.setattr(tiles, "AT_ONCE", 1000)
    by_tiles = paint(steps=3, optimizer=optimizer)
    numbers = [each.step for each in by_tiles]
    assert numbers == sorted(numbers)
    assert set(numbers) - {0} == {1, 2, 3}
    if optimizer == "adam":  # It also yields between tiles.
        assert numbers.count(2) > 1
    assert by_tiles[-1].style_loss == pytest.approx(whole[-1].style_loss, rel=0.05)
    assert np.abs(by_tiles[-1].image.astype(int) - whole[-1].image).mean() < 1


# --- Going wrong -----------------------------------------------------------------------------


def overflowing(threshold: float) -> FeatureNetwork:
    """Return a network that overflows as soon as a pixel is brighter than `threshold`."""
    first, *others = SHALLOW.convolutions
    kernel, bias = first.kernel.copy(), first.bias.copy()
    kernel[..., 0], bias[0] = 0, -1e30 * threshold
    kernel[1, 1, :, 0] = 1e30 / 3
    loud = Convolution(first.name, kernel, bias)
    return FeatureNetwork("overflowing", [loud, *others], 1.0, (0.0,) * 3)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_loss_that_is_no_number_ends_the_painting_with_one_sentence(optimizer):
    grey = np.repeat(np.random.default_rng(0).integers(0, 128, (64, 64, 1)), 3, 2).astype(np.uint8)
    bright = np.where(grey < 100, 0, 127).astype(np.uint8)
    before = set(threading.enumerate())
    steps = stylize(
        grey,
        bright,
        size=64,
        steps=60,
        network=overflowing(0.51),
        total_variation_weight=0,
        procedure="pixels",
        optimizer=optimizer,
    )
    done: list[StyleStep] = []
    with pytest.raises(TransferError) as caught:
        done.extend(steps)
    assert is_a_sentence(str(caught.value))
    assert done
    assert np.isfinite(done[-1].state.optimizer.picture).all()
    assert np.isfinite([done[-1].style_loss, done[-1].content_loss]).all()
    assert State.from_bytes(done[-1].state.to_bytes()).done == len(done)
    assert set(threading.enumerate()) == before


def test_a_state_with_impossible_numbers_paints_no_further():
    state = paint(steps=1)[0].state
    broken = state.optimizer._replace(second=-tf.ones_like(state.optimizer.second))
    with pytest.raises(TransferError, match="diverged"):
        paint(steps=3, resume=replace(state, optimizer=broken))


def altered(state: State, **arrays: np.ndarray) -> bytes:
    """Return a saved state in which some arrays are others."""
    with np.load(io.BytesIO(state.to_bytes())) as saved:
        found = {name: saved[name] for name in saved.files}
    return archive(**{**found, **arrays})


def archive(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def about(**changes: int) -> np.ndarray:
    size, counts = {"height": 60, "width": 80}, {"scale": 0, "step": 3, "done": 3, "more_steps": 0}
    return np.array(json.dumps({"format": 1} | size | counts | changes))


GREY = np.zeros((1, 9, 9, 1), np.float32)
DAMAGE = {
    "nothing": lambda state: b"",
    "text": lambda state: b"a style transfer",
    "half of it": lambda state: state.to_bytes()[:-2000],
    "no archive": lambda state: np.lib.format.magic(1, 0),
    "another archive": lambda state: archive(picture=GREY),
    "NaN": lambda state: altered(state, picture=np.full((1, 60, 80, 3), np.nan, np.float32)),
    "another shape": lambda state: altered(state, first=np.zeros((1, 61, 80, 3), np.float32)),
    "another dtype": lambda state: altered(state, weight=np.float64(1)),
    "grey": lambda state: altered(
        state, **dict.fromkeys(("picture", "first", "second", "average"), GREY)
    ),
    "another format": lambda state: altered(state, about=about(format=2)),
    "more steps below 0": lambda state: altered(state, about=about(more_steps=-1)),
    "a scale below 0": lambda state: altered(state, about=about(scale=-1)),
    "steps below 0": lambda state: altered(state, about=about(step=-5)),
    "no numbers": lambda state: altered(state, about=np.array("{}")),
}


def test_an_unaltered_state_is_read(painted):
    state = State.from_bytes(altered(painted[2].state, about=about()))
    assert (state.scale, state.step, state.done, state.more_steps) == (0, 3, 3, 0)
    for found, expected in zip(state.optimizer, painted[2].state.optimizer, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_refused(painted, damage):
    with pytest.raises(InputError) as caught:
        State.from_bytes(DAMAGE[damage](painted[2].state))
    assert is_a_sentence(str(caught.value))


class Trap:
    """An object that makes a folder when it is unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_reading_a_state_runs_nothing_that_is_inside(painted, tmp_path):
    trap = np.array([Trap(str(tmp_path / "sprung"))], object)
    with pytest.raises(InputError):
        State.from_bytes(altered(painted[2].state, picture=trap))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"size": 96}, {"size": 256}, {"content": picture(96, 72)}])
def test_a_state_of_another_size_is_refused(painted, options):
    with pytest.raises(InputError, match="of another picture or size") as caught:
        paint(resume=painted[2].state, **options)
    assert is_a_sentence(str(caught.value))
