from __future__ import annotations

import numpy as np
import pytest
from painting import NETWORK, picture
from talk import is_a_sentence

from generative import style_transfer
from generative.errors import InputError
from generative.style_transfer.look_inside import KINDS, reconstruct_from_layers
from generative.style_transfer.options import STYLE_LAYERS

PICTURE = picture(64, 80, 3)


def rebuild(layers, kind="content", **options):
    chosen = {"size": 80, "steps": 30, "network": NETWORK} | options
    return list(reconstruct_from_layers(PICTURE, layers, kind, **chosen))


def distance(image: np.ndarray) -> float:
    return float(np.abs(image.astype(int) - PICTURE).mean())


@pytest.fixture(scope="module")
def low():
    """All steps of a picture rebuilt from a low layer."""
    return rebuild(["block1_conv1"], steps=60)


def test_it_is_offered_by_the_package():
    assert style_transfer.reconstruct_from_layers is reconstruct_from_layers


def test_a_low_layer_keeps_the_pixels(low):
    grey = np.full_like(PICTURE, 128)
    assert distance(low[-1].image) < 0.6 * distance(grey)
    assert low[-1].content_loss < 0.1 * low[0].content_loss
    assert low[-1].image.shape == PICTURE.shape


def test_a_high_layer_keeps_less_of_them_than_a_low_one(low):
    high = rebuild(["block5_conv1"], steps=60)[-1]
    assert distance(high.image) > distance(low[-1].image) + 10


def test_several_layers_are_rebuilt_from_together():
    steps = rebuild(["block1_conv2", "block2_conv1"])
    assert steps[-1].content_loss < 0.5 * steps[0].content_loss


def test_style_keeps_statistics_and_not_places():
    steps = rebuild(["block1_conv1", "block2_conv1"], "style", steps=60)
    first, last = steps[0].layer_losses, steps[-1].layer_losses
    for layer in ("block1_conv1", "block2_conv1"):
        assert last[layer] < 0.3 * first[layer]
    # The mean of the two layers asked for is all that counts.
    expected = (last["block1_conv1"] + last["block2_conv1"]) / 2
    assert steps[-1].style_loss == pytest.approx(expected, rel=1e-4)
    assert distance(steps[-1].image) > 20


def test_it_begins_with_the_noise_of_its_seed():
    first, again, other = (rebuild(["block1_conv1"], steps=1, seed=s)[0].image for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("layers", "kind", "complaint"),
    [
        ([], "content", "There is no layer to rebuild from"),
        (["block9_conv1"], "content", "Unknown content layer"),
        (["block1_conv2"], "style", "Unknown style layer"),
        ([None], "style", "Invalid layers"),
        ("block1_conv1", "style", "Invalid layers"),
        (["block1_conv1"], "colour", "Unknown kind of reconstruction"),
        (["block1_conv1"], None, "Unknown kind of reconstruction"),
    ],
)
def test_what_cannot_be_rebuilt_from_is_refused_at_once(layers, kind, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        reconstruct_from_layers(PICTURE, layers, kind, network=NETWORK)
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_picture_is_refused(kind):
    with pytest.raises(InputError, match="picture yet"):
        reconstruct_from_layers(None, STYLE_LAYERS[:1], kind, network=NETWORK)
