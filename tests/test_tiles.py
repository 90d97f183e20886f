"""Tile by tile is the same as all at once."""

from __future__ import annotations

import numpy as np
import pytest
from painting import NETWORK, picture, tiny_network

from generative.backend import tf
from generative.style_transfer.features import Networks
from generative.style_transfer.objective import (
    PADDING,
    Objective,
    Octave,
    Targets,
    Weights,
    blend,
    halved,
)
from generative.style_transfer.options import STYLE_LAYERS
from generative.style_transfer.targets import masks_by_layer, stack_regions
from generative.style_transfer.tensors import as_tensor
from generative.style_transfer.tiles import CORE, TiledObjective
from generative.tiling import tiles

OBJECTIVE = Objective(Networks(NETWORK, tiny_network(1)), (1.0, 0.5), tf.float32)
CONTENT_LAYERS = ("block3_conv3", "block5_conv2")
WEIGHTS = Weights(
    tf.constant(0.7),
    tf.constant(1.3),
    tf.constant(2.0),
    {name: tf.constant(1.0 + 0.5 * i) for i, name in enumerate(STYLE_LAYERS)},
    tf.constant(0.7),
)
CASES = [(200, 333, 128), (97, 161, 64)]
"""Height, width, side of a core."""

every_case = pytest.mark.parametrize(("height", "width", "core"), CASES)


TILED = TiledObjective(OBJECTIVE)


def tiled(core: int) -> TiledObjective:
    """Return one and the same, so that it is compiled once, with another side of its cores."""
    TILED.core = core
    return TILED


def two_masks(height: int, width: int) -> np.ndarray:
    """Return a slanted edge between two regions, and its opposite."""
    across, down = np.linspace(0, 1, width)[None], np.linspace(0, 1, height)[:, None]
    first = np.rint(255 * np.clip(3 * (across + 0.4 * down - 0.5), 0, 1)).astype(np.uint8)
    return np.stack([first, 255 - first])


def targets_of(height: int, width: int, masked: bool) -> Targets:
    pixels = as_tensor(picture(height, width, 1))
    content = OBJECTIVE.content_targets(pixels, CONTENT_LAYERS)
    styles, far_styles = (
        [
            blend([OBJECTIVE.style_moments(style, octave, STYLE_LAYERS)], [1.0])
            for style in (as_tensor(picture(90, 70, seed)) for seed in (2, 3))
        ]
        for octave in (0, 1)
    )
    if not masked:
        return (Octave(content, styles[0], {}),)
    masks = masks_by_layer(two_masks(height, width), STYLE_LAYERS)
    half_masks = masks_by_layer(two_masks(height // 2, width // 2), STYLE_LAYERS)
    stacked, far_stacked = stack_regions(styles), stack_regions(far_styles)
    coarser = OBJECTIVE.content_targets(halved(pixels), ("block2_conv1",))
    shallow = {name: stacked[name] for name in STYLE_LAYERS[:3]}
    return Octave(content, shallow, masks), Octave(coarser, far_stacked, half_masks)


def at_once(pixels, targets: Targets):
    losses, gradient = OBJECTIVE.differentiate(pixels, targets, WEIGHTS)
    return losses, gradient.numpy()


# --- Geometry --------------------------------------------------------------------------------

SIZES = [(48, 48), (232, 365), (129, 193), (1056, 2080), (1057, 800)]
CORES = [16, 64, 128, CORE]
HALO = 80


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_cores_cover_every_pixel_once(height, width, core):
    covered = np.zeros((height, width), int)
    for tile in tiles(height, width, core, HALO):
        top, left = tile.outer[:2]
        covered[
            top + tile.core[0] : top + tile.core[2], left + tile.core[1] : left + tile.core[3]
        ] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tiles_begin_where_the_deepest_layer_has_a_place(height, width, core):
    for tile in tiles(height, width, core, HALO):
        assert [x % 16 for x in (*tile.outer[:2], *tile.core[:2])] == [0] * 4


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tiles_reach_beyond_their_cores_unless_the_picture_ends(height, width, core):
    for tile in tiles(height, width, core, HALO):
        top, left, bottom, right = tile.outer
        assert top == 0 or tile.core[0] >= HALO
        assert left == 0 or tile.core[1] >= HALO
        assert bottom == height or bottom - top - tile.core[2] >= HALO
        assert right == width or right - left - tile.core[3] >= HALO
        assert min(top, left) >= 0
        assert bottom <= height
        assert right <= width


def test_a_small_picture_is_one_tile():
    (tile,) = tiles(300, 500, CORE, HALO)
    assert tile.outer == tile.core == (0, 0, 300, 500)


def test_no_tile_is_mostly_halo():
    for length in range(CORE, 4 * CORE, 7):
        for tile in tiles(length, 64, CORE, HALO):
            assert tile.core[2] - tile.core[0] >= CORE // 2


# --- Results ---------------------------------------------------------------------------------


@every_case
def test_content_targets_are_those_of_the_whole(height, width, core):
    pixels = as_tensor(picture(height, width))
    expected = OBJECTIVE.content_targets(pixels, CONTENT_LAYERS)
    found = tiled(core).content_targets(pixels, CONTENT_LAYERS)
    assert found.keys() == expected.keys()
    for layer, activations in expected.items():
        assert found[layer].shape == activations.shape
        np.testing.assert_allclose(found[layer], activations, atol=1e-5)


@pytest.mark.parametrize("octave", [0, 1])
@every_case
def test_style_moments_are_those_of_the_whole(height, width, core, octave):
    pixels = as_tensor(picture(height, width))
    expected = OBJECTIVE.style_moments(pixels, octave, STYLE_LAYERS)
    found = tiled(core).style_moments(pixels, octave, STYLE_LAYERS)
    for layer, sums in expected.items():
        for part, whole in zip(found[layer], sums, strict=True):
            np.testing.assert_allclose(part, whole, rtol=1e-3, atol=1e-5 * np.abs(whole).max())


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "regions and octaves"])
@every_case
def test_losses_and_gradient_are_those_of_the_whole(height, width, core, masked):
    pixels, targets = as_tensor(picture(height, width, 4)), targets_of(height, width, masked)
    losses, gradient = at_once(pixels, targets)
    *waits, found = tiled(core).value_and_gradient(pixels, targets, WEIGHTS)
    # 74 pixels to block5_conv2, in whole places of the deepest block.
    count = len(tiles(height + 2 * PADDING, width + 2 * PADDING, core, 80))
    assert waits == [None] * (2 * count)
    for name in ("total", "content", "style", "total_variation"):
        assert float(getattr(found[0], name)) == pytest.approx(
            float(getattr(losses, name)), rel=1e-4
        )
    for layer, distance in losses.layers.items():
        assert float(found[0].layers[layer]) == pytest.approx(float(distance), rel=1e-3)
    assert found[1].shape == pixels.shape
    np.testing.assert_allclose(found[1], gradient, atol=1e-4 * np.abs(gradient).max())


def test_deeper_networks_are_seen_farther_around():
    deep = tiny_network(1, depths=(2, 2, 4, 4, 4))  # VGG-19's
    objective = Objective(Networks(deep, deep), (1.0,), tf.float32)
    pixels = as_tensor(picture(330, 64))
    expected = objective.content_targets(pixels, ("block5_conv4",))["block5_conv4"]
    found = TiledObjective(objective, 128).content_targets(pixels, ("block5_conv4",))[
        "block5_conv4"
    ]
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
