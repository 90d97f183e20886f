"""The words of the lesson, and what its six chapters say in formulas and in Keras."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        title: its name.
        sentence: what it is about.
        question: to answer before moving the control.
        surprise: shown on request.
        formula: in plain characters.
        listing: the same in Keras; `pictures` is (n, 28, 28, 1) float32 in [0, 1].
    """

    title: str
    sentence: str
    question: str
    surprise: str
    formula: str
    listing: str


LINEAR = Chapter(
    "An autoencoder is PCA, bent",
    "Squeeze 784 pixels into a few numbers and rebuild the picture from them.",
    "How many numbers does it take until you can read the picture?",
    "About twenty. Without activations a network learns the plane that PCA computes, no more; "
    "bends let one with as many numbers make a third of its error.",
    "x̂ = W₂ W₁ x,  minimise ‖x − x̂‖²",
    """import keras

autoencoder = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(32, use_bias=False),  # the code
    keras.layers.Dense(784, use_bias=False),
    keras.layers.Reshape((28, 28, 1)),
])
autoencoder.compile("adam", loss="mse")
autoencoder.fit(pictures, pictures, epochs=1, batch_size=64)
""",
)
CODES = Chapter(
    "What a code holds",
    "The stacked network writes your picture as 32 numbers, and you erase one.",
    "Which part of the picture does a single number hold: a stroke, a corner, a shade?",
    "None. Every number changes the picture everywhere, a little: the code is distributed, which "
    "is why nobody can read it.",
    "z = f(x),  x̂ = g(z),  zᵢ ← 0",
    """import keras

encoder = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(128, "relu"),
    keras.layers.Dense(32),
])
decoder = keras.Sequential([
    keras.Input((32,)),
    keras.layers.Dense(784, "sigmoid"),
    keras.layers.Reshape((28, 28, 1)),
])
codes = encoder.predict(pictures)
codes[:, 6] = 0
without_one = decoder.predict(codes)
""",
)
NOISE = Chapter(
    "Learning from noise",
    "Show a network noisy pictures and ask for the clean ones: it learns what pictures look like.",
    "At which level of noise can the network still read what you can't?",
    "Long after you. It has seen 60,000 pictures, and guesses what is likely; from noise alone, it "
    "still draws something.",
    "minimise ‖f(x + σε) − x‖²,  ε ~ N(0, 1)",
    """import keras
import numpy as np

noise = np.random.default_rng(0).normal(0, 0.5, pictures.shape)
noisy = np.clip(pictures + noise, 0, 1).astype("float32")
denoiser = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
])
denoiser.compile("adam", loss="mse")
denoiser.fit(noisy, pictures, epochs=1, batch_size=64)
""",
)
VARIATIONAL = Chapter(
    "The variational step",
    "Encode a picture as a cloud, not as a point: a mean μ and a width σ for every latent.",
    "What happens to the picture when the cloud is three times as wide?",
    "It stays a picture of its kind, but drifts towards another one. At σ = 0 all six are the "
    "same: the noise ε is all that tells them apart, and because it stands apart from μ and σ, "
    "both can be learned.",
    "z = μ + σ ε,  ε ~ N(0, 1)",
    """import keras

def sample(mean, log_variance):
    noise = keras.random.normal(keras.ops.shape(mean))
    return mean + keras.ops.exp(log_variance / 2) * noise

def kl_divergence(mean, log_variance):
    variance = keras.ops.exp(log_variance)
    terms = mean**2 + variance - log_variance - 1
    return keras.ops.sum(terms, axis=1) / 2  # nats per picture

hidden = keras.layers.Flatten()(pictures)
mean, log_variance = keras.layers.Dense(16)(hidden), keras.layers.Dense(16)(hidden)
z = sample(mean, log_variance)
cost = kl_divergence(mean, log_variance)
""",
)
SPACE = Chapter(
    "Between two pictures",
    "Because the clouds overlap, every place between two codes is a picture too.",
    "What lies half-way between two pictures: both of them, faintly, one over the other?",
    "No: one picture, sharp, that nobody drew. The mean of the pixels would show both faintly; the "
    "mean of the latents is a place of its own.",
    "z = (1 − t) zᴬ + t zᴮ",
    """import keras
import numpy as np

encoder = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(16),
])
decoder = keras.Sequential([
    keras.Input((16,)),
    keras.layers.Dense(784, "sigmoid"),
    keras.layers.Reshape((28, 28, 1)),
])
a, b = encoder.predict(pictures[:2])
way = np.linspace(0, 1, 8)[:, None]
film = decoder.predict((1 - way) * a + way * b)
""",
)
STYLE = Chapter(
    "How a network sees style",
    "Cut a painting into tiles and shuffle them: what is left of it, to a network?",
    "Which changes more, what the network sees of the content or of the style?",
    "The content, by far. A Gram matrix sums over all places, so it forgets where things are and "
    "keeps which go together: that is texture, and painters call it style.",
    "G = FᵀF / places",
    """import keras
import numpy as np

layers = [keras.layers.Conv2D(16, 3, padding="same", activation="relu") for _ in range(2)]
network = keras.Sequential([keras.Input((None, None, 1)), *layers])

def gram_matrix(picture):
    features = network.predict(picture[None])[0]
    places = features.reshape(-1, features.shape[-1])
    return places.T @ places / len(places)

style_loss = np.mean((gram_matrix(pictures[0]) - gram_matrix(pictures[1])) ** 2)
""",
)
