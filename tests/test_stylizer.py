"""Style transfer in one pass: what an untrained network must do, and what it is taught."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from painting import picture
from PIL import Image

import train
from generative import checkpoints
from generative.backend import keras, tf
from generative.errors import DataError, InputError, TrainingError
from generative.style_transfer import curricula, described, lessons, pairs, stylizer, stylizer_run
from generative.style_transfer.losses import Statistics
from generative.style_transfer.stylizer_network import STRIDE, StyledNorm

SMALL = {"description": 2448, "code": 4, "full": 4, "half": 8, "quarter": 8, "eighth": 8}
PHOTO = picture(60, 90, seed=1)
STYLES = [picture(50, 70, seed=2), picture(64, 64, seed=3), picture(90, 40, seed=4)]


@pytest.fixture(scope="module")
def model():
    """A small network that paints at random."""
    keras.utils.set_random_seed(0)
    return stylizer.Model(stylizer.build(**SMALL), {"configuration": SMALL})


def difference(first, second):
    return float(np.mean(np.abs(first.astype(float) - second.astype(float))))


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (61, 200), (257, 123), (40, 320)])
def test_a_painting_has_the_size_of_its_photo(model, size):
    found = model.stylize(picture(*size), [(STYLES[0], 1)])
    assert found.shape == (*size, 3)
    assert found.dtype == np.uint8


def test_strength_goes_from_the_photo_to_the_painting(model):
    found = [
        model.stylize(PHOTO, [(STYLES[0], 1)], strength=strength) for strength in (0, 0.05, 0.5, 1)
    ]
    np.testing.assert_array_equal(found[0], PHOTO)
    away = [difference(each, PHOTO) for each in found]
    assert away == sorted(away)
    assert 0 < away[1] < away[3] / 4


def test_the_order_of_styles_does_not_matter(model):
    blend = [(STYLES[0], 0.2), (STYLES[1], 0.5), (STYLES[2], 3.0)]
    found = model.stylize(PHOTO, blend)
    for other in (blend[::-1], [blend[1], blend[2], blend[0]]):
        np.testing.assert_array_equal(model.stylize(PHOTO, other), found)


def test_a_blend_lies_between_its_styles(model):
    first, second, both = (
        model.stylize(PHOTO, [(STYLES[0], a), (STYLES[1], b)]) for a, b in ((1, 0), (0, 1), (1, 1))
    )
    assert difference(both, first) < difference(first, second)
    assert difference(both, second) < difference(first, second)


def test_weights_of_styles_count_beside_each_other_alone(model):
    few, many = (
        model.stylize(PHOTO, [(STYLES[0], weight), (STYLES[1], 3 * weight)]) for weight in (1, 7)
    )
    assert difference(few, many) < 0.01
    alone = model.stylize(PHOTO, [(STYLES[0], 1), (STYLES[1], 0)])
    np.testing.assert_array_equal(alone, model.stylize(PHOTO, [(STYLES[0], 5)]))


def test_the_anchor_moves_with_the_photo():
    photo = picture(80, 90, seed=7)
    row, column = stylizer.anchor(photo)
    assert stylizer.anchor(photo[3:, 2:]) == (row - 3, column - 2)
    assert min(stylizer.anchor(np.full((40, 40, 3), 9, np.uint8))) >= stylizer.MARGIN


def test_the_photos_colours_are_kept_where_asked_for(model):
    found = model.stylize(PHOTO, [(STYLES[0], 1)], preserve_color="luminance")
    chroma = [
        np.asarray(Image.fromarray(each).convert("YCbCr"))[..., 1:] for each in (found, PHOTO)
    ]
    inside = (found.min(axis=2) > 0) & (found.max(axis=2) < 255)
    assert difference(chroma[0][inside], chroma[1][inside]) < 1


def test_a_style_is_seen_once(model, monkeypatch):
    seen = []
    describe = model._describe
    monkeypatch.setattr(model, "_describe", lambda x: seen.append(1) or describe(x))
    style = picture(48, 48, seed=99)
    for _ in range(3):
        model.stylize(PHOTO, [(style, 1)])
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"styles": []}, "no style"),
        ({"styles": [(STYLES[0], 0)]}, "no style"),
        ({"styles": [(STYLES[0], -1)]}, "weight of a style"),
        ({"styles": [(STYLES[0], 1)] * 9}, "too many styles"),
        ({"styles": [(STYLES[0][..., 0], 1)]}, "style picture"),
        ({"styles": 3}, "list of pairs"),
        ({"strength": 1.1}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"strength": True}, "strength"),
        ({"style_scale": 9}, "size of the strokes"),
        ({"preserve_color": "blue"}, "way to keep colours"),
        ({"content": None}, "no content picture"),
        ({"content": PHOTO.astype(float)}, "uint8"),
        ({"content": PHOTO[:20]}, "too small"),
        ({"content": np.zeros((32, 2049, 3), np.uint8)}, "long and narrow"),
        ({"content": np.zeros((500, 2049, 3), np.uint8)}, "too large"),
    ],
)
def test_what_cannot_be_painted_gets_one_sentence(model, wrong, complaint):
    given = {"content": PHOTO, "styles": [(STYLES[0], 1)], **wrong}
    with pytest.raises(InputError, match=complaint):
        model.stylize(**given)


# --- What is known of a style --------------------------------------------------------------------


def seen_by_hand(places):
    """Return the statistics of (n, places, 2) activations of one layer at one octave."""
    mean = places.mean(axis=1)
    apart = places - mean[:, None]
    covariance = np.einsum("npi,npj->nij", apart, apart) / places.shape[1]
    return ({"layer": Statistics(tf.constant(mean), tf.constant(covariance))},)


def test_a_description_is_means_and_logarithms_of_deviations():
    places = np.random.default_rng(0).normal(2, 3, (2, 500, 2)).astype(np.float32)
    found = described.describe(seen_by_hand(places)).numpy()
    expected = np.concatenate([places.mean(axis=1), np.log(places.std(axis=1))], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_mixed_statistics_are_those_of_a_picture_whose_area_is_shared():
    rng = np.random.default_rng(1)
    first, second = (rng.normal(m, 1, (1, 100, 2)).astype(np.float32) for m in (0, 5))
    found = described.mixed(seen_by_hand(first), seen_by_hand(second), tf.constant([0.75]))
    whole = np.concatenate([first, second, second, second], axis=1)
    for have, want in zip(found[0]["layer"], seen_by_hand(whole)[0]["layer"], strict=True):
        np.testing.assert_allclose(have, want, atol=1e-4)


def test_a_styled_norm_gives_each_channel_the_mean_and_deviation_of_its_style():
    x = np.random.default_rng(2).normal(3, 2, (2, 16, 16, 3)).astype(np.float32)
    scale, shift = np.array([[0.5, 0, -0.5]] * 2, "f"), np.array([[1, 2, 3]] * 2, "f")
    found = StyledNorm()(x, scale, shift).numpy()
    np.testing.assert_allclose(found.mean(axis=(1, 2)), shift, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=(1, 2)), 1 + scale, atol=1e-3)


# --- What it is taught ---------------------------------------------------------------------------


def test_large_errors_count_less():
    errors = tf.constant([0.0, 0.01, 2.0, 500.0])
    found = lessons.saturated(errors).numpy()
    assert found[0] == 0
    assert found[1] == pytest.approx(0.01, rel=0.01)
    assert found[2] < 2
    assert found[3] < 20


def test_paintings_in_their_own_style_are_not_mistaken():
    codes = tf.eye(4)
    right = float(lessons.mistaken(codes, codes))
    wrong = float(lessons.mistaken(tf.roll(codes, 1, axis=0), codes))
    assert right < 0.05 < 1 < wrong


@pytest.fixture
def taught(tmp_path, monkeypatch):
    """Folders of photos and styles, and a network small enough to be taught by them in a test."""
    monkeypatch.setattr(stylizer_run, "SIDE", 64)
    monkeypatch.setattr(lessons, "SIDES", (64,))
    config = replace(stylizer.TRAINING[""], epochs=2, learning_rate=5e-3, configuration=SMALL)
    monkeypatch.setattr(stylizer, "TRAINING", MappingProxyType({"": config}))
    for folder in ("contents", "styles"):
        (tmp_path / folder).mkdir()
        for seed in range(curricula.HELD_OUT + 1):
            made = picture(64, 72, seed if folder == "contents" else 100 + seed)
            Image.fromarray(made).save(tmp_path / folder / f"{seed:02}.png")
    return tmp_path


def arguments_for(folder, *more):
    given = ["--contents", folder / "contents", "--styles", folder / "styles"]
    return ["stylizer", *map(str, [*given, "--output", folder / "out", *more])]


def test_training_lowers_the_loss_and_leaves_a_checkpoint_with_its_card(taught, capsys):
    assert train.main(arguments_for(taught)) == 0
    card = checkpoints.read_card(stylizer.CHECKPOINT, taught / "out")
    assert card["training"]["command"].startswith("python train.py stylizer --contents DIR")
    assert card["training"]["epochs_done"] == 2
    assert card["metrics"]["pairs"] > 0
    left = sorted(path.name for path in (taught / "out" / stylizer.CHECKPOINT).iterdir())
    assert left == ["card.json", "log.jsonl", "model.weights.h5", "sheet-001.jpg", "sheet-002.jpg"]
    lines = (taught / "out" / stylizer.CHECKPOINT / "log.jsonl").read_text().splitlines()
    first, last = (json.loads(line)["loss"] for line in lines)
    assert last < first


def test_a_run_that_was_stopped_goes_on_where_it_was(taught):
    def run(resume):
        request = stylizer_run.StylizerRequest(taught / "contents", taught / "styles", epochs=2)
        return stylizer_run.StylizerRun(request, taught / "out", resume)

    begun = run(resume=False)
    for progress in begun.steps():
        if progress.epoch_ends:
            break
    resumed = run(resume=True)
    assert resumed.trainer.epoch == 1
    assert list(resumed.steps())[-1].epoch == 2


def test_pairs_are_painted_learned_from_and_kept(taught, monkeypatch, capsys):
    painted = []

    def paint(original, style, size):
        painted.append(size)
        yield SimpleNamespace(image=255 - original)

    monkeypatch.setattr(pairs, "stylize", paint)
    made = ["pairs", "--style", taught / "styles/03.png", "--contents", taught / "contents"]
    made += ["--number", 6, "--side", 64, "--output", taught / "pairs"]
    for _ in range(2):
        assert train.main([*map(str, made)]) == 0
    assert painted == [64] * 6
    learn = ["stylizer", "--pairs", taught / "pairs", "--output", taught / "out", "--epochs", 6]
    assert train.main([*map(str, learn)]) == 0
    name = f"{stylizer.CHECKPOINT}-pairs"
    card = checkpoints.read_card(name, taught / "out")
    assert card["training"]["command"].startswith("python train.py stylizer --pairs DIR")
    lines = (taught / "out" / name / "log.jsonl").read_text().splitlines()
    first, last = (json.loads(lines[at])["held_out"] for at in (0, -1))
    assert last < first


@pytest.mark.parametrize("given", [(), ("contents",), ("contents", "styles", "pairs"), ("styles",)])
def test_either_photos_and_styles_or_pairs_are_needed(given, tmp_path):
    with pytest.raises(InputError, match="--contents and --styles"):
        stylizer_run.StylizerRequest(**dict.fromkeys(given, tmp_path))


def test_an_empty_folder_of_pairs_gets_one_sentence(tmp_path):
    with pytest.raises(DataError, match="no pairs"):
        pairs.load(tmp_path, 64)


def test_too_few_pictures_get_one_sentence(taught):
    for path in (taught / "styles").glob("1*.png"):
        path.unlink()
    with pytest.raises(DataError, match=r"pictures in .*styles: expected more than 20"):
        train._teach(train.models.MODELS["stylizer"], train.parse(arguments_for(taught)))


def test_a_broken_picture_is_named(taught):
    (taught / "styles" / "05.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"05\.png cannot be used"):
        pairs.pictures_in(taught / "styles")


def test_a_trial_does_not_replace_the_programs_own_checkpoint(taught):
    request = stylizer_run.StylizerRequest(taught / "contents", taught / "styles", limit=20)
    with pytest.raises(TrainingError, match="trial"):
        stylizer_run.StylizerRun(request)


def test_sides_are_multiples_of_the_stride_inside(model):
    sizes = []
    paint = model._paint
    model._paint = lambda x, *rest: sizes.append(x.shape[1:3]) or paint(x, *rest)
    try:
        model.stylize(picture(37, 53), [(STYLES[0], 1)])
    finally:
        model._paint = paint
    assert all(side % STRIDE == 0 for side in sizes[0])
