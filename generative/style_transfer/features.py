"""Feature networks: from a picture to what the layers of a VGG see in it.

A feature network is a list of convolutions with pooling between its blocks and nothing else: no
graph is loaded, no Keras model is called. It runs inside compiled functions, under gradient tapes,
in float32 or with its convolutions in bfloat16.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.card import Card
from generative.training.batches import in_chunks

Features: TypeAlias = dict[str, tf.Tensor]
"""Layer → activations after its rectifier: (batch, h, w, channels), of the convolutions' dtype."""


def stride(layer: str) -> int:
    """Return how many pixels one place of a layer stands for: 1 in block1, 16 in block5."""
    return 1 << int(layer.partition("_")[0].removeprefix("block")) - 1


@dataclass(frozen=True)
class Convolution:
    """One 3×3 convolution, followed by a rectifier.

    Attributes:
        name: "block1_conv1" and so on; a new block begins with pooling.
        kernel: (3, 3, inputs, outputs) float32.
        bias: (outputs,) float32.
    """

    name: str
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def block(self) -> str:
        """The block that it belongs to: "block1" to "block5"."""
        return self.name.partition("_")[0]


@dataclass(frozen=True, eq=False)
class FeatureNetwork:
    """The convolutions of a VGG, and what they expect of a picture.

    Attributes:
        name: of the network, as users choose it.
        convolutions: in order.
        scale, offset: pixels in [0, 1] are multiplied by the one, then the other is added.
        reversed_channels: whether the first channel is blue.
        pooling: "average" or "max".
        gain: what a pooled activation is multiplied by.
    """

    name: str
    convolutions: Sequence[Convolution]
    scale: float
    offset: tuple[float, float, float]
    reversed_channels: bool = False
    pooling: str = "average"
    gain: float = 1.0

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, shallowest first."""
        return tuple(each.name for each in self.convolutions)

    def receptive_field_radius(self, layers: Collection[str]) -> int:
        """Return how many pixels beyond its own a place of the deepest of `layers` sees."""
        deepest = max(self.layers.index(layer) for layer in layers)
        # Each 3×3 convolution sees one place farther; pooled squares do not overlap.
        return sum(stride(layer) for layer in self.layers[: deepest + 1])

    def __call__(
        self, pictures: tf.Tensor, layers: Collection[str], dtype: tf.DType = tf.float32
    ) -> Features:
        """Return the activations of `layers`, going no deeper than they ask for.

        Args:
            pictures: (batch, h, w, 3) float32 tensor in [0, 1].
            layers: names of layers.
            dtype: of the convolutions.
        """
        x = pictures[..., ::-1] if self.reversed_channels else pictures
        x = tf.cast(x * self.scale + self.offset, dtype)
        found: Features = {}
        block = self.convolutions[0].block
        for each in self.convolutions:
            if len(found) == len(set(layers)):
                break
            if each.block != block:
                x, block = self._pool(x), each.block
            x = tf.nn.conv2d(x, tf.cast(each.kernel, dtype), strides=1, padding="SAME")
            x = tf.nn.relu(tf.nn.bias_add(x, tf.cast(each.bias, dtype)))
            if each.name in layers:
                found[each.name] = x
        return found

    def _pool(self, x: tf.Tensor) -> tf.Tensor:
        if self.pooling == "max":
            return tf.nn.max_pool2d(x, 2, strides=2, padding="VALID")
        pooled = tf.nn.avg_pool2d(x, 2, strides=2, padding="VALID")
        return pooled if self.gain == 1 else pooled * tf.cast(self.gain, pooled.dtype)


@dataclass(frozen=True)
class Networks:
    """The pair of networks that a painting is seen through; both may be the same.

    Attributes:
        fine: sees the content, and the style at the picture's own size: strokes.
        coarse: sees the style at half the size and below: forms and colours.
    """

    fine: FeatureNetwork
    coarse: FeatureNetwork


class Classifier:
    """The trained network of `classifier.py`: it names objects, and holds the features.

    Args:
        network: pictures → logits.
        card: the checkpoint's card.
    """

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.network = network
        self.card = card
        self._classify = tf.function(
            lambda x: tf.nn.softmax(network(x, training=False)),
            input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)],
        )

    def classify(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probabilities of the classes, (n, classes) float32, of (n, h, w, 3) uint8."""
        return in_chunks(lambda chunk: self._classify(tf.cast(chunk, tf.float32) / 255), pictures)

    def features(self) -> FeatureNetwork:
        """Return the convolutions, batch normalisation folded into them."""
        convolutions = []
        for layer in self.network.layers:
            if not isinstance(layer, keras.layers.Conv2D):
                continue
            norm = self.network.get_layer(f"{layer.name}_norm")
            kernel, bias = fold(
                layer.kernel.numpy(),
                norm.gamma.numpy(),
                norm.beta.numpy(),
                norm.moving_mean.numpy(),
                norm.moving_variance.numpy(),
                norm.epsilon,
            )
            convolutions.append(Convolution(layer.name, kernel, bias))
        rescaling = next(x for x in self.network.layers if isinstance(x, keras.layers.Rescaling))
        offset = (float(rescaling.offset),) * 3
        return FeatureNetwork("features", convolutions, float(rescaling.scale), offset)


def fold(
    kernel: NDArray[np.float32],
    gamma: NDArray[np.float32],
    beta: NDArray[np.float32],
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
    epsilon: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the kernel and bias of a convolution with the normalisation behind it folded in.

    γ·(W∗x − μ)/√(σ² + ε) + β = (W·s)∗x + (β − μ·s), with s = γ/√(σ² + ε).
    """
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, beta - mean * scale
