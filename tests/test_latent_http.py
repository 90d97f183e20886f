"""The panel "Latent space" over plain HTTP."""

from __future__ import annotations

import base64
import functools
import io
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image
from talk import as_images, encoded, is_a_sentence, pixels_of, stroke

import generative
from generative import data
from generative.variational.paths import PATHS

NEAR = 1 / 255
MODELS = {"z2": 2, "z16": 16, "z32": 32, "cvae": 16}
every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(scope="module")
def other(app) -> dict[str, Any]:
    return app.upload(encoded(stroke(ink=150).transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


@functools.cache
def loaded(model: str, dataset: str = "mnist"):
    return generative.load(f"cvae-{dataset}-z16" if model == "cvae" else f"vae-{dataset}-{model}")


def frames_of(uri: str) -> np.ndarray:
    head, _, content = uri.partition(",")
    assert head == "data:image/gif;base64"
    film, frames = Image.open(io.BytesIO(base64.b64decode(content))), []
    for index in range(film.n_frames):
        film.seek(index)
        frames.append(np.asarray(film.convert("L")))
    assert film.info["loop"] == 0
    return np.stack(frames)


# --- Right answers ---------------------------------------------------------------------------


@every_model
def test_sample_draws_and_decodes_as_the_library_does(app, model):
    html, sent, *_ = app.call("sample", "mnist", model, 12, 0.7, 5, "prior", "every").result
    own = loaded(model)
    latents = own.draw(12, 0.7, 5)
    np.testing.assert_allclose(sent["latents"], latents, atol=1e-4)
    labels = np.arange(12) % 10 if model == "cvae" else None
    expected = own.decode(latents, labels)
    received = np.concatenate([pixels_of(uri) for uri in sent["images"]])
    np.testing.assert_allclose(received, expected, atol=NEAR)
    assert sent["seed"] == 5
    assert "Seed 5" in html
    assert html.count("data-index") == 12


def test_the_same_seed_gives_the_same_samples_and_another_one_others(app):
    first, again, new = (
        app.call("sample", "fashion_mnist", "z16", 5, 1, seed, "mixture", "every").result[1]
        for seed in (3, 3, 4)
    )
    assert first == again
    assert first["images"] != new["images"]


def test_a_class_can_be_asked_for(app):
    asked = app.call("sample", "fashion_mnist", "cvae", 3, 1, 0, "prior", "bag").result[1]
    assert asked["classes"] == ["bag"] * 3


@every_model
def test_decode_takes_as_many_latents_as_one_likes(app, model):
    latents = np.random.default_rng(0).normal(size=(7, MODELS[model])).round(3)
    sent = app.call("decode", "mnist", model, latents.tolist(), "every").result[0]
    labels = np.arange(7) if model == "cvae" else None
    expected = loaded(model).decode(latents.astype(np.float32), labels)
    received = np.concatenate([pixels_of(uri) for uri in sent])
    np.testing.assert_allclose(received, expected, atol=NEAR)


def test_interpolate_goes_both_ways_and_its_film_returns(app, stroke_file, other):
    _, sent = app.call("interpolate", stroke_file, other, "mnist", "z16", 9).result
    model = loaded("z16")
    ends = np.concatenate(
        [
            as_images(stroke()),
            as_images(stroke(ink=150).transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        ]
    )
    means, _ = model.encode(ends)
    for path in PATHS:
        received = np.concatenate([pixels_of(uri) for uri in sent[path]["images"]])
        np.testing.assert_allclose(received, model.interpolate(*means, 9, path), atol=NEAR)
        frames = frames_of(sent[path]["gif"])
        zoom = frames.shape[1] // 28
        there = (received[..., 0] * 255).round().repeat(zoom, axis=1).repeat(zoom, axis=2)
        np.testing.assert_allclose(frames, [*there, *there[-2:0:-1]], atol=1)


def test_traverse_changes_one_latent_at_a_time(app, stroke_file):
    _, sent = app.call("traverse", stroke_file, "mnist", "z16").result
    model = loaded("z16")
    assert sorted(sent["order"]) == list(range(16))
    assert sent["kl"] == sorted(sent["kl"], reverse=True)
    latent = np.array(sent["latent"], np.float32)
    np.testing.assert_allclose(latent, model.encode(as_images(stroke()))[0][0], atol=1e-3)
    strip = np.concatenate([pixels_of(uri) for uri in sent["images"][0]])
    values = np.array(sent["values"], np.float32)
    expected = model.traverse(latent, sent["order"][0], values)
    np.testing.assert_allclose(strip, expected, atol=2 * NEAR)


@every_model
def test_a_picture_minus_itself_plus_another_is_the_other(app, stroke_file, other, model):
    _, sent = app.call("arithmetic", stroke_file, stroke_file, other, "mnist", model).result
    clean = as_images(stroke(ink=150).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    rebuilt = loaded(model).reconstruct(clean)
    np.testing.assert_allclose(pixels_of(sent["image"]), rebuilt, atol=2 * NEAR)


def test_a_class_vector_times_nothing_leaves_the_picture_as_it_is_rebuilt(app, stroke_file):
    answer = app.call("attribute", stroke_file, "fashion_mnist", "z16", 7, 9, 0)
    rebuilt = loaded("z16", "fashion_mnist").reconstruct(as_images(stroke()))
    np.testing.assert_allclose(pixels_of(answer.result[1]["image"]), rebuilt, atol=NEAR)
    moved = app.call("attribute", stroke_file, "fashion_mnist", "z16", 7, 9, 1)
    assert moved.result[1]["image"] != answer.result[1]["image"]
    assert "is told the class" not in moved.result[0]
    told = app.call("attribute", stroke_file, "fashion_mnist", "cvae", 7, 9, 1)
    assert "is told the class" in told.result[0]


def test_rewrite_writes_every_class(app, stroke_file):
    _, sent = app.call("rewrite", stroke_file, "mnist").result
    assert list(sent["images"]) == list(data.CLASSES["mnist"])
    assert sent["taken_for"] in data.CLASSES["mnist"]
    assert len(set(sent["images"].values())) == 10


@every_model
def test_inspect_says_what_the_library_says(app, stroke_file, model):
    html, _, _, sent = app.call("inspect", stroke_file, "mnist", model).result
    own, clean = loaded(model), as_images(stroke())
    posterior = own.infer(clean)
    np.testing.assert_allclose(sent["mean"], posterior.mean[0], atol=1e-3)
    cost = own.elbo_terms(clean, posterior.labels).negative_elbo[0]
    assert sent["negative_elbo"] == pytest.approx(cost, rel=1e-3)
    assert 0 <= sent["percentile"] <= 100
    assert len(sent["neighbours"]) == 8
    np.testing.assert_allclose(pixels_of(sent["reconstruction"]), own.reconstruct(clean), atol=NEAR)
    assert sent["reconstruction"] in html
    taken_for = sent["taken_for"]
    assert (taken_for in data.CLASSES["mnist"]) if model == "cvae" else taken_for is None


# --- Nonsense --------------------------------------------------------------------------------

RIGHT = {
    "sample": ["mnist", "z16", 4, 1, 0, "prior", "every"],
    "decode": ["mnist", "z2", [[0, 0]], "every"],
    "interpolate": ["PICTURE", "PICTURE", "mnist", "z16", 5],
    "traverse": ["PICTURE", "mnist", "z16"],
    "arithmetic": ["PICTURE", "PICTURE", "PICTURE", "mnist", "z16"],
    "attribute": ["PICTURE", "mnist", "z16", 7, 9, 1],
    "rewrite": ["PICTURE", "mnist"],
    "inspect": ["PICTURE", "mnist", "z16"],
}
NUMBERS = [math.nan, math.inf, -1, 1e9, True, None, "3", [1]]
WRONG = [
    *(("sample", 2, value) for value in [*NUMBERS, 0, 101, 2.5]),
    *(("sample", 3, value) for value in [*NUMBERS, 2.01]),
    *(("sample", 4, value) for value in [*NUMBERS[:3], True, "3", 0.5]),
    *(("sample", 5, value) for value in ("posterior", None, 1, [])),
    *(("sample", 6, value) for value in ("7", "bag", None, 7)),
    *(("decode", 2, value) for value in ([], [[0]], [[0, 0, 0]], [[0, math.nan]], [[0, math.inf]])),
    *(
        ("decode", 2, value)
        for value in ([["a", "b"]], [[0, 1e9]], [0, 0], None, "z", {}, [[[0, 0]]], [[True, False]])
    ),
    ("decode", 2, [[10**400, 0]]),
    ("decode", 2, [[0, 0]] * 1001),
    *(("interpolate", 4, value) for value in [*NUMBERS, 1, 33, 2.5]),
    *(("attribute", 3, value) for value in [*NUMBERS, "bag", 10]),
    *(("attribute", 5, value) for value in NUMBERS),
    *((name, 0, None) for name in RIGHT if RIGHT[name][0] == "PICTURE"),
    *((name, RIGHT[name].index("mnist"), "cifar10") for name in RIGHT),
    *((name, RIGHT[name].index("mnist") + 1, "z64") for name in RIGHT if name != "rewrite"),
]


def test_the_right_values_are_right(app, stroke_file):
    for name, values in RIGHT.items():
        sent = [stroke_file if value == "PICTURE" else value for value in values]
        assert app.call(name, *sent).error is None


@pytest.mark.parametrize(("name", "at", "value"), WRONG, ids=lambda value: str(value)[:20])
def test_a_wrong_value_is_refused_in_a_sentence(app, stroke_file, name, at, value):
    values = [stroke_file if given == "PICTURE" else given for given in RIGHT[name]]
    values[at] = value
    assert is_a_sentence(app.call(name, *values).error)


def test_an_empty_drawing_is_refused_in_a_sentence(app):
    blank = app.upload(encoded(Image.new("RGB", (280, 280), "white")))
    for name in ("traverse", "inspect"):
        assert is_a_sentence(app.call(name, blank, "mnist", "z16").error)


def test_an_unknown_class_of_a_conditional_model_is_refused(app):
    answer = app.call("sample", "mnist", "cvae", 3, 1, 0, "prior", "bag")
    assert "Expected one of: every, 0, 1" in answer.error
