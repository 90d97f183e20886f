"""Drafts: paintings made in one pass, to look at or for the optimisation to begin with."""

from __future__ import annotations

import functools
import os

from generative import checkpoints, loading, models
from generative.data.splits import EXAMPLES
from generative.style_transfer.options import Options
from generative.style_transfer.picture_checks import Pixels, check_picture, check_result
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.stylizer import Model

CHECKPOINT = models.with_role("draft").checkpoint(EXAMPLES)


def draft(
    content: Pixels,
    style: Pixels | None,
    options: Options,
    directory: str | os.PathLike[str] = checkpoints.SHIPPED,
) -> Pixels:
    """Return the draft of a painting, of the size that the painting is to have.

    Args:
        content: (height, width, 3) uint8.
        style: the same; None if `options.styles` names the styles.
        options: of the painting.
        directory: folder of checkpoints.

    Raises:
        InputError: a picture that cannot be used.
        CheckpointError: the network is missing or damaged.
    """
    content = check_picture("content", content)
    check_result(content.shape[1], content.shape[0], options.size)
    styles = [*options.styles] if style is None else [(style, 1.0), *options.styles]
    height, width = fit(content.shape[0], content.shape[1], options.size)
    return load(directory).stylize(
        resize(content, height, width),
        styles,
        preserve_color=options.preserve_color,
        style_scale=options.style_scale,
    )


def load(directory: str | os.PathLike[str]) -> Model:
    """Return the network of a folder, the same one every time.

    Raises:
        CheckpointError: missing or damaged.
    """
    return _load(str(directory))


@functools.lru_cache(maxsize=2)
def _load(directory: str) -> Model:
    model: Model = loading.load(CHECKPOINT, directory)
    return model
