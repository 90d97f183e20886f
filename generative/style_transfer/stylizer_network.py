"""The network that paints in one pass: what is known of a style → how to change a photo.

The style sets the scale and shift behind every normalisation (Dumoulin et al. 2017, arXiv
1610.07629; Ghiasi et al. 2017, 1705.06830) of an image-to-image network after Johnson et al. 2016
(1603.08155). Differs from them: a style is described by the statistics that the feature networks of
style transfer see in it, not by a network of its own; residual blocks lie at a quarter of the size,
for edges, and at an eighth, for broad strokes; and what comes out is a change of the photo, which
has been given the style's mean and covariance of colours before (`colours.recoloured`).
"""

from __future__ import annotations

from generative.backend import keras, tf

EPSILON = 1e-3
STRIDE = 8
"""Sides of pictures are multiples of this, pixels."""

HIDDEN = 256
"""Width of the layer between description and code."""

SLOPE = 1e-3
"""The least spread of a number of a description; channels that no style excites have none."""


class Standardised(keras.layers.Layer):  # type: ignore[misc]
    """Descriptions, (n, d), as deviations from those of the styles of the training."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make room for the mean and deviation of each number."""
        width = shape[-1]
        self.centre = self.add_weight(shape=(width,), name="centre", trainable=False)
        self.spread = self.add_weight(
            shape=(width,), initializer="ones", name="spread", trainable=False
        )

    def fit(self, descriptions: tf.Tensor) -> None:
        """Take the mean and deviation from descriptions of styles, (n, d)."""
        self.centre.assign(tf.reduce_mean(descriptions, axis=0))
        self.spread.assign(tf.maximum(tf.math.reduce_std(descriptions, axis=0), SLOPE))

    def call(self, descriptions: tf.Tensor) -> tf.Tensor:
        """Return them, cut off at four deviations: an odd style is odd, not beyond reason."""
        return tf.clip_by_value((descriptions - self.centre) / self.spread, -4.0, 4.0)


