"""Held-out figures: what a trained model reaches on pictures it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from generative import data, metrics, pca
from generative.data import labelled_photos, noise, plane
from generative.errors import DataError
from generative.validation import Images

NOISE_SEED = 2023
PLANE_SEEDS = {"train": 0, "test": 1}

VARIATIONAL = ("vae", "cvae")

Figures = dict[str, Any]


def evaluate(model: Any, limit: int | None = None, images: str | None = None) -> Figures:
    """Return the held-out figures of a loaded model, by the metric's name.

    Args:
        model: what `generative.load` returned.
        limit: how many of the test pictures to use; all by default.
        images: where the labelled pictures are, for a model that was trained on such.

    Raises:
        DataError: the data set is not here, or has other classes than the model.
    """
    if model.card["model"] == "linear":
        return _on_plane(model)
    if images is not None:
        return _classification(
            model, labelled_photos.load(images, "validation", labelled_photos.SIDE, limit)
        )
    all_images, all_labels = data.load(model.card["dataset"], "test")
    tested, labels = all_images[:limit], all_labels[:limit]
    count = {"test_images": len(tested)}
    if model.card["model"] in VARIATIONAL:
        from generative.variational import evidence

        return count | evidence.figures(model, tested, labels if model.classes else None)
    return count | _FIGURES[model.card["model"]](model, tested)


def denoising_figures(
    restore: Callable[[Images], Images], images: Images, kind: str, level: float
) -> Figures:
    """Return mean PSNR (dB) and SSIM of pictures restored from noise of `NOISE_SEED`."""
    restored = restore(noise.add_noise(images, kind, level, NOISE_SEED))
    return {
        "psnr_db": round(float(metrics.psnr(images, restored).mean()), 3),
        "ssim": round(float(metrics.ssim(images, restored).mean()), 4),
    }


def _classification(model: Any, held_out: labelled_photos.LabelledPhotos) -> Figures:
    """Return how often a classifier is right, and how often one of its first five guesses is."""
    known = model.card["configuration"]["classes"]
    if len(held_out.classes) != known:
        raise DataError(
            f"The pictures are of {len(held_out.classes)} classes and the model knows {known}: "
            "expected pictures of the classes that it was trained on."
        )
    best = np.argsort(-model.classify(held_out.images), axis=1)
    hits = best == held_out.labels[:, None]
    return {
        "test_images": len(hits),
        "accuracy": round(float(hits[:, 0].mean()), 4),
        "accuracy_top_5": round(float(hits[:, :5].any(axis=1).mean()), 4),
    }


def _on_plane(model: Any) -> Figures:
    points = plane.sample(seed=PLANE_SEEDS["test"])
    exact = pca.fit(plane.sample(seed=PLANE_SEEDS["train"]), width=2)
    errors = {
        "mse": float(np.square(model.reconstruct(points) - points).mean()),
        "pca_mse": float(np.square(exact.reconstruct(points) - points).mean()),
    }
    return {name: round(error, 7) for name, error in errors.items()}


def _reconstruction(model: Any, images: Images) -> Figures:
    restored = model.reconstruct(images)
    cross_entropy = float(metrics.binary_cross_entropy(images, restored).mean())
    return {
        "mse": round(float(metrics.mse(images, restored).mean()), 6),
        "bce": round(cross_entropy, 5),
        "bce_over_floor": round(cross_entropy - metrics.entropy_floor(images), 5),
    }


def _gaussian(model: Any, images: Images) -> Figures:
    return {
        f"gaussian_{level:g}": denoising_figures(model.reconstruct, images, "gaussian", level)
        for level in (0.2, 0.5)
    }


def _every_noise(model: Any, images: Images) -> Figures:
    return _gaussian(model, images) | {
        f"{kind}_0.5": denoising_figures(model.reconstruct, images, kind, 0.5)
        for kind in noise.KINDS
        if kind != "gaussian"
    }


_FIGURES: Mapping[str, Callable[[Any, Images], Figures]] = {
    "shallow": _reconstruction,
    "stacked": _reconstruction,
    "convolutional": _reconstruction,
    "denoising": _gaussian,
    "denoiser": _every_noise,
}
