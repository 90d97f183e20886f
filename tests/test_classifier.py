"""The classifier that gives style transfer its features: what it sees, its loss, its training."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from painting import WIDTHS, picture
from PIL import Image
from talk import is_a_sentence

import generative
import train
from generative import checkpoints, evaluation
from generative.backend import keras, tf
from generative.data import labelled_photos, splits
from generative.errors import DataError, InputError
from generative.style_transfer import classifier, networks
from generative.style_transfer.classifier import SMALLEST_AREA, SMOOTHING, augment
from generative.training import runs
from generative.training.trainer import Plan, Trainer

TRAINING = classifier.TRAINING[""]
SMALL = {f"block{block}": width for block, width in enumerate(WIDTHS, start=1)}
PICTURES = np.stack([picture(64, 64, seed) for seed in range(6)])


# --- What it sees ----------------------------------------------------------------------------


def test_augmented_pictures_have_the_shape_and_the_range_of_inputs():
    found = augment(PICTURES, np.random.default_rng(0))
    assert found.shape == PICTURES.shape
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1


def test_augmentation_depends_on_the_generator_alone():
    before = PICTURES.copy()
    first, again, other = (augment(PICTURES, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(PICTURES, before)
    assert np.abs(first - other).mean() > 0.05


def test_a_batch_is_augmented_picture_by_picture():
    same = np.repeat(PICTURES[:1], 8, axis=0)
    found = augment(same, np.random.default_rng(0))
    assert all(np.abs(found[0] - each).mean() > 0.01 for each in found[1:])


def test_about_half_are_mirrored():
    ramp = np.tile(np.linspace(0, 255, 64), (64, 1)).astype(np.uint8)
    found = augment(np.repeat(np.dstack([ramp] * 3)[None], 400, axis=0), np.random.default_rng(0))
    mirrored = found[:, :, 0].mean(axis=(1, 2)) > found[:, :, -1].mean(axis=(1, 2))
    assert mirrored.mean() == pytest.approx(0.5, abs=5 * math.sqrt(0.25 / 400))


def test_crops_keep_as_much_as_they_should():
    # The ramp's slope says what share of the width is left; so does the other ramp of the height.
    line = np.linspace(0, 255, 64)
    across, down = np.tile(line, (64, 1)), np.tile(line[:, None], (1, 64))
    both = np.dstack([across, down, 0 * across]).astype(np.uint8)
    rng = np.random.default_rng(0)
    crops = np.stack([classifier.random_crop(both, rng) for _ in range(300)]).astype(float)
    width = (crops[:, 32, -1, 0] - crops[:, 32, 0, 0]) / 255
    height = (crops[:, -1, 32, 1] - crops[:, 0, 32, 1]) / 255
    area, ratio = width * height, width / height
    assert area.min() > SMALLEST_AREA - 0.05
    assert area.max() > 0.85
    assert ratio.min() > classifier.FLATTEST - 0.06
    assert ratio.max() < classifier.TALLEST + 0.06


# --- Its loss --------------------------------------------------------------------------------


def fixed(*logits: float) -> keras.Model:
    """Return a network that answers the same to every picture."""
    inputs = keras.Input((4, 4, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    last = keras.layers.Dense(len(logits), kernel_initializer="zeros")
    network = keras.Model(inputs, last(pooled))
    last.bias.assign(logits)
    return network


def test_the_loss_by_hand():
    inputs, labels = np.zeros((2, 4, 4, 3), np.float32), np.array([0, 1])
    # Probabilities of 3/4 and 1/4; the wanted ones are 0.95 and 0.05.
    assert SMOOTHING == 0.1
    right = -(0.95 * math.log(3 / 4) + 0.05 * math.log(1 / 4))
    wrong = -(0.05 * math.log(3 / 4) + 0.95 * math.log(1 / 4))
    found = classifier.loss(fixed(math.log(3), 0), inputs, (inputs, labels))
    np.testing.assert_allclose(found, [right, wrong], rtol=1e-5)


def test_an_undecided_network_loses_the_logarithm_of_the_classes():
    inputs = np.zeros((3, 4, 4, 3), np.float32)
    found = classifier.loss(fixed(0, 0, 0, 0, 0), inputs, (inputs, np.array([0, 2, 4])))
    np.testing.assert_allclose(found, math.log(5), rtol=1e-5)


# --- The network -----------------------------------------------------------------------------


def test_its_layers_are_those_of_the_features():
    network = classifier.build(classes=2, **SMALL)
    names = [x.name for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    assert len(names) == sum(classifier.DEPTHS) == 12
    assert (names[0], names[4], names[-1]) == ("block1_conv1", "block3_conv1", "block5_conv2")
    assert [network.get_layer(name).filters for name in names[::6]] == [4, 8]


@pytest.mark.parametrize("side", [(16, 16), (64, 48), (100, 31)])
def test_it_takes_pictures_of_any_size(side):
    network = classifier.build(classes=7, **SMALL)
    assert network(np.zeros((2, *side, 3), np.float32)).shape == (2, 7)


# --- Training --------------------------------------------------------------------------------


def two_classes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of upright and of level stripes, and which is which."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    wave = 127 + 100 * np.sin(np.arange(32)[None] * 0.9 + rng.uniform(0, 6, (count, 1)))
    stripes = np.repeat(wave[:, None], 32, axis=1)
    stripes[labels == 1] = stripes[labels == 1].transpose(0, 2, 1)
    noise = rng.normal(0, 10, (count, 32, 32, 3))
    return np.clip(stripes[..., None] + noise, 0, 255).astype(np.uint8), labels


def test_a_few_steps_tell_stripes_apart():
    trainer = Trainer(
        build=lambda: classifier.build(classes=2, **SMALL),
        loss=classifier.loss,
        examples=two_classes(256, 0),
        plan=Plan(epochs=5, batch_size=32, learning_rate=5e-3, optimizer="muon", seed=0),
        inputs=TRAINING.inputs,
    )
    losses = [progress.loss for progress in trainer.run()]
    assert losses[0] == pytest.approx(math.log(2), rel=0.5)
    assert np.mean(losses[-4:]) < 0.6 * np.mean(losses[:4])
    unseen, labels = two_classes(64, 1)
    # By the statistics of this batch: the running ones have hardly left their start.
    logits = trainer.network(unseen / np.float32(255), training=True).numpy()
    assert (logits.argmax(axis=1) == labels).mean() > 0.9


# --- The command line ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of twelve stripes to learn from, and six to be tested on."""
    root = tmp_path_factory.mktemp("stripes")
    for seed, (half, count) in enumerate([("train", 12), ("validation", 6)]):
        found, labels = two_classes(count, seed + 2)
        for index, (pixels, label) in enumerate(zip(found, labels, strict=True)):
            path = root / half / ("level" if label else "upright") / f"{index:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    return root


