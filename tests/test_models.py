"""The untrained networks on random pictures: shapes, ranges and what they refuse."""

from __future__ import annotations

import math
import re
import typing
from pathlib import Path

import numpy as np
import pytest
from painting import picture
from talk import ROOT

import generative
from generative import checkpoints, models
from generative.backend import keras, tf
from generative.data import noise, splits
from generative.errors import CheckpointError, InputError

IMAGES = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
POINTS = np.random.default_rng(2).normal(size=(3, 3)).astype(np.float32)
PHOTOS = np.random.default_rng(3).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
LARGE_PHOTOS = np.empty(3, object)
LARGE_PHOTOS[:] = [picture(100, 130, seed) for seed in range(3)]
EXAMPLES = {splits.PLANE: POINTS, splits.PICTURES: PHOTOS, splits.PHOTOS: LARGE_PHOTOS}
"""What a model takes that was trained on something else than digits and garments."""

PARAMETERS = {
    "linear": 3 * 2 + 2 * 3,
    "shallow": 784 * 32 + 32 + 32 * 784 + 784,
    "stacked": sum(a * b + b for a, b in [(784, 128), (128, 64), (64, 32), (32, 64), (64, 128)])
    + (128 * 784 + 784),
    # 3×3 convolutions down, up, the sketch and its decoder's first; an 8×8 one up from there.
    "convolutional": sum(
        9 * a * b + b
        for a, b in zip(
            [1, 64, 128, 256, 128, 64, 256, 1], [64, 128, 256, 128, 64, 1, 1, 32], strict=True
        )
    )
    + (64 * 32 + 1),
}
PARAMETERS["denoising"] = PARAMETERS["convolutional"]
CODES = {"shallow": (32,), "stacked": (32,), "convolutional": (7, 7, 256), "denoising": (7, 7, 256)}
every_model = pytest.mark.parametrize("model", models.MODELS)
every_reconstructing_model = pytest.mark.parametrize(
    "model",
    [name for name in models.MODELS if hasattr(models.module(name).Model, "reconstruct")],
)
every_pictures_model = pytest.mark.parametrize("model", [*CODES, "denoiser"])
every_model_with_a_code = pytest.mark.parametrize("model", CODES)


def examples_of(model: str) -> np.ndarray:
    return EXAMPLES.get(models.MODELS[model].datasets[0], IMAGES)


def training_of(model: str) -> models.TrainingConfig:
    return models.module(model).TRAINING[models.MODELS[model].variants[0]]


def checkpoint_of(model: str) -> str:
    entry = models.MODELS[model]
    return models.checkpoint_id(model, entry.datasets[0], entry.variants[0])


