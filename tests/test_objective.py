from __future__ import annotations

import numpy as np
import pytest
from painting import NETWORK, picture, tiny_network

from generative.backend import tf
from generative.style_transfer.features import Networks, stride
from generative.style_transfer.losses import Statistics, moments, statistics
from generative.style_transfer.objective import (
    PADDING,
    STYLE_SHARE,
    VARIATION_SHARE,
    Objective,
    Octave,
    Weights,
    blend,
    content_distance,
    halved,
    pad,
    style_distance,
    style_distances,
    variance,
)
from generative.style_transfer.options import CONTENT_LAYERS, STYLE_LAYERS

OBJECTIVE = Objective(Networks(NETWORK, tiny_network(1)), (1.0, 0.5), tf.float32)
RNG = np.random.default_rng(0)
(LAYER,) = CONTENT_LAYERS


def as_tensor(pixels):
    return tf.constant(pixels[None], tf.float32) / 255


CONTENT, STYLE = (as_tensor(picture(32, 32, seed)) for seed in (1, 2))


def style_of(picture, octave=0, layers=STYLE_LAYERS):
    return blend([OBJECTIVE.style_moments(picture, octave, layers)], [1.0])


OWN = Octave(OBJECTIVE.content_targets(CONTENT, CONTENT_LAYERS), style_of(STYLE), {})
TARGETS = (OWN,)
HALF = Octave(
    OBJECTIVE.content_targets(halved(CONTENT), CONTENT_LAYERS), style_of(halved(STYLE), 1), {}
)


def weights(content=1.0, style=1.0, variation=1.0, forms=1.0, **layers) -> Weights:
    found = {name: tf.constant(float(layers.get(name, 1))) for name in STYLE_LAYERS}
    terms = (tf.constant(float(x)) for x in (content, style, variation))
    return Weights(*terms, found, tf.constant(float(forms)))


def features(*shape: int) -> np.ndarray:
    return RNG.random(shape, np.float32)


# --- Terms -----------------------------------------------------------------------------------


def test_the_variance_by_hand():
    # Variances 1 and 4 around means 1 and 12.
    found = np.float32([[0, 10], [2, 14]]).reshape(1, 1, 2, 2)
    assert float(variance(found)) == pytest.approx(2.5)


def test_the_content_distance_by_hand():
    wanted = np.float32([[0, 10], [2, 14]]).reshape(1, 1, 2, 2)
    # Off by 1 everywhere: 1 / 2.5.
    assert float(content_distance(wanted + 1, wanted)) == pytest.approx(0.4)


def test_the_style_distance_by_hand():
    identity = np.eye(2, dtype=np.float32)
    wanted = Statistics(np.float32([[0, 0]]), identity[None])
    found = Statistics(np.float32([[1, 0]]), 2 * identity[None])
    # 1 / tr Σ* + 2 / ‖Σ*‖²
    assert float(style_distance(found, wanted)) == pytest.approx(1 / 2 + 2 / 2)


def test_the_style_distance_is_a_mean_over_regions():
    mean, covariance = np.zeros((2, 2), np.float32), np.stack([np.eye(2, dtype=np.float32)] * 2)
    wanted = Statistics(mean, covariance)
    found = Statistics(np.float32([[1, 0], [0, 0]]), covariance)
    assert float(style_distance(found, wanted)) == pytest.approx(1 / 4)


@pytest.mark.parametrize("factor", [0.1, 30])
def test_a_louder_layer_is_no_further_away(factor):
    found, wanted = features(1, 6, 5, 4), features(1, 6, 5, 4)
    expected = content_distance(found, wanted)
    scaled = content_distance(factor * found, factor * wanted)
    assert float(scaled) == pytest.approx(float(expected), rel=1e-3)

    def style(by: float) -> float:
        each = (statistics(*moments(by * x)) for x in (found, wanted))
        return float(style_distance(*each))

    assert style(factor) == pytest.approx(style(1), rel=1e-2)


def test_a_picture_is_at_no_distance_from_itself():
    assert float(OBJECTIVE.losses(CONTENT, TARGETS, weights()).content) == pytest.approx(
        0, abs=1e-9
    )
    of_the_style = OBJECTIVE.losses(STYLE, TARGETS, weights())
    assert float(of_the_style.style) == pytest.approx(0, abs=1e-8)
    assert float(of_the_style.content) > 0.1


def test_the_total_is_the_weighted_sum():
    found = OBJECTIVE.losses(CONTENT * 0.5, TARGETS, weights(0.5, 2, 7))
    expected = (
        0.5 * float(found.content)
        + STYLE_SHARE * 2 * float(found.style)
        + VARIATION_SHARE * 7 * float(found.total_variation)
    )
    assert float(found.total) == pytest.approx(expected)


def test_the_style_is_the_weighted_mean_of_its_layers():
    first, *others = STYLE_LAYERS
    found = OBJECTIVE.losses(CONTENT, TARGETS, weights(**{first: 3}))
    assert found.layers.keys() == set(STYLE_LAYERS)
    layers = {name: float(value) for name, value in found.layers.items()}
    expected = (3 * layers[first] + sum(layers[name] for name in others)) / 7
    assert float(found.style) == pytest.approx(expected)


def test_a_layer_of_weight_0_does_not_count():
    alone = weights(**dict.fromkeys(STYLE_LAYERS[1:], 0))
    found = OBJECTIVE.losses(CONTENT, TARGETS, alone)
    assert float(found.style) == pytest.approx(float(found.layers[STYLE_LAYERS[0]]))