@pytest.fixture(scope="module")
def narrow():
    """Narrow blocks instead of those of the program: the same code, in a second."""
    sizes = {**TRAINING.configuration, **SMALL}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(classifier.TRAINING, "", replace(TRAINING, configuration=sizes))
        yield


def request_of(folder) -> runs.TrainingRequest:
    return runs.TrainingRequest(
        "features", splits.PICTURES, epochs=2, batch_size=4, seed=5, images=str(folder)
    )


@pytest.fixture(scope="module")
def finished(folder, narrow, tmp_path_factory):
    """A run to the end, and its folder."""
    output = tmp_path_factory.mktemp("finished")
    run = runs.Run(request_of(folder), output)
    assert [progress.epoch for progress in run.steps()] == [0, 0, 1, 1, 1, 2]
    return run, output


def test_pictures_have_to_be_named():
    with pytest.raises(InputError, match="with --images") as caught:
        runs.TrainingRequest("features", splits.PICTURES)
    assert is_a_sentence(str(caught.value))


def test_the_pictures_decide_how_many_classes_there_are(folder, finished):
    card = checkpoints.read_card(networks.FINE_CHECKPOINT, finished[1])
    assert card["configuration"] == {**SMALL, "classes": 2}
    assert card["training"]["command"] == (
        "python train.py features --images IMAGES --epochs 2 --batch-size 4 --seed 5"
    )
    assert str(folder) not in json.dumps(card)


def test_a_limit_leaves_as_many_classes_as_there_are(folder, narrow, tmp_path):
    # One picture of the last class: as few as a limit could easily miss.
    shutil.copytree(folder, tmp_path / "stripes")
    for path in sorted((tmp_path / "stripes" / "train" / "upright").iterdir())[1:]:
        path.unlink()
    request = replace(request_of(tmp_path / "stripes"), limit=4, epochs=1)
    run = runs.Run(request, tmp_path / "output")
    assert sorted(run._examples[1]) == [0, 0, 0, 1]
    assert run._configuration["classes"] == 2