class StyledNorm(keras.layers.Layer):  # type: ignore[misc]
    """Instance normalisation with the scale and shift of a style.

    (x − μ) / √(σ² + ε) · (1 + scale) + shift, of each channel of each picture: Dumoulin et al.
    2017, equation 5.
    """

    def __init__(self) -> None:
        super().__init__(autocast=False)  # Sums and scales stay float32.

    def call(self, x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        """Return activations (n, h, w, c), given (n, c) scales and shifts."""
        shape = tf.shape(x)
        places = tf.reshape(tf.cast(x, tf.float32), (shape[0], shape[1] * shape[2], x.shape[-1]))
        # On a CPU, products with a row of ones are three times as fast as reduce_mean.
        row = tf.fill(
            (shape[0], 1, shape[1] * shape[2]), 1 / tf.cast(shape[1] * shape[2], tf.float32)
        )
        mean = tf.matmul(row, places)[:, 0]
        variance = tf.maximum(tf.matmul(row, tf.square(places))[:, 0] - tf.square(mean), 0.0)
        gain = (1 + tf.cast(scale, tf.float32)) * tf.math.rsqrt(variance + EPSILON)
        offset = tf.cast(shift, tf.float32) - mean * gain
        return x * tf.cast(gain[:, None, None], x.dtype) + tf.cast(offset[:, None, None], x.dtype)


class Stylizer(keras.Model):  # type: ignore[misc]
    """The three parts of the network.

    Args:
        description: numbers that describe a style.
        code: numbers that a style is reduced to.
        full, half, quarter, eighth: channels at the size of the picture and at shares of it.
    """

    def __init__(
        self, description: int, code: int, full: int, half: int, quarter: int, eighth: int
    ) -> None:
        super().__init__(name="stylizer", dtype="float32")
        self.coder = _coder(description, code)
        self.painter = _painter(code, full, half, quarter, eighth)

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Return paintings, not clipped.

        Args:
            inputs: pictures in the styles' colours, (n, h, w, 3) in [0, 1], both sides multiples of
                `STRIDE`; descriptions, (n, d); strengths, (n,), from 0 for the picture itself to 1.
        """
        pictures, descriptions, strength = inputs
        return self.paint(pictures, self.coder(descriptions), strength)

    def paint(self, pictures: tf.Tensor, codes: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
        """Return the same, given the styles' codes, (n, c).

        A weaker style has a shorter code, and less of the change is added.
        """
        change = self.painter([pictures, codes * strength[:, None]])
        return pictures + strength[:, None, None, None] * change


def _coder(description: int, code: int) -> keras.Model:
    """Return the network descriptions → codes."""
    x = described = keras.Input((description,))
    x = Standardised(name="standardised", dtype="float32")(x)
    x = keras.layers.Dense(HIDDEN, "relu", name="hidden", dtype="float32")(x)
    x = keras.layers.Dense(code, name="code", dtype="float32")(x)
    return keras.Model(described, x, name="coder", dtype="float32")


def _small() -> keras.Initializer:
    """All styles begin alike, and with the photo itself."""
    return keras.initializers.RandomNormal(stddev=0.05)


def _painter(code: int, full: int, half: int, quarter: int, eighth: int) -> keras.Model:
    """Return the network (pictures, codes) → changes of the pictures."""
    pictures, codes = keras.Input((None, None, 3)), keras.Input((code,))

    def styled(x: tf.Tensor, name: str) -> tf.Tensor:
        def of_style(what: str) -> tf.Tensor:
            dense = keras.layers.Dense(
                x.shape[-1], kernel_initializer=_small(), name=f"{name}_{what}", dtype="float32"
            )
            return dense(codes)

        return keras.layers.ReLU()(StyledNorm()(x, of_style("scale"), of_style("shift")))

    def convolution(
        x: tf.Tensor, width: int, name: str, side: int = 3, stride: int = 1
    ) -> tf.Tensor:
        around = (side - stride) // 2
        sides = [[0, 0], [around, around], [around, around], [0, 0]]
        # Zeros around a picture would be painted as a dark frame.
        padded = keras.ops.pad(x, sides, mode="reflect") if around else x
        return keras.layers.Conv2D(width, side, stride, name=name)(padded)

    def block(x: tf.Tensor, name: str) -> tf.Tensor:
        """He et al. 2016, Identity mappings in deep residual networks (arXiv 1603.05027)."""
        y = convolution(styled(x, f"{name}_norm1"), x.shape[-1], f"{name}_conv1")
        y = convolution(styled(y, f"{name}_norm2"), x.shape[-1], f"{name}_conv2")
        return keras.layers.Add()([x, y])

    def doubled(x: tf.Tensor) -> tf.Tensor:
        # Averaged over neighbours: squares of equal values would be seen in the painting.
        return keras.layers.AveragePooling2D(3, 1, "same")(keras.layers.UpSampling2D(2)(x))

    centred = keras.layers.Rescaling(2.0, -1.0)(pictures)
    at_half = convolution(centred, half, "to_half", 6, 2)
    at_quarter = convolution(styled(at_half, "half_norm"), quarter, "to_quarter", 4, 2)
    for number in (1, 2):
        at_quarter = block(at_quarter, f"edges{number}")
    x = convolution(styled(at_quarter, "quarter_norm"), eighth, "to_eighth", 4, 2)
    for number in (1, 2, 3):
        x = block(x, f"forms{number}")
    x = keras.layers.Add()([doubled(convolution(x, quarter, "from_eighth", 1)), at_quarter])
    for number in (1, 2):
        x = block(x, f"strokes{number}")
    x = keras.layers.Add()([doubled(convolution(x, half, "from_quarter", 1)), at_half])
    x = keras.layers.ReLU()(convolution(styled(x, "last_norm"), full, "from_half"))
    x = keras.layers.Concatenate()([keras.layers.UpSampling2D(2)(x), centred])
    x = keras.layers.ReLU()(convolution(x, full, "full"))
    around = [[0, 0], [1, 1], [1, 1], [0, 0]]
    x = keras.ops.pad(keras.ops.cast(x, "float32"), around, mode="reflect")
    change = keras.layers.Conv2D(3, 3, name="change", kernel_initializer=_small(), dtype="float32")(
        x
    )
    return keras.Model([pictures, codes], change, name="painter", dtype="float32")