# --- Octaves ---------------------------------------------------------------------------------


def test_a_picture_is_halved_by_averages_of_squares():
    found = halved(as_tensor(picture(32, 33)))
    expected = as_tensor(picture(32, 33))[:, :, :32].numpy().reshape(1, 16, 2, 16, 2, 3)
    np.testing.assert_allclose(found, expected.mean(axis=(2, 4)), atol=1e-6)


@pytest.mark.parametrize("forms", [1, 3])
def test_the_style_is_the_weighted_mean_of_the_octaves(forms):
    deepest = STYLE_LAYERS[-1]
    fine = OWN._replace(style={name: OWN.style[name] for name in STYLE_LAYERS[:-1]})
    distances = {name: [1, forms] for name in STYLE_LAYERS[:-1]} | {deepest: [forms]}
    near = OBJECTIVE.losses(CONTENT, TARGETS, weights()).layers
    see = OBJECTIVE.networks.coarse
    far = style_distances(see(pad(halved(CONTENT)), STYLE_LAYERS), HALF)
    found = OBJECTIVE.losses(CONTENT, (fine, HALF), weights(forms=forms))
    for layer in STYLE_LAYERS[:-1]:
        expected = (float(near[layer]) + forms * float(far[layer])) / (1 + forms)
        assert float(found.layers[layer]) == pytest.approx(expected, rel=1e-5)
    assert float(found.layers[deepest]) == pytest.approx(float(far[deepest]), rel=1e-5)
    # Every layer counts once for each octave that it sees.
    counts = {name: sum(each) for name, each in distances.items()}
    total = sum(counts[name] * float(found.layers[name]) for name in counts)
    assert float(found.style) == pytest.approx(total / sum(counts.values()), rel=1e-5)


def test_the_fine_network_sees_the_content_at_both_sizes():
    see = OBJECTIVE.networks.fine
    near = content_distance(see(pad(STYLE), [LAYER])[LAYER], OWN.content[LAYER])
    far = content_distance(see(pad(halved(STYLE)), [LAYER])[LAYER], HALF.content[LAYER])
    found = OBJECTIVE.losses(STYLE, (OWN, HALF), weights()).content
    assert float(found) == pytest.approx(float(near) + 0.5 * float(far), rel=1e-5)


# --- The gradient of all together ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_of_the_total_is_its_slope_in_any_direction(seed):
    start = as_tensor(picture(32, 32, 5))
    targets = (OWN, HALF)

    def total(x):
        return OBJECTIVE.losses(x, targets, weights()).total

    with tf.GradientTape() as tape:
        tape.watch(start)
        value = total(start)
    gradient = tape.gradient(value, start).numpy()
    noise = np.random.default_rng(seed).normal(size=gradient.shape)
    # Half of it uphill: a direction at random would be almost level, and rounding hide the rest.
    direction = gradient / np.linalg.norm(gradient) + noise / np.linalg.norm(noise)
    step = 0.02 * direction.astype(np.float32)
    rise = float(total(start + step)) - float(total(start - step))
    assert rise / 0.04 == pytest.approx(float((gradient * direction).sum()), rel=0.02)


# --- Blends ----------------------------------------------------------------------------------


def test_a_blend_of_one_style_has_its_statistics():
    found = {"layer": moments(features(1, 6, 5, 4))}
    blended = blend([found], [1.0])["layer"]
    expected = statistics(*found["layer"])
    np.testing.assert_allclose(blended.mean, expected.mean, rtol=1e-6)
    np.testing.assert_allclose(blended.covariance, expected.covariance, atol=1e-6)


def test_a_blend_has_the_statistics_of_the_pictures_side_by_side():
    first, second = features(1, 4, 2, 3), 2 * features(1, 4, 6, 3)
    blended = blend([{"layer": moments(first)}, {"layer": moments(second)}], [0.25, 0.75])["layer"]
    expected = statistics(*moments(np.concatenate([first, second], axis=2)))
    np.testing.assert_allclose(blended.mean, expected.mean, rtol=1e-5)
    np.testing.assert_allclose(blended.covariance, expected.covariance, atol=1e-5)


def test_shares_count_and_sizes_of_the_pictures_do_not():
    first, second = features(1, 4, 2, 3), features(1, 4, 6, 3)
    twice = np.concatenate([second, second], axis=1)
    found, again = (
        blend([{"layer": moments(first)}, {"layer": moments(each)}], [0.5, 0.5])["layer"]
        for each in (second, twice)
    )
    np.testing.assert_allclose(found.covariance, again.covariance, atol=1e-5)


# --- Padding ---------------------------------------------------------------------------------


def test_a_picture_is_padded_with_its_reflection():
    around = ((0, 0), (PADDING, PADDING), (PADDING, PADDING), (0, 0))
    pixels = features(1, 33, 47, 3)
    np.testing.assert_array_equal(pad(pixels), np.pad(pixels, around, mode="reflect"))


def test_the_content_targets_are_the_layers_of_the_padded_picture():
    expected = NETWORK(pad(CONTENT), CONTENT_LAYERS)
    assert OWN.content.keys() == set(CONTENT_LAYERS)
    np.testing.assert_allclose(OWN.content[LAYER], expected[LAYER], atol=1e-5)
    side = (32 + 2 * PADDING) // stride(LAYER)
    assert OWN.content[LAYER].shape == (1, side, side, 8)
