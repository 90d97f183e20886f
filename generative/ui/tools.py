"""Tools for language models: five endpoints with picture files in and out, and small figures.

The panels' own endpoints answer with the page's HTML and with pictures inside JSON, which would
fill a model's context. These are built for `app.py --mcp`, and programs can call them too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np

from generative import data, images, metrics
from generative.card import Figures
from generative.data import noise
from generative.models import CodingModel, PictureModel, compared_in, with_role
from generative.studios import Waiting
from generative.style_transfer.options import SIZE, STEPS, WEIGHT
from generative.style_transfer.picture_checks import check_result
from generative.style_transfer.settings import PaintingSettings
from generative.ui import schemas
from generative.ui.endpoints import as_file, build_endpoint
from generative.ui.handlers import (
    COMPUTE_QUEUE,
    PAINTING_QUEUE,
    Shelf,
    computing,
    readable_errors,
)
from generative.ui.latent_space.sample import SHOWN
from generative.ui.latent_space.setting import OFFERS, USUAL, load
from generative.ui.picture_chooser import read_picture
from generative.ui.style_transfer import uploads
from generative.validation import SEED, check_choice
from generative.variational.classes import EVERY, labels_for
from generative.variational.films import FILM_STEPS, way
from generative.variational.interface import SOURCES, TEMPERATURE
from generative.variational.paths import PATHS

NO_NOISE = "none"
COLUMNS = 10
SIDE_BY_SIDE = 8
"""Pictures of a way in a row."""

DEFAULT_SIZE, DEFAULT_STEPS = 256, 100
"""Of a painting: smaller than on the page, as nobody watches it grow."""

TOOLS = {
    name: f"{name}_tool" for name in ("denoise", "sample", "interpolate", "stylize", "reconstruct")
}
"""Tool → its endpoint."""

Answer = tuple[dict[str, Any], Figures]
"""A picture file and figures."""

_PICTURE: tuple[schemas.Schema, Any] = (schemas.file(), None)
_DATASET: tuple[schemas.Schema, Any] = (schemas.name(data.DATASETS), data.DATASETS[0])
_SEED: tuple[schemas.Schema, Any] = (schemas.number(SEED), 0)
_LATENT_MODEL: tuple[schemas.Schema, Any] = (schemas.name(OFFERS), USUAL)
_WEIGHT: tuple[schemas.Schema, Any] = (schemas.number(WEIGHT), 1.0)


def build_tools(shelf: Shelf) -> None:
    """Add the endpoints to the app."""
    _build(
        "denoise",
        _denoiser(shelf),
        "Remove noise from a picture of a digit or garment with a neural network. Returns a "
        "28×28 PNG. With a kind of noise other than none, the picture is spoiled first, and the "
        "figures say how near the result comes to it: PSNR in dB and SSIM, before and after.",
        {
            "picture": _PICTURE,
            "dataset": _DATASET,
            "model": (schemas.name(compared_in("denoising")), with_role("denoiser").name),
            "kind": (schemas.name((NO_NOISE, *noise.KINDS)), NO_NOISE),
            "level": (schemas.number(noise.LEVEL), 0.5),
            "seed": _SEED,
        },
    )
    _build(
        "sample",
        _sampler(shelf),
        "Draw new pictures of digits or garments from a variational autoencoder. Returns one PNG, "
        f"{COLUMNS} pictures of 28×28 in a row, and the class of each where the model is told it.",
        {
            "dataset": _DATASET,
            "model": _LATENT_MODEL,
            "n": (schemas.number(SHOWN), 10),
            "temperature": (schemas.number(TEMPERATURE), 1.0),
            "seed": _SEED,
            "source": (schemas.name(SOURCES), SOURCES[0]),
            "label": (schemas.TEXT, EVERY),
        },
    )
    _build(
        "interpolate",
        _interpolator(shelf),
        "Go from one picture of a digit or garment to another through a latent space. Returns one "
        f"PNG, {SIDE_BY_SIDE} pictures of 28×28 in a row, and the latents of both ends.",
        {
            "a": _PICTURE,
            "b": _PICTURE,
            "dataset": _DATASET,
            "model": _LATENT_MODEL,
            "steps": (schemas.number(FILM_STEPS), 16),
            "path": (schemas.name(PATHS), "slerp"),
        },
    )
    _build(
        "stylize",
        _stylizer(shelf),
        "Paint a photo in the style of another picture, in seconds to minutes by size and steps. "
        "Returns the painting as PNG, and the losses that it ended with.",
        {
            "content": _PICTURE,
            "style": _PICTURE,
            "content_weight": _WEIGHT,
            "style_weight": _WEIGHT,
            "total_variation_weight": _WEIGHT,
            "size": (schemas.number(SIZE), DEFAULT_SIZE),
            "steps": (schemas.number(STEPS), DEFAULT_STEPS),
            "seed": _SEED,
        },
        PAINTING_QUEUE,
    )
    _build(
        "reconstruct",
        _reconstructor(shelf),
        "Squeeze a picture of a digit or garment through an autoencoder's bottleneck. Returns what "
        "came out as a 28×28 PNG, the size of the code, the mean squared error, and PSNR in dB.",
        {
            "picture": _PICTURE,
            "dataset": _DATASET,
            "model": (schemas.name(compared_in("reconstruction")), with_role("autoencoder").name),
        },
    )


def _build(
    tool: str,
    handler: Callable[..., Answer],
    description: str,
    parameters: dict[str, tuple[schemas.Schema, Any]],
    queue: str = COMPUTE_QUEUE,
) -> None:
    build_endpoint(
        handler,
        parameters,
        {"Picture": schemas.file(), "Figures": schemas.RECORD},
        api_name=TOOLS[tool],
        api_description=description,
        concurrency_id=queue,
    )


def _denoiser(shelf: Shelf) -> Callable[..., Answer]:
    @computing
    def denoise(
        picture: str | None, dataset: str, model: str, kind: str, level: float, seed: int
    ) -> Answer:
        clean = read_picture(picture, dataset)
        check_choice("kind of noise", kind, (NO_NOISE, *noise.KINDS))
        offer = compared_in("denoising")[check_choice("model", model, compared_in("denoising"))]
        network: PictureModel = shelf.get(offer.model, dataset, offer.variant)
        if kind == NO_NOISE:
            return as_file(network.reconstruct(clean)[0], "denoised.png"), {}
        noisy = noise.add_noise(clean, kind, level, seed)
        restored = network.reconstruct(noisy)
        figures = {
            f"{name}_{when}": metrics.for_json(measure(clean, each)[0], 4)
            for when, each in (("before", noisy), ("after", restored))
            for name, measure in (("psnr_db", metrics.psnr), ("ssim", metrics.ssim))
        }
        return as_file(restored[0], "denoised.png"), figures

    return denoise


def _sampler(shelf: Shelf) -> Callable[..., Answer]:
    @computing
    def sample(
        dataset: str, model: str, n: int, temperature: float, seed: int, source: str, label: str
    ) -> Answer:
        latent_model = load(shelf, dataset, model)
        count = SHOWN.check_whole("number of samples", n)
        latents = latent_model.draw(count, temperature, seed, source)
        labels = labels_for(label, count, dataset, latent_model)
        sheet = images.grid(latent_model.decode(latents, labels), columns=COLUMNS)
        classes = [] if labels is None else [data.CLASSES[dataset][each] for each in labels]
        return as_file(sheet, "samples.png"), {"classes": classes}

    return sample


def _interpolator(shelf: Shelf) -> Callable[..., Answer]:
    @computing
    def interpolate(
        a: str | None, b: str | None, dataset: str, model: str, steps: int, path: str
    ) -> Answer:
        latent_model = load(shelf, dataset, model)
        ends = np.concatenate([read_picture(a, dataset), read_picture(b, dataset)])
        count = FILM_STEPS.check_whole("number of steps", steps)
        posterior = latent_model.infer(ends)
        sheet = images.grid(way(latent_model, posterior, count, path), columns=SIDE_BY_SIDE)
        return as_file(sheet, "way.png"), {
            "latents": posterior.mean.astype(float).round(4).tolist()
        }

    return interpolate


def _stylizer(shelf: Shelf) -> Callable[..., Answer]:
    def stylize(
        content: str | None,
        style: str | None,
        content_weight: float,
        style_weight: float,
        total_variation_weight: float,
        size: int,
        steps: int,
        seed: int,
    ) -> Answer:
        from generative.style_transfer.painter import paint_once

        with readable_errors():
            settings = PaintingSettings(
                content_weight=content_weight,
                style_weight=style_weight,
                total_variation_weight=total_variation_weight,
                size=size,
                steps=steps,
                seed=seed,
            )
            picture = uploads.read_picture("content", content)
            check_result(*picture.size, int(size))
            pictures = picture.pixels, uploads.read_picture("style", style).pixels
            with closing(shelf.studio.run(paint_once, *pictures, settings.options())) as painted:
                *_, last = (step for step in painted if not isinstance(step, Waiting))
            losses = {
                name: metrics.for_json(getattr(last, name), 4)
                for name in ("content_loss", "style_loss", "tv_loss")
            }
            return as_file(last.image, "painting.png", settings.to_text()), losses

    return stylize


def _reconstructor(shelf: Shelf) -> Callable[..., Answer]:
    @computing
    def reconstruct(picture: str | None, dataset: str, model: str) -> Answer:
        clean = read_picture(picture, dataset)
        offers = compared_in("reconstruction")
        offer = offers[check_choice("model", model, offers)]
        network: CodingModel = shelf.get(offer.model, dataset, offer.variant)
        rebuilt = network.reconstruct(clean)
        return as_file(rebuilt[0], "rebuilt.png"), {
            "code_size": int(network.encode(clean).size),
            "mse": metrics.for_json(metrics.mse(clean, rebuilt)[0], 4),
            "psnr_db": metrics.for_json(metrics.psnr(clean, rebuilt)[0], 4),
        }

    return reconstruct
