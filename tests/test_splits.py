"""Both halves of every data set, as training and evaluation are handed them."""

from __future__ import annotations

import numpy as np
import pytest

from generative import data
from generative.data import plane, splits
from generative.errors import InputError


def test_the_halves_of_the_plane_are_of_other_points():
    train, test = (splits.load(splits.PLANE, half) for half in ("train", "test"))
    np.testing.assert_array_equal(train.examples, plane.sample(seed=0))
    np.testing.assert_array_equal(test.examples, plane.sample(seed=1))
    assert (len(train.labels), train.labels.max(), len(train.classes)) == (1000, 0, 1)


def test_a_limit_leaves_the_first_points_and_all_that_are_held_out():
    train, test = (splits.load(splits.PLANE, half, 7) for half in ("train", "test"))
    np.testing.assert_array_equal(train.examples, plane.sample(seed=0)[:7])
    assert len(train.labels) == 7
    assert len(test.examples) == len(test.labels) == 1000


@pytest.mark.data
@pytest.mark.parametrize("half", ["train", "test"])
def test_a_limit_leaves_the_first_pictures(half):
    images, labels = data.load("fashion_mnist", half)
    found = splits.load("fashion_mnist", half, 5)
    np.testing.assert_array_equal(found.examples, images[:5])
    np.testing.assert_array_equal(found.labels, labels[:5])
    assert found.classes == data.CLASSES["fashion_mnist"]


@pytest.mark.parametrize("dataset", ["", "cifar", splits.PICTURES])
def test_what_is_no_data_set_is_refused(dataset):
    with pytest.raises(InputError, match="Unknown data set"):
        splits.load(dataset, "train")


@pytest.mark.parametrize(
    ("dataset", "most"), [("mnist", 60_000), (splits.PLANE, 60_000), (splits.PICTURES, 10_000_000)]
)
def test_a_limit_fits_its_data_set(dataset, most):
    for limit in (None, 1, most):
        splits.check_limit(dataset, limit)
    for limit in (0, most + 1, 1.5):
        with pytest.raises(InputError, match="Invalid limit"):
            splits.check_limit(dataset, limit)