def test_a_limit_below_the_number_of_classes_is_refused(folder, narrow, tmp_path):
    with pytest.raises(DataError, match="each of the 2 classes, so choose a limit of 2") as caught:
        runs.Run(replace(request_of(folder), limit=1), tmp_path)
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("name", ["above", "middle", "zigzag"])
def test_a_class_without_a_picture_to_learn_from_is_refused(folder, narrow, tmp_path, name):
    # Whether it comes first, in between or last: the last would make the network too small.
    shutil.copytree(folder, tmp_path / "stripes")
    other = tmp_path / "stripes" / "validation" / name
    shutil.copytree(folder / "validation" / "level", other)
    request = request_of(tmp_path / "stripes")
    with pytest.raises(DataError, match=f"There is no training picture of {name}: ") as caught:
        runs.Run(request, tmp_path / "output")
    assert is_a_sentence(str(caught.value))
    shutil.rmtree(other)
    assert runs.Run(request, tmp_path / "output")._configuration["classes"] == 2


def test_more_classes_than_a_checkpoint_may_have_are_refused(folder, narrow, tmp_path, monkeypatch):
    smaller = {**classifier.TRAINING[""].configuration, "classes": 0}
    monkeypatch.setitem(classifier.TRAINING, "", replace(TRAINING, configuration=smaller))
    with pytest.raises(DataError, match="There are 2 classes of pictures: expected at most 0"):
        runs.Run(request_of(folder), tmp_path)


def test_pictures_of_other_classes_measure_nothing(folder, finished, tmp_path):
    shutil.copytree(folder, tmp_path / "stripes")
    shutil.copytree(folder / "validation" / "level", tmp_path / "stripes" / "validation" / "more")
    with pytest.raises(DataError, match="of 3 classes and the model knows 2") as caught:
        evaluation.measure(networks.FINE_CHECKPOINT, finished[1], images=str(tmp_path / "stripes"))
    assert is_a_sentence(str(caught.value))


def test_a_limit_of_pictures_may_be_larger_than_the_small_data_sets(folder):
    assert replace(request_of(folder), limit=1_281_167).limit == 1_281_167
    with pytest.raises(InputError, match="Invalid limit"):
        replace(request_of(folder), limit=10_000_001)
    with pytest.raises(InputError, match="Invalid limit"):
        runs.TrainingRequest("shallow", "mnist", limit=60_001)


def test_a_run_is_measured_on_the_other_half(folder, finished):
    run, output = finished
    metrics = run.evaluate()["metrics"]
    assert metrics.keys() == {"test_images", "accuracy", "accuracy_top_5"}
    assert metrics["test_images"] == 6
    held_out = labelled_photos.load(str(folder), "validation", labelled_photos.SIDE)
    model = generative.load(networks.FINE_CHECKPOINT, output)
    right = model.classify(held_out.images).argmax(axis=1) == held_out.labels
    assert metrics["accuracy"] == pytest.approx(right.mean(), abs=1e-4)
    assert metrics["accuracy_top_5"] == 1  # of two
    # Without the pictures a checkpoint keeps the figures that it has.
    assert evaluation.measure(networks.FINE_CHECKPOINT, output)["metrics"] == metrics


def test_training_end_to_end(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(classifier.TRAINING, "", TRAINING)
    arguments = ["--images", folder, "--epochs", 1, "--limit", 8, "--output", tmp_path]
    assert train.main(["features", *map(str, arguments)]) == 0
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split()[:2] == ["features", "pictures"]
    assert re.search(r"test_images 6  accuracy [\d.]+  accuracy_top_5 1$", row)
    card = checkpoints.read_card(networks.FINE_CHECKPOINT, tmp_path)
    assert card["training"]["limit"] == 8
    network = networks.load("features", tmp_path)
    assert network.layers[0] == "block1_conv1"
    found = network(tf.constant(PICTURES / np.float32(255)), ["block4_conv2"])["block4_conv2"]
    assert found.shape == (6, 8, 8, card["configuration"]["block4"])
    assert np.isfinite(found).all()


def test_everything_is_trained_but_what_needs_pictures(capsys):
    options = train.parse(["all"])
    assert "features" not in [model for model, *_ in train.trainings(options)]
    assert "with --images" in capsys.readouterr().out
    options = train.parse(["all", "--images", "here"])
    assert ("features", "pictures", "") in train.trainings(options)
    assert capsys.readouterr().out == ""
