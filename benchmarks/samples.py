"""Judge samples by a classifier: of the variational autoencoders and of the blind denoiser.

    python -m benchmarks.samples [--data mnist fashion_mnist] [--write]

Trains a small classifier on each data set's training pictures (it is not shipped). For every VAE,
prints the Fréchet distance between the classifier's features of real test pictures and of samples,
from the prior and from the fitted mixture; for every conditional VAE also the share of samples that
the classifier assigns to the class asked for. Of the blind denoiser it judges what it draws out of
noise with the default settings, which takes much longer. `--write` stores the figures on the
checkpoints' cards, as "samples".
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import generative
from benchmarks.markdown import table
from generative import checkpoints, data
from generative.backend import keras
from generative.denoising.sampling import Sampler
from generative.models import compared_in, with_role
from generative.training.batches import compiled, in_chunks
from generative.validation import IMAGE_SHAPE, Images
from generative.variational.interface import SOURCES
from generative.variational.latent_model import LatentModel

EPOCHS = 5
SAMPLES = 10_000
AT_ONCE = 1000
SEED = 0

Moments = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Mean (f,) and covariance (f, f) of features."""


class Classifier:
    """A convolutional classifier of one data set.

    Attributes:
        accuracy: on the 10,000 test pictures.
        real: moments of its features on those pictures.
    """

    def __init__(self, dataset: str) -> None:
        keras.utils.set_random_seed(SEED)
        pictures = keras.Input(IMAGE_SHAPE)
        x = pictures
        for filters in (32, 64):
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = keras.layers.MaxPooling2D(2)(x)
        x = keras.layers.Dropout(0.25)(keras.layers.Flatten()(x))
        features = keras.layers.Dense(64, activation="relu")(x)
        logits = keras.layers.Dense(10)(keras.layers.Dropout(0.25)(features))
        network = keras.Model(pictures, logits)
        images, labels = data.load(dataset, "train")
        steps = EPOCHS * (len(images) // 128 + 1)
        network.compile(
            keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        network.fit(images, labels, batch_size=128, epochs=EPOCHS, verbose=0)
        both = keras.Model(pictures, keras.layers.Concatenate()([features, logits]))
        self._both = compiled(lambda x: both(x, training=False), IMAGE_SHAPE)
        test_images, test_labels = data.load(dataset, "test")
        real, predicted = self(test_images)
        self.accuracy = float((predicted == test_labels).mean())
        self.real = moments(real)

    def __call__(self, images: Images) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return features (n, 64) float32 and predicted classes (n,) int64."""
        both = in_chunks(self._both, images)
        return both[:, :-10], both[:, -10:].argmax(axis=1)


def moments(features: NDArray[np.float32]) -> Moments:
    """Return mean and covariance of features (n, f)."""
    exact = features.astype(np.float64)
    return exact.mean(axis=0), np.cov(exact, rowvar=False)


def frechet_distance(a: Moments, b: Moments) -> float:
    """Return ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½) (Heusel et al. 2017, arXiv 1706.08500)."""
    # By eigenvalues: the root itself may not exist if a feature is never active.
    root_trace = np.sqrt(np.linalg.eigvals(a[1] @ b[1]).real.clip(0)).sum()
    return float(np.square(a[0] - b[0]).sum() + np.trace(a[1] + b[1]) - 2 * root_trace)


def judge(model: LatentModel, classifier: Classifier) -> dict[str, Any]:
    """Return the figures for a model's samples, by name."""
    figures: dict[str, Any] = {"classifier_accuracy": round(classifier.accuracy, 4)}
    labels = np.arange(AT_ONCE) % 10 if model.classes else None
    for source in SOURCES:
        images = np.concatenate(
            [
                model.sample(AT_ONCE, seed=seed, source=source, labels=labels)
                for seed in range(SAMPLES // AT_ONCE)
            ]
        )
        features, recognised = classifier(images)
        figures[f"frechet_{source}"] = round(
            frechet_distance(moments(features), classifier.real), 3
        )
        if labels is not None:
            asked = np.tile(labels, SAMPLES // AT_ONCE)
            figures[f"recognised_{source}"] = round(float((recognised == asked).mean()), 4)
    return figures


def judge_generated(model: Sampler, classifier: Classifier) -> dict[str, Any]:
    """Return the figures for what a blind denoiser draws, by name."""
    drawn = [
        deque(model.generate(AT_ONCE, seed), maxlen=1).pop().pictures
        for seed in range(SAMPLES // AT_ONCE)
    ]
    features, _ = classifier(np.concatenate(drawn))
    return {
        "classifier_accuracy": round(classifier.accuracy, 4),
        "frechet_generated": round(frechet_distance(moments(features), classifier.real), 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write the cards if asked."""
    parser = argparse.ArgumentParser(description="Judge samples by a classifier.")
    parser.add_argument("--data", nargs="+", choices=data.DATASETS, default=list(data.DATASETS))
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    parser.add_argument("--write", action="store_true", help="store the figures on the cards")
    options = parser.parse_args(arguments)
    judges = {offer.model: judge for offer in compared_in("latent space").values()}
    judges[with_role("blind denoiser").model] = judge_generated
    rows = []
    for dataset in options.data:
        classifier = Classifier(dataset)
        for name in checkpoints.available(options.checkpoints):
            card = checkpoints.read_card(name, options.checkpoints)
            if card["model"] not in judges or card["dataset"] != dataset:
                continue
            model = generative.load(name, options.checkpoints)
            figures = judges[card["model"]](model, classifier)
            rows.append([name, *_cells(figures)])
            if options.write:
                checkpoints.rewrite_card(name, {**card, "samples": figures}, options.checkpoints)
        print(f"{dataset}: the classifier is right on {classifier.accuracy:.2%} of the test set.")
    header = ["checkpoint"]
    header += [f"Fréchet, {source}" for source in (*SOURCES, "generated")]
    header += [f"recognised, {source}" for source in SOURCES]
    print(table(header, rows))


def _cells(figures: dict[str, Any]) -> list[str]:
    distances = [figures.get(f"frechet_{source}") for source in (*SOURCES, "generated")]
    shares = [figures.get(f"recognised_{source}") for source in SOURCES]
    return [
        *("" if distance is None else f"{distance:.2f}" for distance in distances),
        *("" if share is None else f"{share:.1%}" for share in shares),
    ]


if __name__ == "__main__":
    main()