class Untrained(dict[str, typing.Any]):
    """Every model, untrained, written as a checkpoint and loaded again when it is asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> typing.Any:
        keras.utils.set_random_seed(0)
        network = models.module(name).build(**training_of(name).configuration)
        card = {
            "model": name,
            "dataset": models.MODELS[name].datasets[0],
            "configuration": dict(training_of(name).configuration),
            "parameters": int(network.count_params()),
            "training": {"seconds": 0.0},
            "metrics": {},
        }
        checkpoints.write(checkpoint_of(name), card, models.weights(network), self.folder)
        self[name] = generative.load(checkpoint_of(name), self.folder)
        return self[name]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return Untrained(tmp_path_factory.mktemp("untrained"))


# --- The registry ----------------------------------------------------------------------------


@every_model
def test_what_is_compared_has_a_title_for_every_variant(model):
    entry = models.MODELS[model]
    assert set(entry.titles) == (set(entry.variants) if entry.compared_in else set())
    assert all(entry.titles.values())


@pytest.mark.parametrize("comparison", typing.get_args(models.Comparison))
def test_a_comparison_loses_no_model_to_another_of_its_name(comparison):
    compared = [e for e in models.MODELS.values() if e.compared_in == comparison]
    offers = models.compared_in(comparison)
    assert len(offers) == sum(len(entry.variants) for entry in compared) > 0
    for offer in offers.values():
        assert offer.variant in models.MODELS[offer.model].variants


@pytest.mark.parametrize("name", models.compared_in("reconstruction"))
def test_what_is_compared_by_its_code_has_one(loaded, name):
    model = loaded[name]
    codes = model.encode(IMAGES)
    assert model.decode(codes).shape == IMAGES.shape
    assert model.sketch(IMAGES).ndim == 4


def test_the_names_that_programs_choose_by_stay():
    assert models.compared_in("denoising").keys() >= {"denoiser", "denoising"}
    assert models.compared_in("reconstruction").keys() >= {"shallow", "stacked", "convolutional"}
    assert models.compared_in("latent space").keys() >= {"z2", "z16", "z32", "cvae"}


@pytest.mark.parametrize("role", typing.get_args(models.Role))
def test_one_model_has_a_role(role):
    variants = [e.roles[role] for e in models.MODELS.values() if role in e.roles]
    assert variants == [models.with_role(role).variant]
    entry = models.MODELS[models.with_role(role).model]
    assert variants[0] in (*entry.variants, *entry.pruned)


# --- Networks and losses ---------------------------------------------------------------------


@every_model
def test_the_loss_is_one_finite_number_an_example(model):
    targets, training = examples_of(model), training_of(model)
    if training.labelled:
        targets = (targets, np.arange(3))
    rng = np.random.default_rng(0)
    targets = training.targets(targets, rng) if training.targets else targets
    inputs = training.inputs(targets, rng) if training.inputs else targets
    # Of a network of its own: batch normalisation notes what it is shown.
    network = models.module(model).build(**training.configuration)
    losses = models.module(model).loss(network, inputs, targets).numpy()
    assert losses.shape == (3,)
    assert np.isfinite(losses).all()
    assert (losses > 0).all()


@pytest.mark.parametrize("model", PARAMETERS)
def test_the_number_of_parameters_is_that_of_the_layers(loaded, model):
    assert loaded[model].network.count_params() == PARAMETERS[model]


def test_the_denoiser_stays_small(loaded):
    assert loaded["denoiser"].network.count_params() <= 1_500_000


@every_model
def test_variables_have_names_of_their_own_that_do_not_change(loaded, model):
    again = models.weights(models.module(model).build(**training_of(model).configuration))
    assert again.keys() == models.weights(loaded[model].network).keys()
    assert len(again) == len(loaded[model].network.weights)


@every_model
def test_weights_survive_a_checkpoint_up_to_half_precision(loaded, model):
    folder, card = loaded.folder, loaded[model].card
    arrays = checkpoints.read_weights(checkpoint_of(model), card, folder)
    for path, array in models.weights(loaded[model].network).items():
        np.testing.assert_array_equal(array, arrays[path])


def test_an_untrained_pictures_loss_is_about_ln_2(loaded):
    # Small random logits make every prediction about a half.
    for model in ("shallow", "stacked", "denoiser"):
        losses = models.module(model).loss(loaded[model].network, IMAGES, IMAGES)
        np.testing.assert_allclose(losses, math.log(2), rtol=0.5)


def test_the_sketch_sends_no_gradient_into_the_autoencoder(loaded):
    network = loaded["convolutional"].network
    with tf.GradientTape() as tape:
        rebuilt_from_the_sketch = tf.reduce_sum(network(IMAGES)[1])
    halves = [network.get_layer(name) for name in ("encoder", "decoder")]
    variables = [v for half in halves for v in half.trainable_variables]
    assert tape.gradient(rebuilt_from_the_sketch, variables) == [None] * len(variables)


def test_the_sketch_itself_learns(loaded):
    network = loaded["convolutional"].network
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(models.module("convolutional").loss(network, IMAGES, IMAGES))
    variables = network.get_layer("sketch").trainable_variables
    assert all(np.any(gradient.numpy() != 0) for gradient in tape.gradient(loss, variables))


# --- Losses by hand --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "logit", "expected"),
    [
        (0.0, 0.0, math.log(2)),
        (1.0, 0.0, math.log(2)),
        (0.3, 0.0, math.log(2)),
        # sigmoid(ln 3) = 3/4
        (1.0, math.log(3), math.log(4 / 3)),
        (0.0, math.log(3), math.log(4)),
        (0.5, math.log(3), (math.log(4 / 3) + math.log(4)) / 2),
        (1.0, -1000.0, 1000.0),
        (1.0, 1000.0, 0.0),
    ],
)
def test_cross_entropy_by_hand(target, logit, expected):
    from generative.autoencoders.reconstructor import cross_entropy

    targets, logits = (np.full((2, 28, 28, 1), value, np.float32) for value in (target, logit))
    np.testing.assert_allclose(cross_entropy(targets, logits), [expected] * 2, rtol=1e-6, atol=1e-7)


def test_cross_entropy_is_a_mean_over_pixels_of_each_picture():
    from generative.autoencoders.reconstructor import cross_entropy

    targets = np.ones((2, 1, 2, 1), np.float32)
    logits = np.array([[0, 1000], [1000, 1000]], np.float32).reshape(2, 1, 2, 1)
    np.testing.assert_allclose(cross_entropy(targets, logits), [math.log(2) / 2, 0], atol=1e-7)


def test_the_linear_loss_by_hand():
    source = models.module("linear")
    network = source.build()
    network.get_layer("encoder").set_weights([np.array([[1, 0], [0, 1], [0, 0]], np.float32)])
    network.get_layer("decoder").set_weights([np.array([[1, 0, 0], [0, 2, 0]], np.float32)])
    points = np.array([[1, 0, 0], [0, 3, 0], [1, 2, 3]], np.float32)
    # Reconstructed: (1, 0, 0), (0, 6, 0), (1, 4, 0). Squared errors: 0; 9; 4 + 9; over three.
    np.testing.assert_allclose(network(points), [[1, 0, 0], [0, 6, 0], [1, 4, 0]])
    np.testing.assert_allclose(source.loss(network, points, points), [0, 3, 13 / 3])


# --- What `load` returns ---------------------------------------------------------------------


@every_pictures_model
def test_a_reconstruction_is_a_batch_of_pictures(loaded, model):
    restored = loaded[model].reconstruct(IMAGES)
    assert restored.shape == IMAGES.shape
    assert restored.dtype == np.float32
    assert restored.min() >= 0
    assert restored.max() <= 1


@every_reconstructing_model
def test_a_model_gives_the_same_answer_twice(loaded, model):
    examples = examples_of(model)
    first, second = (loaded[model].reconstruct(examples) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@every_pictures_model
def test_the_rest_of_the_batch_does_not_matter(loaded, model):
    whole, alone = loaded[model].reconstruct(IMAGES), loaded[model].reconstruct(IMAGES[1:2])
    np.testing.assert_allclose(whole[1:2], alone, atol=1e-5)


@every_model_with_a_code
def test_a_reconstruction_is_a_decoded_code(loaded, model):
    codes = loaded[model].encode(IMAGES)
    assert codes.shape == (3, *CODES[model])
    assert codes.dtype == np.float32
    assert loaded[model].code_shape == CODES[model]
    decoded = loaded[model].decode(codes)
    np.testing.assert_allclose(decoded, loaded[model].reconstruct(IMAGES), atol=1e-5)


def test_the_shallow_code_is_not_negative(loaded):
    assert loaded["shallow"].encode(IMAGES).min() == 0


def test_the_network_and_its_halves_agree(loaded):
    expected = tf.sigmoid(loaded["stacked"].network(IMAGES)).numpy()
    np.testing.assert_allclose(loaded["stacked"].reconstruct(IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize("model", ["convolutional", "denoising"])
def test_a_sketch_is_a_picture_of_7_by_7(loaded, model):
    sketch = loaded[model].sketch(IMAGES)
    assert sketch.shape == (3, 7, 7, 1)
    assert sketch.dtype == np.float32
    assert sketch.min() >= 0
    assert sketch.max() <= 1


@pytest.mark.parametrize("model", ["shallow", "stacked"])
def test_a_flat_code_is_drawn_as_greys_in_four_rows(loaded, model):
    sketch, codes = loaded[model].sketch(IMAGES), loaded[model].encode(IMAGES)
    assert sketch.shape == (3, 4, 8, 1)
    assert sketch.dtype == np.float32
    for drawn, code in zip(sketch.reshape(3, 32), codes, strict=True):
        np.testing.assert_allclose(drawn, (code - code.min()) / np.ptp(code), atol=1e-6)


def test_the_feature_network_gives_the_same_answer_twice(loaded):
    first, second = (loaded["features"].classify(PHOTOS) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (3, 200)


def test_points_go_through_two_numbers(loaded):
    assert loaded["linear"].encode(POINTS).shape == (3, 2)
    assert loaded["linear"].reconstruct(POINTS).shape == (3, 3)


def test_a_large_batch_is_the_sum_of_its_parts(loaded):
    images = np.tile(IMAGES, (401, 1, 1, 1))  # 1203 pictures, more than two chunks
    restored = loaded["shallow"].reconstruct(images)
    assert restored.shape == images.shape
    np.testing.assert_allclose(restored[-3:], loaded["shallow"].reconstruct(IMAGES), atol=1e-5)


# --- What models refuse ----------------------------------------------------------------------

WRONG_IMAGES = {
    "a list": IMAGES.tolist(),
    "nothing": None,
    "float64": IMAGES.astype(np.float64),
    "uint8": np.zeros((3, 28, 28, 1), np.uint8),
    "one picture": IMAGES[0],
    "no channel": IMAGES[..., 0],
    "32 pixels": np.zeros((3, 32, 32, 1), np.float32),
    "no pictures": IMAGES[:0],
    "8-bit range": IMAGES * 255,
    "negative": -IMAGES,
    "NaN": np.where(IMAGES > 0.5, np.nan, IMAGES),
    "infinity": np.where(IMAGES > 0.5, np.inf, IMAGES),
}


@pytest.mark.parametrize("kind", WRONG_IMAGES)
@pytest.mark.parametrize("model", ["shallow", "convolutional", "denoiser"])
def test_wrong_pictures_are_refused(loaded, model, kind):
    with pytest.raises(InputError, match=r"Invalid images\. .*Expected .* Received: "):
        loaded[model].reconstruct(WRONG_IMAGES[kind])


@pytest.mark.parametrize("method", ["encode", "sketch"])
def test_every_way_in_is_guarded(loaded, method):
    with pytest.raises(InputError, match="Invalid images"):
        getattr(loaded["convolutional"], method)(IMAGES * 255)


@pytest.mark.parametrize(
    "codes",
    [
        None,
        np.zeros((3, 31), np.float32),
        np.zeros(32, np.float32),
        np.zeros((0, 32), np.float32),
        np.zeros((3, 32)),
        np.full((3, 32), np.nan, np.float32),
    ],
    ids=["nothing", "31 numbers", "one code", "no codes", "float64", "NaN"],
)
def test_wrong_codes_are_refused(loaded, codes):
    with pytest.raises(InputError, match="Invalid codes"):
        loaded["shallow"].decode(codes)


@pytest.mark.parametrize("method", ["encode", "reconstruct"])
@pytest.mark.parametrize("points", [IMAGES, POINTS[0], POINTS[:, :2], POINTS * np.nan, None])
def test_wrong_points_are_refused(loaded, method, points):
    with pytest.raises(InputError, match="Invalid points"):
        getattr(loaded["linear"], method)(points)


def test_the_denoiser_has_no_code(loaded):
    assert loaded["denoiser"].code_shape == ()
    with pytest.raises(InputError, match="The model 'denoiser' has no code"):
        loaded["denoiser"].encode(IMAGES)
    with pytest.raises(InputError, match="The model 'denoiser' has no code"):
        loaded["denoiser"].decode(np.zeros((1, 32), np.float32))


@pytest.mark.parametrize("model", ["", "gan", None, ["linear"]])
def test_an_unknown_model_is_refused(model):
    with pytest.raises(InputError, match=r"Unknown model\. Expected one of: linear, shallow"):
        models.module(model)


def test_weights_of_another_model_are_refused(loaded):
    shallow = models.weights(loaded["shallow"].network)
    with pytest.raises(CheckpointError, match="'here' cannot be used: its weights do not fit"):
        models.set_weights(loaded["stacked"].network, shallow, "here")


# --- The noise of training -------------------------------------------------------------------


@pytest.mark.parametrize("model", ["denoising", "denoiser"])
def test_training_noise_depends_on_the_generator_alone(model):
    corrupt = training_of(model).inputs
    clean = IMAGES.copy()
    first, again = (corrupt(clean, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(clean, IMAGES)
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1
    assert not np.array_equal(first, corrupt(clean, np.random.default_rng(5)))


def test_the_denoising_autoencoder_sees_gaussian_noise_of_a_half():
    noisy = training_of("denoising").inputs(IMAGES, np.random.default_rng(4))
    expected = noise.gaussian(IMAGES, np.random.default_rng(4), 0.5)
    np.testing.assert_array_equal(noisy, expected)


def test_the_denoiser_sees_every_kind_of_noise_as_often_as_it_should():
    source = models.module("denoiser")
    assert sum(source.SHARES.values()) == pytest.approx(1)
    grey = np.full((2000, 28, 28, 1), 0.5, np.float32)
    noisy = source.TRAINING[""].inputs(grey, np.random.default_rng(0))
    black, white = ((noisy == value).mean(axis=(1, 2, 3)) for value in (0, 1))
    untouched = (noisy == 0.5).mean(axis=(1, 2, 3))
    # Masked pictures hold black and untouched pixels alone; salt and pepper adds white ones.
    masked = (untouched > 0) & (white == 0) & (black + untouched == 1)
    salted = (untouched > 0) & (white > 0) & (black + untouched + white > 1 - 1e-6)
    for kind, found in {"masked": masked, "salt_and_pepper": salted}.items():
        share = source.SHARES[kind]
        deviation = math.sqrt(share * (1 - share) / 2000)
        assert found.mean() == pytest.approx(share, abs=5 * deviation + 0.01)


# --- Imports ---------------------------------------------------------------------------------


def test_the_page_alone_imports_gradio():
    files = sorted((ROOT / "generative").rglob("*.py"))
    importing = [
        file.relative_to(ROOT / "generative").parts[0]
        for file in files
        if re.search(r"^\s*(import|from) (gradio|generative\.ui)\b", file.read_text(), re.MULTILINE)
    ]
    assert set(importing) == {"ui"}
