"""The linear autoencoder trained in front of the reader, step by step, beside exact PCA."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.data import plane
from generative.validation import SEED, Range

LEARNING_RATE = Range(0.01, 5)
EPOCHS = 60
BATCH_SIZE = 50
POINTS = 500
TOTAL_STEPS = EPOCHS * POINTS // BATCH_SIZE
FRAMES = Range(1, TOTAL_STEPS, whole=True)


@dataclass(frozen=True)
class LinearStep:
    """Progress of a training run.

    Attributes:
        step: steps done, of `total_steps`.
        points: (n, 3) float32, the data.
        basis: (2, 3) float32, the decoder's rows: they span the learned plane.
        codes: (n, 2) float32.
        pca_codes: (n, 2) float64, of exact PCA.
        losses: mean squared error of every step so far.
        mse: mean squared error of all points now.
        pca_mse: the least that any plane can have.
    """

    step: int
    total_steps: int
    points: NDArray[np.float32]
    basis: NDArray[np.float32]
    codes: NDArray[np.float32]
    pca_codes: NDArray[np.float64]
    losses: list[float]
    mse: float
    pca_mse: float


def train_linear(
    learning_rate: float = 1.0, seed: int = 0, frames: int = TOTAL_STEPS
) -> Iterator[LinearStep]:
    """Train 3 → 2 → 3 on a noisy plane, yielding at evenly spaced steps, the last among them.

    Args:
        learning_rate: of plain gradient descent; from about 2 on it diverges.
        seed: of points and weights.
        frames: how often to yield; after every step by default.

    Raises:
        InputError: learning rate or seed out of range.
        TrainingError: the training diverges.
    """
    learning_rate = LEARNING_RATE.check("learning rate", learning_rate)
    seed = SEED.check_whole("seed", seed)
    every = TOTAL_STEPS // FRAMES.check_whole("number of frames", frames)
    # Imported here, so that asking for a step too many costs a second, not a start.
    from sklearn.decomposition import PCA

    from generative.autoencoders import linear
    from generative.training.trainer import Plan, Trainer

    points = plane.sample(POINTS, seed)
    exact = PCA(2)
    pca_codes = exact.fit_transform(points.astype(np.float64))
    pca_mse = float(np.square(exact.inverse_transform(pca_codes) - points).mean())
    trainer = Trainer(
        linear.build, linear.loss, points, Plan(EPOCHS, BATCH_SIZE, learning_rate, "sgd", seed)
    )
    encoder, decoder = (trainer.network.get_layer(name) for name in ("encoder", "decoder"))
    losses: list[float] = []
    for progress in trainer.run():
        losses.append(progress.loss)
        if progress.step % every and progress.step < progress.total_steps:
            continue
        codes = encoder(points).numpy()
        yield LinearStep(
            progress.step,
            progress.total_steps,
            points,
            decoder.kernel.numpy(),
            codes,
            pca_codes,
            losses.copy(),
            float(np.square(decoder(codes).numpy().astype(np.float64) - points).mean()),
            pca_mse,
        )
