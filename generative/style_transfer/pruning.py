"""Prune a large VGG to narrower layers: the other way to come by a network, without descent.

Of every layer of a trained VGG-16 as many channels are kept as are asked for, those from which the
others can be predicted best. Then, from the first layer to the last, a convolution is fitted that
computes the kept channels from those kept before it. All of it is least squares: a few hundred
pictures and some minutes, no epochs.

He, Zhang, Sun 2017 (arXiv 1707.06168) choose channels and refit kernels in turn, with a lasso; the
choice here is greedy. What a rectifier will cut off need not be fitted: Zhang et al. 2015 (arXiv
1505.06798), section 2.2. That few channels hold nearly all that style transfer uses: Wang et al.
2020 (arXiv 2003.08436), Chiu & Gurari 2022 (arXiv 2203.13452).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.style_transfer import classifier
from generative.style_transfer.features import Convolution, FeatureNetwork

Floats = NDArray[np.float32]

PLACES = 120
"""Looked at in each picture, of each layer: neighbours say nearly the same."""

AT_ONCE = 8
"""Pictures that the large network sees at once: all layers of them are held together."""

ROUNDS = 6
"""Of fitting: what the rectifier cuts off changes with the fit, and after six hardly any more."""

PULL = 30.0
"""How many places the large network's own kernel counts for, beside those looked at."""

TINY = 1e-4
"""Share of the mean variance that a channel has at least, or counts as silent."""


class Sample(NamedTuple):
    """Activations of a layer at some places of many pictures.

    Attributes:
        places: (m,) int64, flat indices into the (n, h, w) places of the layer.
        activations: (m, channels) float32.
    """

    places: NDArray[np.int64]
    activations: Floats


class Prediction(NamedTuple):
    """How all channels follow from some: activations ≈ some · coefficients + intercept.

    Attributes:
        coefficients: (some, all) float32.
        intercept: (all,) float32.
    """

    coefficients: Floats
    intercept: Floats

    def scaled(self, gain: float) -> Prediction:
        """Return the prediction of all channels times `gain`."""
        return Prediction(self.coefficients * gain, self.intercept * gain)


@dataclass(frozen=True)
class Pruned:
    """A small network, and which channels of the large one its own stand for.

    Attributes:
        network: the small one, "features".
        kept: layer → indices of the large network's channels, in order.
        deviations: layer → what ours are multiplied by to be theirs; ours have variance 1.
    """

    network: FeatureNetwork
    kept: Mapping[str, NDArray[np.int64]]
    deviations: Mapping[str, Floats]


def prune(
    teacher: FeatureNetwork,
    pictures: Floats,
    widths: Mapping[str, int],
    rng: Generator,
) -> Pruned:
    """Return the network with `widths` that computes what `teacher` computes as nearly as it can.

    Args:
        teacher: the large network; its channels are as many as ours at least.
        pictures: (n, h, w, 3) in [0, 1], h and w multiples of 16.
        widths: channels of each block, by its name.
        rng: chooses the places that are looked at.
    """
    layers = layers_of(widths)
    samples = look(teacher, pictures, layers, rng)
    theirs = {each.name: each for each in teacher.convolutions}
    maps = pictures * np.float32(classifier.SCALE) + np.float32(classifier.OFFSET)
    inputs = predict_pixels(teacher)
    fitted: list[Convolution] = []
    kept, deviations = {}, {}
    for layer in layers:
        if fitted and fitted[-1].block != layer.partition("_")[0]:
            maps, inputs = halve(maps), inputs.scaled(teacher.gain)
        places, activations = samples[layer]
        mean, covariance = activations.mean(axis=0), np.cov(activations, rowvar=False)
        chosen = choose_channels(covariance, widths[layer.partition("_")[0]])
        deviation = activations[:, chosen].std(axis=0) + np.float32(1e-3)
        prior = carried_over(theirs[layer], inputs, chosen, deviation)
        convolution = fit(prior, maps, places, activations[:, chosen] / deviation)
        maps = apply(convolution, maps)
        fitted.append(convolution)
        kept[layer], deviations[layer] = chosen, deviation
        found = predict(mean, covariance, chosen)
        inputs = found._replace(coefficients=found.coefficients * deviation[:, None])
    offset = (classifier.OFFSET,) * 3
    network = FeatureNetwork("features", fitted, classifier.SCALE, offset)
    return Pruned(network, kept, deviations)


