"""The network that paints in one pass: a photo's features, given a style's statistics → a painting.

A photo is seen through the first blocks of the network that style transfer looks through anyway. At
each of three layers its activations are whitened and coloured, so that they have the mean and
covariance of the style's (Li et al. 2017, arXiv 1705.08086), and a decoder makes a picture of them.
Differs from the paper: one decoder sees all three layers, and the photo, which it changes; it is
taught by the losses of style transfer, not to invert features (as in Huang & Belongie 2017, arXiv
1703.06868); and the network that sees is small.
"""

from __future__ import annotations

from generative.backend import keras, tf
from generative.style_transfer.features import FeatureNetwork, Features, stride
from generative.style_transfer.losses import Statistics, widened

LAYERS = ("block2_conv1", "block3_conv1", "block4_conv1")
"""Whose activations are given the style's statistics: of strides 2, 4 and 8."""

STRIDE = 8
"""Sides of pictures are multiples of this, pixels."""

MARGIN = 16
"""Reflected around a photo when it is seen, pixels: zeros there would be taken for a dark frame."""

FLOOR = 0.03
"""The least variance that is whitened, as a share of the mean over channels: less is noise."""


class Stylizer(keras.Model):  # type: ignore[misc]
    """The decoder, behind a network that sees.

    Args:
        sees: the network that sees, trained before.
        full, half, quarter, eighth: channels of the decoder at the size and at shares of it.
    """

    def __init__(
        self, sees: FeatureNetwork, full: int, half: int, quarter: int, eighth: int
    ) -> None:
        super().__init__(name="stylizer", dtype="float32")
        self.sees = sees
        widths = {
            each.name: each.kernel.shape[-1] for each in sees.convolutions if each.name in LAYERS
        }
        self.decoder = _decoder(widths, full, half, quarter, eighth)
        self.built = True  # Its one part is, for pictures of any size.

    def call(self, inputs: tuple[tf.Tensor, dict[str, Statistics], tf.Tensor]) -> tf.Tensor:
        """Return paintings, not clipped.

        Args:
            inputs: pictures in the styles' colours, (n, h, w, 3) in [0, 1], both sides multiples of
                `STRIDE`; statistics of the styles by layer, (n, c) and (n, c, c); strengths, (n,),
                from 0 for the picture itself to 1.
        """
        pictures, styles, strength = inputs
        seen = see(self.sees, pictures, self.decoder.compute_dtype)
        coloured = [transferred(seen[layer], styles[layer], strength) for layer in LAYERS]
        change = self.decoder([pictures, *coloured])
        return pictures + strength[:, None, None, None] * change


def see(network: FeatureNetwork, pictures: tf.Tensor, dtype: str) -> Features:
    """Return the activations of `LAYERS`, (n, h / stride, w / stride, c)."""
    around = [[0, 0], [MARGIN, MARGIN], [MARGIN, MARGIN], [0, 0]]
    found = network(tf.pad(pictures, around, "REFLECT"), LAYERS, tf.as_dtype(dtype))
    return {layer: _inner(x, MARGIN // stride(layer)) for layer, x in found.items()}


def _inner(x: tf.Tensor, margin: int) -> tf.Tensor:
    return x[:, margin:-margin, margin:-margin]


def transferred(x: tf.Tensor, style: Statistics, strength: tf.Tensor) -> tf.Tensor:
    """Return activations, (n, h, w, c), on their way to a style's mean and covariance.

    Σ*^½ Σ^-½ (x − μ) + μ*: Li et al. 2017, equations 2 and 3.

    Args:
        x: of photos.
        style: of the styles, (n, c) and (n, c, c).
        strength: how far they go, (n,).
    """
    shape = tf.shape(x)
    places = tf.reshape(widened(x), (shape[0], shape[1] * shape[2], x.shape[-1]))
    mean = tf.reduce_mean(places, axis=1, keepdims=True)
    apart = places - mean
    covariance = tf.matmul(apart, apart, transpose_a=True) / tf.cast(
        tf.shape(places)[1], tf.float32
    )
    matrix = tf.matmul(_power(covariance, -0.5), _power(style.covariance, 0.5))
    goal = tf.matmul(apart, matrix) + style.mean[:, None]
    found = places + strength[:, None, None] * (goal - places)
    return tf.cast(tf.reshape(found, shape), x.dtype)


def _power(covariance: tf.Tensor, exponent: float) -> tf.Tensor:
    """Return powers of symmetric matrices, (n, c, c), whose smallest eigenvalues are raised."""
    values, vectors = tf.linalg.eigh(covariance)
    floor = FLOOR * tf.reduce_mean(values, axis=-1, keepdims=True) + 1e-6
    powers = tf.maximum(values, floor) ** exponent
    return tf.matmul(vectors * powers[:, None], vectors, transpose_b=True)


def _decoder(
    widths: dict[str, int], full: int, half: int, quarter: int, eighth: int
) -> keras.Model:
    """Return the network (pictures, activations of `LAYERS`) → changes of the pictures."""
    pictures = keras.Input((None, None, 3), name="pictures")
    seen = [keras.Input((None, None, widths[layer]), name=layer) for layer in LAYERS]

    def convolution(x: tf.Tensor, width: int, name: str, side: int = 3) -> tf.Tensor:
        around = side // 2
        sides = [[0, 0], [around, around], [around, around], [0, 0]]
        # Zeros around a picture would be painted as a dark frame.
        padded = keras.ops.pad(x, sides, mode="reflect") if around else x
        return keras.layers.Conv2D(width, side, name=name)(padded)

    def block(x: tf.Tensor, name: str) -> tf.Tensor:
        """He et al. 2016, Deep residual learning for image recognition (arXiv 1512.03385)."""
        y = keras.layers.ReLU()(convolution(x, x.shape[-1], f"{name}_conv1"))
        return keras.layers.Add()([x, convolution(y, x.shape[-1], f"{name}_conv2")])

    def doubled(x: tf.Tensor) -> tf.Tensor:
        # Averaged over neighbours: squares of equal values would be seen in the painting.
        return keras.layers.AveragePooling2D(3, 1, "same")(keras.layers.UpSampling2D(2)(x))

    at_half, at_quarter, at_eighth = seen
    x = keras.layers.ReLU()(convolution(at_eighth, eighth, "forms"))
    x = block(x, "forms1")
    x = doubled(convolution(x, quarter, "from_eighth", 1))
    x = keras.layers.Add()([x, convolution(at_quarter, quarter, "strokes")])
    for number in (1, 2, 3):
        x = block(x, f"strokes{number}")
    x = doubled(convolution(keras.layers.ReLU()(x), half, "from_quarter", 1))
    x = keras.layers.Add()([x, convolution(at_half, half, "edges")])
    x = block(x, "edges1")
    x = convolution(keras.layers.ReLU()(x), full, "from_half")
    x = keras.layers.Concatenate()([keras.layers.UpSampling2D(2)(x), pictures])
    x = keras.layers.ReLU()(convolution(x, full, "full"))
    around = [[0, 0], [1, 1], [1, 1], [0, 0]]
    x = keras.ops.pad(keras.ops.cast(x, "float32"), around, mode="reflect")
    small = keras.initializers.RandomNormal(stddev=0.02)  # It begins near the photo.
    change = keras.layers.Conv2D(3, 3, name="change", kernel_initializer=small, dtype="float32")(x)
    return keras.Model([pictures, *seen], change, name="decoder", dtype="float32")
