"""Compare all denoisers on the same noisy held-out pictures.

    python -m benchmarks.denoising --pictures 400

Prints a table per data set: mean PSNR in dB and SSIM (scikit-image's) of the noisy pictures, the
classical methods, the best linear estimator and our denoising networks. The classical methods and
the linear estimator are told the kind and level of the noise; our networks are not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import generative
from benchmarks.markdown import table
from generative import checkpoints, data
from generative.data import noise
from generative.denoising import classical
from generative.denoising.figures import EVERY_KIND, quality
from generative.denoising.method import UNTOUCHED, Method, ours
from generative.models import checkpoint_id, compared_in
from generative.validation import IMAGE_SHAPE, Images

FIT_SEED = 1
FIT_PICTURES = 20_000

Score = tuple[float, float]
"""Mean PSNR in dB, mean SSIM."""


def linear_mmse(clean: Images, kind: str, level: float) -> Callable[[Images], Images]:
    """Return the linear estimator with the least squared error for one kind and level of noise.

    Maps 784 pixels and a constant to 784 pixels, clipped to [0, 1]. Fitted to `clean` and a noisy
    copy of it by the normal equations, without regularisation.
    """
    # Not `add_noise`, which accepts at most `MAX_BATCH` pictures.
    noisy = _with_constant(noise.KINDS[kind](clean, np.random.default_rng(FIT_SEED), level))
    targets = clean.reshape(len(clean), -1).astype(np.float64)
    # Least squares, not `solve`: pixels that are black in every picture make the matrix singular.
    weights = np.linalg.lstsq(noisy.T @ noisy, noisy.T @ targets, rcond=None)[0]

    def denoise(images: Images) -> Images:
        estimates = np.clip(_with_constant(images) @ weights, 0, 1)
        return np.asarray(estimates.reshape(-1, *IMAGE_SHAPE), np.float32)

    return denoise


def methods(dataset: str, directory: Path, fit: int) -> list[Method]:
    """Return all methods for a data set, the noisy picture itself first.

    Args:
        dataset: "mnist" or "fashion_mnist".
        directory: folder of checkpoints.
        fit: number of training pictures for the linear estimator.
    """
    training = data.load(dataset, "train")[0][:fit]
    present = checkpoints.available(directory)
    linear = Method(
        "linear MMSE",
        "Linear MMSE",
        lambda images, kind, level: linear_mmse(training, kind, level)(images),
    )
    offered = {
        name: checkpoint_id(offer.model, dataset, offer.variant)
        for name, offer in compared_in("denoising").items()
    }
    networks = {
        name: generative.load(checkpoint, directory)
        for name, checkpoint in offered.items()
        if checkpoint in present
    }
    return [UNTOUCHED, *classical.METHODS, linear, *ours(networks)]


def report(scores: Mapping[str, Sequence[Score]]) -> str:
    """Return a table with one row per method; the best figures of each column are bold."""
    header = [
        "PSNR dB / SSIM",
        *(f"{kind.replace('_', ' ')} {level:g}" for kind, level in EVERY_KIND),
    ]
    best = np.array(list(scores.values())).max(axis=0)
    rows = [
        [name, *(_cell(s, most) for s, most in zip(row, best, strict=True))]
        for name, row in scores.items()
    ]
    return table(header, rows)


def main() -> None:
    """Score every method and print a table for each data set."""
    parser = argparse.ArgumentParser(description="Compare all denoisers on held-out pictures.")
    parser.add_argument("--pictures", type=int, default=400, help="of each test set (400)")
    parser.add_argument("--fit", type=int, default=FIT_PICTURES, help="for linear MMSE (20000)")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args()
    for dataset in data.DATASETS:
        clean = data.load(dataset, "test")[0][: options.pictures]
        print(f"\n{data.TITLES[dataset]}, the first {len(clean)} test pictures\n")
        scores = {
            _title(method): [quality(method.denoiser, clean, *each) for each in EVERY_KIND]
            for method in methods(dataset, options.checkpoints, options.fit)
        }
        print(report(scores), flush=True)


def _with_constant(images: Images) -> NDArray[np.float64]:
    flat = images.reshape(len(images), -1).astype(np.float64)
    return np.hstack([flat, np.ones((len(flat), 1))])


def _title(method: Method) -> str:
    words = method.name.replace("_", " ")
    return f"{words} (ours)" if method.is_ours else words


def _cell(score: Score, best: NDArray[np.float64]) -> str:
    psnr, ssim = (f"{score[0]:.2f}", f"{score[1]:.3f}".replace("0.", ".", 1))
    return " / ".join(
        f"**{text}**" if value >= most else text
        for text, value, most in zip((psnr, ssim), score, best, strict=True)
    )


if __name__ == "__main__":
    main()
