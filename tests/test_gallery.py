from __future__ import annotations

import functools

import numpy as np
import pytest
from PIL import Image

from generative import data, models
from generative.backend import keras
from generative.data import gallery
from generative.errors import InputError
from generative.variational import mixture

every_dataset = pytest.mark.parametrize("dataset", data.DATASETS)


def check(found: gallery.Gallery) -> None:
    assert found.images.shape == (gallery.COUNT, 28, 28, 1)
    assert found.images.dtype == np.float32
    assert found.images.min() >= 0
    assert 0.9 < found.images.max() <= 1
    assert found.labels.shape == (gallery.COUNT,)
    assert set(found.labels.tolist()) == set(range(data.CLASS_COUNT))
    assert found.origin


@every_dataset
def test_sampled_pictures_are_included(dataset):
    found = gallery.sampled(dataset)
    check(found)
    np.testing.assert_array_equal(found.labels, np.arange(gallery.COUNT) % data.CLASS_COUNT)
    # None is blank, and hardly any are identical.
    assert found.images.std(axis=(1, 2, 3)).min() > 0.05
    assert len(np.unique(found.images.reshape(gallery.COUNT, -1), axis=0)) > 0.95 * gallery.COUNT


@every_dataset
def test_sampled_pictures_are_cut_from_the_sheet_row_by_row(dataset):
    sheet = np.asarray(Image.open(gallery.SHEETS / f"{dataset}.png").convert("L"))
    assert sheet.shape == (gallery.COUNT // gallery.COLUMNS * 28, gallery.COLUMNS * 28)
    images = gallery.sampled(dataset).images
    for index in (0, 1, gallery.COLUMNS - 1, gallery.COLUMNS, 517, gallery.COUNT - 1):
        row, column = divmod(index, gallery.COLUMNS)
        tile = sheet[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        np.testing.assert_array_equal((images[index, ..., 0] * 255).round(), tile)


@every_dataset
def test_sampled_pictures_of_one_class_are_more_alike_than_others(dataset):
    found = gallery.sampled(dataset)
    spread = found.images.std(axis=0).mean()
    within = [found.images[found.labels == c].std(axis=0).mean() for c in range(data.CLASS_COUNT)]
    assert np.mean(within) < 0.9 * spread


@every_dataset
def test_without_the_data_set_sampled_pictures_are_shown(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    found = gallery.pictures(dataset)
    assert found.origin == gallery.sampled(dataset).origin
    np.testing.assert_array_equal(found.images, gallery.sampled(dataset).images)


def test_a_folder_that_only_looks_like_a_data_set_is_ignored(tmp_path, monkeypatch):
    # TFDS mistakes the folder for a prepared copy, then fails to read it.
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    folder = tmp_path / "mnist" / "3.0.1"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text("no JSON")
    # With a cache of its own: what others have loaded stays.
    monkeypatch.setattr(data, "load", functools.lru_cache(data.load.__wrapped__))
    assert data.is_available("mnist")
    assert gallery.pictures("mnist").origin == gallery.sampled("mnist").origin


@pytest.mark.data
@every_dataset
def test_with_the_data_set_held_out_pictures_are_shown(dataset):
    found = gallery.pictures(dataset)
    check(found)
    images, labels = data.load(dataset, "test")
    np.testing.assert_array_equal(found.images, images[: gallery.COUNT])
    np.testing.assert_array_equal(found.labels, labels[: gallery.COUNT])
    assert found.origin != gallery.sampled(dataset).origin


@pytest.mark.parametrize("dataset", ["cifar", "", None, 3, ["mnist"], "../mnist"])
def test_an_unknown_data_set_is_refused(dataset):
    with pytest.raises(InputError, match="Unknown data set"):
        gallery.pictures(dataset)


def test_sample_sheet_writes_samples_class_by_class(tmp_path, monkeypatch):
    keras.utils.set_random_seed(0)
    source = models.module("cvae")
    network = source.build(**source.TRAINING["z16"].configuration)
    codes = np.random.default_rng(0).normal(size=(200, 16)).astype(np.float32)
    network.get_layer("encoder").get_layer("density").mixture = mixture.fit(codes, seed=0)
    model = source.Model(network, {})
    monkeypatch.setattr(gallery, "SHEETS", tmp_path / "assets")
    path = gallery.sample_sheet(model, "mnist", seed=3)
    assert [file.name for file in path.parent.iterdir()] == ["mnist.png"]
    found = gallery.sampled("mnist")
    expected = model.sample(
        gallery.COUNT, gallery.TEMPERATURE, 3, "mixture", np.arange(gallery.COUNT) % 10
    )
    np.testing.assert_allclose(found.images, expected, atol=0.51 / 255)
    np.testing.assert_array_equal(found.labels, np.arange(gallery.COUNT) % 10)
