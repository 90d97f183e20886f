from __future__ import annotations

import math

import numpy as np
import pytest

from generative.errors import GenerativeError, InputError
from generative.validation import (
    IMAGE_SHAPE,
    MAX_BATCH,
    SEED,
    Range,
    check_array,
    check_choice,
    check_images,
)

SHARE = Range(0, 1)
COUNT = Range(1, 10, whole=True)
GREY = np.full((2, *IMAGE_SHAPE), 0.5, np.float32)


@pytest.mark.parametrize("value", [0, 1, 0.25, np.float32(0.25), np.int64(1)])
def test_a_number_within_the_range_comes_back_as_a_float(value):
    checked = SHARE.check("share", value)
    assert type(checked) is float
    assert checked == value


@pytest.mark.parametrize("value", [1, 10, 3.0, np.int32(3)])
def test_a_whole_number_comes_back_as_an_int(value):
    checked = COUNT.check_whole("count", value)
    assert type(checked) is int
    assert checked == value


@pytest.mark.parametrize(
    "value",
    [-0.001, 1.001, math.nan, math.inf, -math.inf, "0.5", None, True, 1j, [0.5], np.array(0.5)],
)
def test_anything_else_is_refused(value):
    with pytest.raises(InputError, match=r"Invalid share\. Expected a number from 0 to 1\. "):
        SHARE.check("share", value)


@pytest.mark.parametrize("value", [0, 11, 2.5, -1, 10**30, pytest.param(10**400, id="10**400")])
def test_what_is_not_a_whole_number_in_range_is_refused(value):
    with pytest.raises(InputError, match=r"Expected a whole number from 1 to 10\. "):
        COUNT.check_whole("count", value)


def test_a_bound_of_many_digits_is_shown_in_full():
    assert SEED.check_whole("seed", 2147483647) == 2147483647
    with pytest.raises(InputError, match=r"from 0 to 2147483647\. Received: 2147483648\."):
        SEED.check_whole("seed", 2147483648)


def test_a_long_value_is_shortened_in_the_message():
    with pytest.raises(InputError) as caught:
        SHARE.check("share", "x" * 10_000)
    assert len(str(caught.value)) < 150


def test_a_choice_comes_back():
    assert check_choice("colour", "red", ("red", "blue")) == "red"


@pytest.mark.parametrize("value", ["green", "", None, 3, ["red"], {"red"}, "Red"])
def test_another_choice_is_refused_and_the_choices_are_listed(value):
    with pytest.raises(InputError, match=r"Unknown colour\. Expected one of: red, blue\. "):
        check_choice("colour", value, ("red", "blue"))


def test_pictures_come_back_unchanged():
    assert check_images(GREY) is GREY


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        ([[0.5]], "Expected a NumPy array"),
        (None, "Expected a NumPy array"),
        (GREY.astype(np.float64), "Expected dtype float32"),
        ((GREY * 255).astype(np.uint8), "Expected dtype float32"),
        (GREY.astype(object), "Expected dtype float32"),
        (GREY[0], "Expected shape"),
        (GREY[..., 0], "Expected shape"),
        (GREY[:0], "Expected shape"),
        (np.float32(0.5) + np.zeros((), np.float32), "Expected"),
        (np.zeros((1, 28, 28, 3), np.float32), "Expected shape"),
        (np.zeros((MAX_BATCH + 1, *IMAGE_SHAPE), np.float32), "from 1 to 10000"),
        (GREY * np.nan, "NaN or infinity"),
        (GREY + np.inf, "NaN or infinity"),
        (GREY * 255, "divide 8-bit pixels by 255"),
        (GREY - 0.75, "values from -0.25 to -0.25"),
    ],
)
def test_anything_but_pictures_is_refused(images, complaint):
    with pytest.raises(InputError, match=complaint):
        check_images(images)


def test_an_array_may_leave_the_range_of_pictures():
    points = np.array([[-5, 0, 300]], np.float32)
    assert check_array("points", points, (3,)) is points


def test_the_message_names_the_shape():
    with pytest.raises(InputError, match=r"shape \(n, 3\) .* Received: \(4, 2\)"):
        check_array("points", np.zeros((4, 2), np.float32), (3,))


def test_an_input_error_is_a_value_error_too():
    assert issubclass(InputError, ValueError)
    assert issubclass(InputError, GenerativeError)
