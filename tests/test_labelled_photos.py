from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from painting import flat
from PIL import Image
from talk import is_a_sentence

from generative.data import labelled_photos
from generative.errors import DataError

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two classes, five pictures of one and three of the other, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name, count in (("zebra", 3), ("apple", 5)):
        for index in range(count):
            colour = (200, 40 * index, 0) if name == "apple" else (0, 40 * index, 200)
            save(tmp_path / "train" / name / f"{index}.png", flat(20, 20, colour))
        save(tmp_path / "validation" / name / "0.png", flat(20, 20, RED))
    return tmp_path


def refuses(source: str, complaint: str, split: str = "train") -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        labelled_photos.load(source, split, 16)
    assert is_a_sentence(str(caught.value))


# --- Folders ---------------------------------------------------------------------------------


def test_classes_are_the_sorted_names_of_the_folders(folder):
    found = labelled_photos.load(".", "train", 16)
    assert found.classes == ("apple", "zebra")
    assert found.labels.tolist() == [0] * 5 + [1] * 3
    assert found.labels.dtype == np.int64
    assert found.images.shape == (8, 16, 16, 3)
    assert found.images.dtype == np.uint8
    np.testing.assert_array_equal(found.images[3, 5, 5], [200, 120, 0])
    np.testing.assert_array_equal(found.images[7, 5, 5], [0, 80, 200])


def test_the_validation_split_is_the_validation_folder(folder):
    found = labelled_photos.load(str(folder), "validation", 16)
    assert found.labels.tolist() == [0, 1]
    np.testing.assert_array_equal(found.images[0, 0, 0], RED)


def test_a_test_folder_serves_as_validation(folder):
    (folder / "validation").rename(folder / "test")
    assert labelled_photos.load(str(folder), "validation", 16).labels.tolist() == [0, 1]


def test_a_picture_is_cropped_to_its_middle_square(folder):
    wide = np.concatenate([flat(20, 10, RED), flat(20, 20, GREEN), flat(20, 10, BLUE)], axis=1)
    save(folder / "train" / "apple" / "0.png", wide)
    save(folder / "train" / "apple" / "1.png", wide.transpose(1, 0, 2))
    for image in labelled_photos.load(".", "train", 20).images[:2]:
        assert (image == GREEN).all()
    smaller = labelled_photos.load(".", "train", 8).images[0]
    np.testing.assert_allclose(smaller[2:6, 2:6], np.broadcast_to(GREEN, (4, 4, 3)), atol=3)


def test_a_picture_of_the_right_size_is_unchanged(folder):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    save(folder / "train" / "apple" / "0.png", pixels)
    np.testing.assert_array_equal(labelled_photos.load(".", "train", 16).images[0], pixels)


def test_a_limit_is_spread_over_the_classes(folder):
    assert labelled_photos.load(".", "train", 16, limit=4).labels.tolist() == [0, 0, 1, 1]
    assert labelled_photos.load(".", "train", 16, limit=2).labels.tolist() == [0, 1]
    # An exhausted class leaves its places to the others.
    assert labelled_photos.load(".", "train", 16, limit=7).labels.tolist() == [0] * 4 + [1] * 3
    assert len(labelled_photos.load(".", "train", 16, limit=100).labels) == 8


def test_a_limit_is_spread_over_each_class(folder):
    kept = labelled_photos.load(".", "train", 16, limit=4).images[:, 0, 0]
    # The first and the third of five, the first and the second of three.
    np.testing.assert_array_equal(kept, [[200, 0, 0], [200, 80, 0], [0, 0, 200], [0, 40, 200]])


@pytest.mark.parametrize("limit", [3, 10, 47, 100, 111, None])
def test_shares_are_as_even_as_the_classes_allow(limit):
    rng = np.random.default_rng(0)
    counts = np.array([100, 1, 7, 0, 3])
    labels = rng.permutation(np.repeat(np.arange(5), counts))
    kept = labelled_photos.spread(labels, limit)
    assert kept.sum() == (111 if limit is None else limit)
    shares = np.bincount(labels[kept], minlength=5)
    fullest = shares.max()
    for share, count in zip(shares, counts, strict=True):
        assert share == count or share >= fullest - 1


def test_grey_and_transparent_pictures_and_jpegs_are_taken(folder):
    apples = folder / "train" / "apple"
    Image.new("L", (20, 20), 90).save(apples / "0.png")
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(apples / "1.png")
    Image.new("RGB", (20, 20), RED).save(apples / "9.JPG", "JPEG")
    found = labelled_photos.load(".", "train", 16).images
    np.testing.assert_array_equal(found[0, 0, 0], [90, 90, 90])
    np.testing.assert_array_equal(found[1, 0, 0], [255, 255, 255])
    np.testing.assert_allclose(found[5, 0, 0].astype(int), RED, atol=3)