def layers_of(widths: Mapping[str, int]) -> list[str]:
    """Return the names of our layers, shallowest first."""
    return [
        f"{block}_conv{number}"
        for block, depth in zip(widths, classifier.DEPTHS, strict=True)
        for number in range(1, depth + 1)
    ]


def look(
    network: FeatureNetwork, pictures: Floats, layers: Sequence[str], rng: Generator
) -> dict[str, Sample]:
    """Return what `layers` of a network hold at `PLACES` places of each picture."""
    see = tf.function(lambda x: network(x, layers), reduce_retracing=True)
    parts: dict[str, list[Sample]] = {layer: [] for layer in layers}
    for start in range(0, len(pictures), AT_ONCE):
        for layer, seen in see(tf.constant(pictures[start : start + AT_ONCE])).items():
            maps = seen.numpy()
            area = maps.shape[1] * maps.shape[2]
            chosen = [rng.permutation(area)[:PLACES] + i * area for i in range(len(maps))]
            places = np.concatenate(chosen)
            activations = maps.reshape(-1, maps.shape[-1])[places]
            parts[layer].append(Sample(places + start * area, activations))
    return {
        layer: Sample(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))
        for layer, found in parts.items()
    }


def choose_channels(covariance: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """Return the channels from which a linear prediction of all leaves the least variance.

    Greedy: each is the one that explains most of what those before it leave unexplained.

    Args:
        covariance: (channels, channels).
        count: how many to keep.
    """
    left = np.array(covariance, np.float64)
    silent = np.diag(left) <= TINY * np.diag(left).mean()
    chosen: list[int] = []
    for _ in range(count):
        variance = np.maximum(np.diag(left), 1e-12)
        explained = np.where(silent, -1, np.square(left).sum(axis=0) / variance)
        explained[chosen] = -2
        best = int(explained.argmax())
        chosen.append(best)
        left -= np.outer(left[:, best], left[:, best]) / variance[best]
    return np.sort(np.array(chosen))


def predict(
    mean: Floats, covariance: NDArray[np.floating], chosen: NDArray[np.int64]
) -> Prediction:
    """Return the best linear prediction of all channels from the chosen ones."""
    among = covariance[np.ix_(chosen, chosen)]
    ridge = TINY * np.diag(covariance).mean() * np.eye(len(chosen))
    coefficients = np.linalg.solve(among + ridge, covariance[chosen])
    intercept = mean - mean[chosen] @ coefficients
    return Prediction(coefficients.astype(np.float32), intercept.astype(np.float32))


def predict_pixels(teacher: FeatureNetwork) -> Prediction:
    """Return how what `teacher` makes of a pixel follows from what we make of it."""
    order = slice(None, None, -1) if teacher.reversed_channels else slice(None)
    scale = teacher.scale / classifier.SCALE
    coefficients = scale * np.eye(3)[:, order]
    intercept = np.array(teacher.offset) - scale * classifier.OFFSET
    return Prediction(coefficients.astype(np.float32), intercept.astype(np.float32))


def carried_over(
    theirs: Convolution, inputs: Prediction, chosen: NDArray[np.int64], deviation: Floats
) -> Convolution:
    """Return the large network's convolution as if all its inputs were what we predict."""
    kernel = theirs.kernel[..., chosen] / deviation
    return Convolution(
        theirs.name,
        np.einsum("kc,hwco->hwko", inputs.coefficients, kernel),
        theirs.bias[chosen] / deviation + np.einsum("c,hwco->o", inputs.intercept, kernel),
    )


def fit(prior: Convolution, maps: Floats, places: NDArray[np.int64], wanted: Floats) -> Convolution:
    """Return the convolution that, rectified, gives what is wanted with the least squared error.

    Where nothing is wanted, every negative answer is as good as any other, so there the answer of
    the round before is taken for the goal unless it was positive.

    Args:
        prior: where the fit begins, and what it is drawn to.
        maps: (n, h, w, inputs) what it convolves.
        places: (m,) flat indices of the places to fit.
        wanted: (m, outputs) not negative.
    """
    around = neighbourhoods(maps, places)
    first = np.concatenate([prior.kernel.reshape(-1, wanted.shape[1]), prior.bias[None]])
    products = around.T @ around / len(around)
    pull = PULL / len(around) * np.diag(products).mean() * np.eye(len(products))
    inverse = np.linalg.inv(products + pull).astype(np.float32)
    weights = first
    for _ in range(ROUNDS):
        goal = np.where(wanted > 0, wanted, np.minimum(around @ weights, 0))
        weights = first + inverse @ (around.T @ (goal - around @ first) / len(around))
    return Convolution(prior.name, weights[:-1].reshape(prior.kernel.shape), weights[-1])


def neighbourhoods(maps: Floats, places: NDArray[np.int64]) -> Floats:
    """Return the 3×3 squares around places, zeros beyond the border, and a one: (m, 9·c + 1)."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    picture, y, x = np.unravel_index(places, maps.shape[:3])
    squares = [padded[picture, y + i, x + j] for i in range(3) for j in range(3)]
    return np.concatenate([*squares, np.ones((len(places), 1), np.float32)], axis=1)


def halve(maps: Floats) -> Floats:
    """Return the means of squares of four places."""
    count, height, width, channels = maps.shape
    squares = maps.reshape(count, height // 2, 2, width // 2, 2, channels)
    return np.asarray(squares.mean(axis=(2, 4)), np.float32)


def apply(convolution: Convolution, maps: Floats) -> Floats:
    """Return what a convolution and its rectifier make of maps."""
    parts = [
        tf.nn.conv2d(maps[i : i + AT_ONCE], convolution.kernel, strides=1, padding="SAME")
        for i in range(0, len(maps), AT_ONCE)
    ]
    return np.maximum(np.concatenate(parts) + convolution.bias, 0)


def explained(
    found: Pruned, teacher: FeatureNetwork, pictures: Floats, seed: int
) -> dict[str, float]:
    """Return by layer the share of the kept channels' variance that ours explain.

    Args:
        found: what `prune` returned.
        teacher: what it was given.
        pictures: (n, h, w, 3) in [0, 1], other ones.
        seed: of the places that are looked at, the same in both networks.
    """
    layers = found.network.layers
    theirs, ours = (
        look(network, pictures, layers, np.random.default_rng(seed))
        for network in (teacher, found.network)
    )
    shares = {}
    for layer in layers:
        wanted = theirs[layer].activations[:, found.kept[layer]]
        answers = ours[layer].activations * found.deviations[layer]
        unexplained = np.square(answers - wanted).sum() / np.square(wanted - wanted.mean(0)).sum()
        shares[layer] = float(1 - unexplained)
    return shares


def as_classifier(
    found: Pruned, pictures: Floats, labels: NDArray[np.int64], classes: int
) -> keras.Model:
    """Return the network as `classifier.build` makes it, so that one loader serves both.

    The normalisations change nothing but for the bias, and the last layer is fitted to the classes
    of the pictures by least squares.

    Args:
        found: what `prune` returned.
        pictures: (n, h, w, 3) in [0, 1].
        labels: (n,) their classes.
        classes: how many there are.
    """
    convolutions = found.network.convolutions
    widths = {each.block: len(each.bias) for each in convolutions}
    network = classifier.build(classes=classes, **widths)
    for each in convolutions:
        network.get_layer(each.name).kernel.assign(each.kernel)
        norm = network.get_layer(f"{each.name}_norm")
        norm.beta.assign(each.bias)
        norm.moving_variance.assign(np.full(len(each.bias), 1 - norm.epsilon, np.float32))
    last = found.network.layers[-1]
    see = tf.function(lambda x: tf.reduce_mean(found.network(x, [last])[last], [1, 2]))
    means = np.concatenate(
        [see(tf.constant(pictures[i : i + AT_ONCE])) for i in range(0, len(pictures), AT_ONCE)]
    )
    design = np.concatenate([means, np.ones((len(means), 1), np.float32)], axis=1)
    weights = np.linalg.lstsq(design, np.eye(classes)[labels], rcond=None)[0]
    network.get_layer("logits").set_weights([weights[:-1], weights[-1]])
    return network
