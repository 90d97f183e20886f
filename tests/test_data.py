from __future__ import annotations

import functools
import os

import numpy as np
import pytest
import tensorflow_datasets as tfds

from generative import data
from generative.errors import DataError, InputError

both = pytest.mark.parametrize("dataset", data.DATASETS)


@pytest.fixture
def no_data(tmp_path, monkeypatch):
    """A machine without data and without a network."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no route to host\nretried 5 times")

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(tfds, "load", refuse)
    # With a cache of its own: what others have loaded stays.
    monkeypatch.setattr(data, "load", functools.lru_cache(data.load.__wrapped__))
    return tmp_path


def test_there_are_ten_classes_in_both():
    assert data.DATASETS == ("mnist", "fashion_mnist")
    assert [len(names) for names in data.CLASSES.values()] == [10, 10]
    assert data.CLASSES["fashion_mnist"][9] == "ankle boot"
    assert data.TITLES.keys() == data.CLASSES.keys()


def test_the_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert data.data_dir() == tmp_path
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert data.data_dir().name == "tensorflow_datasets"


def test_a_prepared_copy_is_noticed(no_data):
    assert not data.is_available("mnist")
    prepared = no_data / "mnist" / "3.0.1"
    prepared.mkdir(parents=True)
    assert not data.is_available("mnist")  # begun, not finished
    (prepared / "dataset_info.json").touch()
    assert data.is_available("mnist")
    assert not data.is_available("fashion_mnist")


def test_a_copy_with_an_endless_file_is_refused_unread(no_data):
    prepared = no_data / "mnist" / "3.0.1"
    prepared.mkdir(parents=True)
    os.mkfifo(prepared / "dataset_info.json")
    with pytest.raises(DataError, match="The data set mnist is not on this machine"):
        data.load("mnist", "test")


@pytest.mark.parametrize("dataset", ["nonsense", "", "*", "/", "../mnist"])
def test_an_unknown_data_set_is_not_available(no_data, dataset):
    (no_data / "mnist" / "3.0.1").mkdir(parents=True)
    (no_data / "mnist" / "3.0.1" / "dataset_info.json").touch()
    assert not data.is_available(dataset)


@both
def test_missing_data_without_a_network_is_one_sentence(no_data, dataset):
    with pytest.raises(DataError) as caught:
        data.load(dataset, "train")
    message = str(caught.value)
    assert message.startswith(f"The data set {dataset} is not on this machine")
    assert "TFDS_DATA_DIR" in message
    assert "\n" not in message
    assert message.count(". ") == 0
    assert str(no_data) not in message


@pytest.mark.parametrize("dataset", ["nonsense", "", "../mnist", None, 3])
def test_an_unknown_data_set_is_refused(dataset):
    with pytest.raises(InputError, match=r"Unknown data set\. Expected one of: mnist, fashion_"):
        data.load(dataset, "train")


@pytest.mark.parametrize("split", ["validation", "train[:10]", "", None])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(InputError, match=r"Unknown split\. Expected one of: train, test\."):
        data.load("mnist", split)


@pytest.mark.data
@both
def test_test_pictures(dataset):
    assert data.is_available(dataset)
    images, labels = data.load(dataset, "test")
    assert images.shape == (10_000, 28, 28, 1)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.shape == (10_000,)
    assert labels.dtype == np.int64
    assert sorted(set(labels.tolist())) == list(range(10))


@pytest.mark.data
def test_mnist_has_its_known_class_counts():
    counts = np.bincount(data.load("mnist", "test")[1])
    assert counts.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.data
def test_fashion_mnist_has_a_thousand_of_each_class():
    assert np.bincount(data.load("fashion_mnist", "test")[1]).tolist() == [1000] * 10


@pytest.mark.data
def test_training_pictures():
    images, labels = data.load("mnist", "train")
    assert images.shape == (60_000, 28, 28, 1)
    assert labels.shape == (60_000,)
    assert images.mean() == pytest.approx(0.1307, abs=5e-5)  # MNIST's well-known mean


@pytest.mark.data
def test_pictures_are_shared_and_read_only():
    images, labels = data.load("mnist", "test")
    assert data.load("mnist", "test")[0] is images
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        labels[0] = 0