def test_files_without_a_picture_suffix_are_ignored(folder):
    (folder / "train" / "apple" / "notes.txt").write_text("apples")
    (folder / "train" / "list.csv").write_text("a,b")
    assert len(labelled_photos.load(".", "train", 16).labels) == 8


def test_both_splits_have_the_same_classes(folder):
    save(folder / "train" / "mango" / "0.png", flat(20, 20, GREEN))
    found = labelled_photos.load(".", "validation", 16)
    assert found.classes == ("apple", "mango", "zebra")
    assert found.labels.tolist() == [0, 2]


# --- Refusals --------------------------------------------------------------------------------


def test_a_folder_without_splits_is_refused(folder):
    (folder / "empty").mkdir()
    refuses("empty", r"no labelled pictures in empty\. Expected folders train/CLASS")


def test_one_class_is_not_enough(folder):
    save(folder / "one" / "train" / "apple" / "0.png", flat(20, 20, RED))
    refuses("one", "for two classes or more")


def test_classes_without_pictures_are_refused(folder):
    for name in ("apple", "zebra"):
        (folder / "bare" / "train" / name).mkdir(parents=True)
    refuses("bare", "no labelled pictures in bare")


def test_a_missing_split_is_refused(folder):
    for path in (folder / "validation").rglob("*.png"):
        path.unlink()
    refuses(".", "Expected folders validation/CLASS", "validation")


def test_a_pipe_among_the_pictures_is_not_waited_for(folder):
    os.mkfifo(folder / "train" / "zebra" / "9.png")
    refuses(".", r"^The picture train/zebra/9\.png cannot be used\. ")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_broken_picture_is_named(folder, content):
    (folder / "train" / "zebra" / "1.png").write_bytes(content)
    refuses(".", r"^The picture train/zebra/1\.png cannot be used\. ")


def test_a_truncated_picture_is_named(folder):
    path = folder / "train" / "zebra" / "1.png"
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    save(path, noise)
    path.write_bytes(path.read_bytes()[:600])
    refuses(".", "zebra/1.png cannot be used. The picture is damaged or incomplete")


# --- Data sets of TensorFlow Datasets --------------------------------------------------------

COUNTS = (12, 5, 3)


class ThreeColours(tfds.core.GeneratorBasedBuilder):
    """Twenty pictures 12 pixels high, red, green or blue, all reds first."""

    VERSION = tfds.core.Version("1.0.0")
    pkg_dir_path = Path(__file__).parent

    def _info(self) -> tfds.core.DatasetInfo:
        features = tfds.features.FeaturesDict(
            {
                "photo": tfds.features.Image(shape=(None, None, 3), encoding_format="png"),
                "colour": tfds.features.ClassLabel(names=["red", "green", "blue"]),
            }
        )
        return tfds.core.DatasetInfo(
            builder=self,
            features=features,
            supervised_keys=("photo", "colour"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for index, label in enumerate(np.repeat(np.arange(3), COUNTS)):
            colour = np.where(np.arange(3) == label, 255, index)
            yield index, {"photo": flat(12, 18, colour), "colour": label}


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """The data set `three_colours`, prepared, and its folder."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    ThreeColours(data_dir=str(tmp_path)).download_and_prepare()
    return tmp_path / "three_colours" / "1.0.0"


def test_a_data_set_is_read_in_full(prepared):
    found = labelled_photos.load("three_colours", "train", 12)
    assert found.classes == ("red", "green", "blue")
    assert found.labels.tolist() == [0] * 12 + [1] * 5 + [2] * 3
    assert found.labels.dtype == np.int64
    assert found.images.shape == (20, 12, 12, 3)
    np.testing.assert_array_equal(found.images[3, 5, 5], [255, 3, 3])
    np.testing.assert_array_equal(found.images[19, 5, 5], [19, 19, 255])


def test_a_limit_is_spread_over_the_classes_of_a_data_set_too(prepared):
    # The first six are all red.
    found = labelled_photos.load("three_colours", "train", 12, limit=6)
    assert found.labels.tolist() == [0, 0, 1, 1, 2, 2]
    # After the first red comes the seventh, and so on: evenly spread over each class.
    assert found.images[:, 5, 5].min(axis=1).tolist() == [0, 6, 12, 14, 17, 18]


def test_a_data_set_without_the_requested_split_is_refused(prepared):
    refuses("three_colours", "three_colours is not on this machine", "validation")


@pytest.mark.parametrize("place", ["dataset_info.json", "features.json", "another"])
def test_a_data_set_with_an_endless_file_is_refused_unread(prepared, place):
    (prepared / place).unlink(missing_ok=True)
    os.mkfifo(prepared / place)
    refuses("three_colours", "three_colours is not on this machine")


@pytest.mark.parametrize("name", ["no_such_data_set", "nowhere/at/all", "?"])
def test_a_data_set_that_does_not_exist_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    refuses(name, "is not on this machine and could not be downloaded")
