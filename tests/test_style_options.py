"""Whatever is wrong with what style transfer is asked for, the answer is one sentence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from painting import SHALLOW, flat, picture
from talk import is_a_sentence

from generative.errors import InputError
from generative.style_transfer import LiveWeights, Options, stylize, tiles
from generative.style_transfer.options import CONTENT_LAYERS, MOST_STYLES, STYLE_LAYERS, Balance
from generative.style_transfer.picture_checks import (
    MAX_ASPECT,
    MIN_SIDE,
    check_mask,
    check_picture,
    check_proportions,
    check_result,
    smallest_size,
)

CONTENT, STYLE = picture(64, 80, 1), picture(64, 64, 2)
WHITE = np.full((64, 80), 255, np.uint8)
NAN, INFINITY = float("nan"), float("inf")


def refuses(complaint: str, content=CONTENT, style=STYLE, **options) -> None:
    """Assert that the first step fails with one sentence in which `complaint` is found."""
    with pytest.raises(InputError, match=complaint) as caught:
        next(iter(stylize(content, style, **({"size": 64, "network": SHALLOW} | options))))
    assert is_a_sentence(str(caught.value)), caught.value
    assert len(str(caught.value)) < 300


# --- Pictures --------------------------------------------------------------------------------

WRONG_PICTURES = {
    "missing": (None, "There is no {} picture yet"),
    "a path": ("picture.png", "Expected a NumPy array of dtype uint8. Received: str"),
    "a list": (CONTENT.tolist(), "Received: list"),
    "float32": (CONTENT / np.float32(255), "Received: float32"),
    "grey": (CONTENT[..., 0], r"Expected shape \(height, width, 3\)"),
    "one channel": (CONTENT[..., :1], r"Expected shape \(height, width, 3\)"),
    "with alpha": (np.dstack([CONTENT, WHITE]), r"Received: \(64, 80, 4\)"),
    "a batch": (CONTENT[None], r"Received: \(1, 64, 80, 3\)"),
    "no pixels": (CONTENT[:0], "too small"),
    "too small": (flat(MIN_SIDE - 1, 80, (1, 2, 3)), "received 80 by 31"),
    "too narrow": (flat(40, int(40 * MAX_ASPECT) + 1, (1, 2, 3)), "too long and narrow"),
}


@pytest.mark.parametrize("role", ["content", "style"])
@pytest.mark.parametrize("kind", WRONG_PICTURES)
def test_wrong_pictures_are_refused(kind, role):
    wrong, complaint = WRONG_PICTURES[kind]
    refuses(complaint.format(role), **{role: wrong})


@pytest.mark.parametrize("kind", [kind for kind in WRONG_PICTURES if kind != "missing"])
def test_wrong_pictures_among_several_styles_are_refused(kind):
    refuses("style picture", styles=[(STYLE, 1), (WRONG_PICTURES[kind][0], 1)])


@pytest.mark.parametrize("kind", ["a list", "grey", "too small"])
def test_wrong_pictures_to_begin_with_are_refused(kind):
    refuses("initial picture", initial=WRONG_PICTURES[kind][0])


def test_the_smallest_and_the_most_oblong_pictures_are_taken():
    for size in [(MIN_SIDE, MIN_SIDE), (40, 160), (160, 40)]:
        pixels = flat(*size, (1, 2, 3))
        assert check_picture("content", pixels) is pixels


def test_a_result_without_room_for_a_stroke_is_refused():
    refuses("The result would be 64 by 16 pixels", content=picture(40, 160), size=64)
    refuses("a size of at least 128 for a picture of 160 by 40", content=picture(40, 160), size=64)


@pytest.mark.parametrize("size", [(2600, 600), (600, 2600), (8000, 1000), (1001, 997), (333, 47)])
def test_the_smallest_size_leaves_room_for_a_stroke(size):
    smallest = smallest_size(*size)
    check_result(*size, smallest)
    with pytest.raises(InputError, match=f"at least {smallest} for a picture of {size[0]} by"):
        check_result(*size, int(31.4 / 32 * smallest) - 1)


def test_messages_speak_of_the_picture_that_a_working_copy_was_made_of():
    copy = flat(256, 2048, (1, 2, 3))
    assert check_picture("content", copy, (8000, 1000)) is copy
    with pytest.raises(InputError, match="received 8200 by 1000, so crop it first"):
        check_picture("content", copy, (8200, 1000))


def test_a_panorama_of_8_to_1_is_painted():
    content = picture(40, 320)
    for options in ({"initial": "noise"}, {"preserve_color": "luminance"}):
        *_, last = stylize(content, STYLE, network=SHALLOW, size=256, steps=3, **options)
        assert last.image.shape == (32, 256, 3)
        assert last.image.std() > 5


def test_a_large_panorama_is_painted_tile_by_tile(monkeypatch):
    content, options = picture(40, 320), {"network": SHALLOW, "size": 256, "steps": 2}
    *_, whole = stylize(content, STYLE, **options)
    monkeypatch.setattr(tiles, "AT_ONCE", 4_000)
    *_, tiled = stylize(content, STYLE, **options)
    assert np.abs(tiled.image.astype(int) - whole.image).max() <= 1


# --- Numbers and names -----------------------------------------------------------------------

NO_NUMBERS = {"NaN": NAN, "infinity": INFINITY, "a boolean": True, "text": "1", "nothing": None}
WRONG_NUMBERS = {
    "content_weight": [-0.1, 1001],
    "style_weight": [-0.1, 1001],
    "total_variation_weight": [-0.1, 1001],
    "style_scale": [0, 0.2, 5],
    "forms": [0, 0.2, 5],
    "size": [0, 63, 2049, 100.5],
    "steps": [0, -1, 5001, 1.5],
    "more_steps": [-1, 5001, 1.5],
    "seconds": [0, -1, 3601],
    "seed": [-1, 2**31, 1.5],
}


@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_numbers_out_of_range_are_refused(name):
    for value in WRONG_NUMBERS[name]:
        refuses("Invalid .* Expected a .*number from .* to ", **{name: value})


@pytest.mark.parametrize("kind", NO_NUMBERS)
@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_what_is_no_number_is_refused(name, kind):
    if name == "seconds" and kind == "nothing":
        assert Options(seconds=None).seconds is None
        return
    refuses("Invalid .* Expected a ", **{name: NO_NUMBERS[kind]})


def test_both_weights_0_are_refused():
    refuses("α or a style weight β above 0", content_weight=0, style_weight=0)
    with pytest.raises(InputError, match="Received: 0 for both") as caught:
        LiveWeights(0, 0, 1)
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("wrong", [-1, NAN, True])
@pytest.mark.parametrize("name", ["content", "style", "total_variation"])
def test_wrong_live_weights_are_refused(name, wrong):
    with pytest.raises(InputError, match=r"Invalid .* weight") as caught:
        LiveWeights(**{name: wrong})
    assert is_a_sentence(str(caught.value))


def test_wrong_live_weights_of_styles_are_refused():
    for wrong in ((1, -1), (NAN,), (0, 0)):
        with pytest.raises(InputError, match="weight") as caught:
            LiveWeights(styles=wrong)
        assert is_a_sentence(str(caught.value))


def test_one_weight_may_be_0():
    assert LiveWeights(content=0).now == Balance(0, 1, 1)
    assert LiveWeights(style=0, total_variation=0).now == Balance(1, 0, 0)


def test_weights_are_turned_all_at_once():
    weights = LiveWeights(1, 0)
    before = weights.now
    weights.turn(content=0, style=1)
    assert (before, weights.now) == (Balance(1, 0), Balance(0, 1))
    with pytest.raises(AttributeError):  # One by one, they would pass through 0 and 0.
        weights.content = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        weights.now.content = 0


def test_a_wrong_turn_leaves_the_weights_as_they_were():
    weights = LiveWeights(2, 3, 4)
    for wrong in ({"style": -1}, {"content": 0, "style": 0}, {"total_variation": NAN}):
        with pytest.raises(InputError, match="Invalid"):
            weights.turn(**wrong)
    assert weights.now == Balance(2, 3, 4)


@pytest.mark.parametrize("name", ["network", "procedure", "optimizer", "initial", "preserve_color"])
@pytest.mark.parametrize("wrong", ["", "none such", "x" * 500])
def test_unknown_names_are_refused(name, wrong):
    refuses(r"^Unknown .* Expected one of: \w+.* Received: ", **{name: wrong})


@pytest.mark.parametrize("name", ["procedure", "optimizer", "preserve_color"])
@pytest.mark.parametrize("wrong", [1, True, ["adam"]])
def test_what_is_no_name_is_refused(name, wrong):
    refuses("^Unknown ", **{name: wrong})


def test_an_unknown_option_is_a_mistake_of_the_caller():
    with pytest.raises(InputError, match=r"^There is no option brush of style transfer\.$"):
        stylize(CONTENT, STYLE, brush=3)


# --- Layers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["block4_conv9", "block1_pool", "", 4, None])
def test_unknown_content_layers_are_refused(layer):
    refuses("Unknown content layer. Expected one of: block1_conv1", content_layers=(layer,))


def test_no_content_layer_is_refused():
    refuses("There is no content layer", content_layers=())


def test_unknown_style_layers_are_refused():
    refuses("Unknown style layer", layer_weights={CONTENT_LAYERS[0]: 1.0})


@pytest.mark.parametrize("wrong", [-1, NAN, True, "1", None, 1001])
def test_wrong_weights_of_layers_are_refused(wrong):
    refuses("Invalid weight of the style layer block2", layer_weights={"block2_conv1": wrong})


def test_all_layers_of_weight_0_are_refused():
    refuses("Every style layer has weight 0", layer_weights=dict.fromkeys(STYLE_LAYERS, 0.0))


# --- Several styles --------------------------------------------------------------------------


def test_too_many_styles_are_refused():
    many = [(STYLE, 1)] * (MOST_STYLES + 1)
    refuses(f"at most {MOST_STYLES}, received {MOST_STYLES + 1}", style=None, styles=many)


@pytest.mark.parametrize("wrong", [-1, NAN, True, "1", None, 1001])
def test_wrong_weights_of_styles_are_refused(wrong):
    refuses("Invalid weight of a style", styles=[(STYLE, wrong)])


def test_styles_of_weight_0_alone_are_refused():
    refuses("Every style has weight 0", style=None, styles=[(STYLE, 0), (STYLE, 0.0)])


WRONG_KINDS = {
    "network": [5, None],
    "resume": [5, "x"],
    "weights": [5, (1, 1, 1)],
    "styles": [5, None, STYLE, [STYLE], [(STYLE, 1, 2)], [5]],
    "style_regions": [5, WHITE],
    "content_layers": [5, "block4_conv2", None],
    "layer_weights": [5, [1, 1], None],
}


@pytest.mark.parametrize("name", WRONG_KINDS)
def test_what_is_no_list_of_the_kind_is_refused(name):
    for wrong in WRONG_KINDS[name]:
        refuses("Invalid .* Expected a ", **{name: wrong})


def test_a_start_of_other_proportions_is_refused():
    refuses("other proportions than the content: expected ", initial=CONTENT[:, :40].copy())


def test_no_style_is_refused():
    refuses("There is no style picture yet", style=None)


# --- Masks -----------------------------------------------------------------------------------

WRONG_MASKS = {
    "a list": (WHITE.tolist(), r"Expected shape \(height, width\) and dtype uint8. Received: list"),
    "boolean": (WHITE > 0, r"Received: \(64, 80\) and bool"),
    "in colour": (CONTENT, r"Received: \(64, 80, 3\) and uint8"),
    "turned": (WHITE.T.copy(), "expected 80 by 64 pixels, received 64 by 80"),
    "of another size": (WHITE[:-1], "expected 80 by 64 pixels, received 80 by 63"),
    "of no height": (np.zeros((0, 1000), np.uint8), "received 1000 by 0"),
    "of no width": (WHITE[:, :0], "received 0 by 64"),
    "black": (0 * WHITE, "is black all over"),
}


@pytest.mark.parametrize("kind", WRONG_MASKS)
def test_wrong_masks_are_refused(kind):
    wrong, complaint = WRONG_MASKS[kind]
    refuses(complaint, content_mask=wrong)
    two = {"style": None, "styles": [(STYLE, 1), (STYLE, 1)]}
    refuses(complaint, **two, style_regions=[WHITE, wrong])


def test_a_missing_region_is_refused():
    two = {"style": None, "styles": [(STYLE, 1), (STYLE, 1)]}
    refuses("Received: NoneType", **two, style_regions=[WHITE, None])


@pytest.mark.parametrize(
    ("content", "mask"),
    [
        ((4000, 2667), (2000, 1334)),
        ((4000, 2667), (2000, 1333)),
        ((4000, 2667), (8000, 5334)),
        ((4000, 2667), (400, 267)),
        ((6000, 1000), (1799, 299)),
        ((80, 64), (80, 64)),
        ((80, 64), (20, 16)),
        ((333, 1000), (111, 333)),
    ],
)
def test_a_mask_of_the_same_proportions_fits(content, mask):
    check_proportions("mask", mask, content)
    check_proportions("mask", mask[::-1], content[::-1])


@pytest.mark.parametrize(
    ("content", "mask"),
    [
        ((4000, 2667), (2667, 4000)),
        ((4000, 2667), (2000, 1340)),
        ((4000, 2667), (2048, 2048)),
        ((4000, 2667), (4000, 2660)),
        ((80, 64), (81, 64)),
        ((80, 64), (160, 120)),
        ((80, 64), (1000, 0)),
        ((80, 64), (0, 0)),
    ],
)
def test_a_mask_of_other_proportions_is_refused_with_both_sizes(content, mask):
    for turned in (1, -1):
        given, received = content[::turned], mask[::turned]
        expected = "expected {} by {} pixels, received {} by {}".format(*given, *received)
        with pytest.raises(InputError, match=expected) as caught:
            check_proportions("mask", received, given)
        assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("factor", [2, 0.5])
def test_masks_are_scaled_to_the_content(factor):
    height, width = int(64 * factor), int(80 * factor)
    left = np.zeros((height, width), np.uint8)
    left[:, : width // 2] = 255
    options = {"network": SHALLOW, "size": 80, "steps": 2}
    *_, last = stylize(CONTENT, STYLE, content_mask=left, **options)
    np.testing.assert_array_equal(last.image[:, 48:], CONTENT[:, 48:])
    assert np.abs(last.image[:, :32].astype(int) - CONTENT[:, :32]).mean() > 2
    two = [(STYLE, 1), (CONTENT, 1)]
    *_, last = stylize(CONTENT, styles=two, style_regions=[left, 255 - left], **options)
    assert last.image.shape == CONTENT.shape


def test_a_mask_with_one_pixel_is_taken():
    mask = 0 * WHITE
    mask[3, 4] = 1
    assert check_mask("mask", mask, CONTENT) is mask


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_regions_as_styles_are_needed(count):
    refuses(
        f"each of the 2 styles, received {count}",
        style=None,
        styles=[(STYLE, 1), (STYLE, 1)],
        style_regions=[WHITE] * count,
    )


def test_regions_need_all_styles_in_one_list():
    refuses("Style regions need all styles", styles=[(STYLE, 1)], style_regions=[WHITE])


# --- The package ---------------------------------------------------------------------------------


def test_the_package_has_what_it_names():
    from generative import style_transfer

    for name in style_transfer.__all__:
        assert getattr(style_transfer, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'brush'"):
        style_transfer.brush  # noqa: B018
