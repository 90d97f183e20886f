"""The small VGG pruned from a large one: the choice of channels, the fit, the whole."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from painting import WIDTHS, picture, tiny_network
from PIL import Image
from talk import is_a_sentence

import generative
import train
from generative import checkpoints
from generative.backend import tf
from generative.style_transfer import classifier, pruned_vgg16, pruning
from generative.style_transfer.features import Classifier, Convolution, FeatureNetwork
from generative.style_transfer.networks import COARSE_CHECKPOINT

BLOCKS = {f"block{block}": width for block, width in enumerate(WIDTHS, start=1)}
PICTURES = np.stack([picture(32, 48, seed) for seed in range(24)]) / np.float32(255)
OTHERS = np.stack([picture(32, 48, seed) for seed in range(100, 108)]) / np.float32(255)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def as_vgg(network: FeatureNetwork) -> FeatureNetwork:
    """Return a network that takes pictures as the VGGs do: blue first, means off, a gain."""
    first, *others = network.convolutions
    smaller = Convolution(first.name, first.kernel / np.float32(64), first.bias)
    offset = (-104.0, -117.0, -124.0)
    return FeatureNetwork("large", [smaller, *others], 255.0, offset, True, "average", 2.0)


LARGE = as_vgg(tiny_network(3, depths=(2, 2, 3, 3, 3)))


# --- Channels --------------------------------------------------------------------------------


def test_a_channel_that_follows_from_others_is_left_out():
    sources = rng().normal(size=(2000, 3)) * [1, 2, 3]
    activations = np.column_stack([sources, sources[:, 0] + sources[:, 1], 0.5 * sources[:, 2]])
    chosen = pruning.choose_channels(np.cov(activations, rowvar=False), 3)
    mean, covariance = activations.mean(0), np.cov(activations, rowvar=False)
    found = pruning.predict(mean, covariance, chosen)
    predicted = activations[:, chosen] @ found.coefficients + found.intercept
    np.testing.assert_allclose(predicted, activations, atol=0.01)


def test_the_first_channel_is_the_one_that_says_most_of_all():
    common = rng().normal(size=(2000, 1))
    activations = common * [1, 1, 1, 0] + rng().normal(size=(2000, 4)) * [0.5, 0.1, 0.5, 1.5]
    assert list(pruning.choose_channels(np.cov(activations, rowvar=False), 1)) == [1]


def test_silent_channels_come_last():
    covariance = np.diag([0, 1.0, 0, 2.0, 0.5])
    assert list(pruning.choose_channels(covariance, 3)) == [1, 3, 4]
    assert len(set(pruning.choose_channels(covariance, 5))) == 5


# --- Fit -------------------------------------------------------------------------------------


def test_a_fit_finds_the_convolution_behind_rectified_answers():
    maps = rng().normal(size=(6, 20, 24, 3)).astype(np.float32)
    true = tiny_network(5).convolutions[0]
    wanted = pruning.apply(true, maps).reshape(-1, WIDTHS[0])
    zeros = Convolution(true.name, np.zeros_like(true.kernel), np.zeros_like(true.bias))
    places = rng().permutation(len(wanted))[:2000]
    found = pruning.fit(zeros, maps, places, wanted[places])
    answers = pruning.apply(found, maps).reshape(wanted.shape)
    share = np.square(answers - wanted).sum() / np.square(wanted - wanted.mean(0)).sum()
    assert share < 0.05
    kept = pruning.fit(true, maps, places, wanted[places])
    np.testing.assert_allclose(kept.kernel, true.kernel, atol=1e-4)


def test_neighbourhoods_are_what_a_convolution_sees():
    maps = rng().normal(size=(2, 6, 8, 3)).astype(np.float32)
    convolution = tiny_network(5).convolutions[0]
    around = pruning.neighbourhoods(maps, np.arange(2 * 6 * 8))
    weights = np.concatenate([convolution.kernel.reshape(-1, WIDTHS[0]), convolution.bias[None]])
    answers = np.maximum(around @ weights, 0).reshape(2, 6, 8, WIDTHS[0])
    np.testing.assert_allclose(answers, pruning.apply(convolution, maps), atol=1e-4)


# --- The whole -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def same() -> pruning.Pruned:
    """A network that keeps every channel."""
    return pruning.prune(LARGE, PICTURES, BLOCKS, rng())


def test_a_network_that_keeps_every_channel_computes_the_same(same):
    shares = pruning.explained(same, LARGE, OTHERS, 0)
    assert list(shares) == list(same.network.layers)
    assert min(shares.values()) > 0.99
    assert all(list(kept) == list(range(len(kept))) for kept in same.kept.values())


def test_its_channels_have_variance_one(same):
    found = same.network(tf.constant(PICTURES), same.network.layers)
    for layer, activations in found.items():
        spread = activations.numpy().reshape(-1, activations.shape[-1]).std(axis=0)
        np.testing.assert_allclose(spread[spread > 0.1], 1, atol=0.25, err_msg=layer)


def test_a_narrower_network_does_what_it_can():
    half = {block: width // 2 for block, width in BLOCKS.items()}
    found = pruning.prune(LARGE, PICTURES, half, rng())
    assert [len(each.bias) for each in found.network.convolutions] == [
        len(kept) for kept in found.kept.values()
    ]
    shares = pruning.explained(found, LARGE, OTHERS, 0)
    assert shares["block1_conv1"] > 0.99  # From pixels, all of which it has.
    assert shares["block2_conv1"] > 0.6


def test_it_is_kept_as_a_classifier(same):
    labels = np.arange(len(PICTURES)) % 2
    marked = PICTURES.copy()
    marked[labels == 1, :, :, 0] = 1
    network = pruning.as_classifier(same, marked, labels, 2)
    assert (network(marked, training=False).numpy().argmax(axis=1) == labels).all()
    expected = same.network(tf.constant(OTHERS), ["block5_conv2"])["block5_conv2"]
    found = Classifier(network, {"model": "features"}).features()
    again = found(tf.constant(OTHERS), ["block5_conv2"])["block5_conv2"]
    np.testing.assert_allclose(again, expected, atol=1e-3 * float(tf.reduce_max(expected)))


# --- The command line ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A file of weights as Keras publishes them."""
    path = tmp_path_factory.mktemp("weights") / "weights.h5"
    with h5py.File(path, "w") as file:
        for each in LARGE.convolutions:
            file[f"{each.name}/{each.name}_W_1:0"] = each.kernel
            file[f"{each.name}/{each.name}_b_1:0"] = each.bias
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Dark and light pictures, to learn from and held out."""
    root = tmp_path_factory.mktemp("pictures")
    for seed in range(16):
        kind, half = ("dark", "light")[seed % 2], ("validation", "train")[seed > 3]
        path = root / half / kind / f"{seed}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(64, 64, seed) // 4 + 180 * np.uint8(seed % 2)).save(path)
    return root


@pytest.fixture
def narrow(monkeypatch):
    """Narrow blocks, and pictures as small as they are, instead of those of the program."""
    training = classifier.TRAINING[""]
    sizes = {**BLOCKS, "classes": 200}
    monkeypatch.setitem(classifier.TRAINING, "", replace(training, configuration=sizes))
    monkeypatch.setattr(pruned_vgg16, "WIDTHS", BLOCKS)
    monkeypatch.setattr(pruned_vgg16, "SIDE", 64)


def test_train_writes_the_network_that_painting_loads(weights, folder, narrow, tmp_path, capsys):
    asked = ["features", "--teacher", weights, "--images", folder, "--output", tmp_path]
    assert train.main([str(word) for word in asked]) == 0
    card = checkpoints.read_card(COARSE_CHECKPOINT, tmp_path)
    assert card["configuration"] == {**BLOCKS, "classes": 2}
    record = card["training"]
    assert record["command"] == "python train.py features --images IMAGES --teacher FILE --seed 0"
    assert record["teacher_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert record["pictures"] == 12
    assert min(record["explained"].values()) > 0.5
    assert record["explained"]["block1_conv1"] > 0.95
    assert card["metrics"]["test_images"] == 4
    assert "features" in capsys.readouterr().out
    network = generative.load(COARSE_CHECKPOINT, tmp_path).features()
    assert [len(each.bias) for each in network.convolutions if each.name.endswith("1")] == list(
        WIDTHS
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--epochs", "2"], "leave out --epochs"),
        (["--resume"], "leave out --epochs"),
        (["--limit", "0"], "limit"),
    ],
)
def test_what_a_teacher_cannot_do_is_refused_in_a_sentence(
    weights, folder, tmp_path, capsys, more, said
):
    asked = ["features", "--teacher", weights, "--images", folder, "--output", tmp_path, *more]
    assert train.main([str(word) for word in asked]) == 1
    complaint = capsys.readouterr().err.strip().removeprefix("train.py: ")
    assert said in complaint
    assert is_a_sentence(complaint)


def test_without_pictures_a_teacher_has_nothing_to_show(weights, tmp_path, capsys):
    assert train.main(["features", "--teacher", str(weights), "--output", str(tmp_path)]) == 1
    assert "name their folder with --images" in capsys.readouterr().err
