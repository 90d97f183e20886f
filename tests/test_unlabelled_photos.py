"""Photographs of a folder, to learn from and to measure on."""

from __future__ import annotations

import numpy as np
import pytest
from painting import flat
from PIL import Image
from talk import is_a_sentence

from generative.data import splits, unlabelled_photos
from generative.errors import DataError


def save(path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def colours(photos: np.ndarray) -> list[int]:
    """Return the red of each photograph, by which they differ."""
    return [int(photo[0, 0, 0]) for photo in photos]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Fifty photographs to learn from, of two sizes, and two to measure on."""
    monkeypatch.chdir(tmp_path)
    for index in range(50):
        size = (96, 200) if index % 2 else (96, 96)
        save(tmp_path / "train" / f"{index:02}.png", flat(*size, (index, 0, 0)))
    for index in range(2):
        save(tmp_path / "test" / f"{index}.png", flat(100, 120, (100 + index, 0, 0)))
    (tmp_path / "train" / "read me.txt").touch()
    return tmp_path


def refuses(source: str, complaint: str, split: str = "train") -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        unlabelled_photos.load(source, split)
    assert is_a_sentence(str(caught.value))


def test_a_photograph_comes_as_often_as_it_has_room_for_crops(folder):
    photos = unlabelled_photos.load(".", "train")
    expected = [red for red in range(50) if red not in (0, 40) for _ in range(2 if red % 2 else 1)]
    assert colours(photos) == expected
    assert photos.dtype == object
    assert {photo.dtype for photo in photos} == {np.dtype(np.uint8)}
    assert photos[0] is photos[1]  # One photograph in memory.


def test_what_is_kept_out_is_not_learned_from(folder):
    assert colours(unlabelled_photos.load(".", "validation")) == [0, 40]


def test_the_test_photographs_have_a_folder_of_their_own(folder):
    assert colours(unlabelled_photos.load(str(folder), "test")) == [100, 101]


def test_a_limit_is_spread_over_the_folder(folder):
    assert set(colours(unlabelled_photos.load(".", "train", 5))) == {10, 20, 30, 40}
    assert colours(unlabelled_photos.load(".", "validation", 5)) == [0]
    assert colours(unlabelled_photos.load(".", "test", 1)) == [100]
    assert colours(unlabelled_photos.load(".", "test", 9)) == [100, 101]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_they_are_a_split_as_any_other(folder, split):
    found = splits.load(splits.PHOTOS, split, images=".")
    assert colours(found.examples) == colours(unlabelled_photos.load(".", split))
    assert found.labels.tolist() == [0] * len(found.examples)
    assert found.classes == ("photograph",)


def test_a_folder_without_photographs_is_refused(folder):
    refuses("nowhere", r"^There are no photographs in nowhere/train: expected 2 or more in PNG")
    (folder / "test" / "0.png").unlink()
    assert colours(unlabelled_photos.load(".", "test")) == [101]
    (folder / "test" / "1.png").unlink()
    refuses(".", r"^There are no photographs in test: expected 1 or more in PNG", "test")


def test_one_photograph_cannot_be_learned_from_and_kept_out(folder):
    for path in sorted((folder / "train").glob("*.png"))[1:]:
        path.unlink()
    refuses(".", r"expected 2 or more")


def test_a_photograph_smaller_than_a_crop_is_refused(folder):
    save(folder / "train" / "07.png", flat(95, 200, (0, 0, 0)))
    refuses(".", r"^The photograph train/07\.png is too small: expected at least 96 by 96 pixels")


def test_a_broken_photograph_is_named(folder):
    (folder / "train" / "07.png").write_bytes(b"\x89PNG")
    refuses(".", r"^The photograph train/07\.png cannot be used\. The picture is damaged")
