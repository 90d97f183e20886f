"""The networks that style transfer can look through, by name.

`features` is our own and ships with the program; `vgg19` and `vgg16` are in `vgg.py`.
"""

from __future__ import annotations

import functools
import os

from generative import checkpoints, loading, models
from generative.data.splits import PICTURES
from generative.style_transfer.features import FeatureNetwork, Networks
from generative.style_transfer.options import NETWORKS, OUR_NETWORK
from generative.style_transfer.vgg import vgg16, vgg16_path, vgg19
from generative.validation import check_choice

FINE_CHECKPOINT = models.with_role("fine network").checkpoint(PICTURES)
"""Of our own network, a classifier: it sees content, and strokes."""

COARSE_CHECKPOINT = models.with_role("coarse network").checkpoint(PICTURES)
"""Of the pruned VGG-16: it sees forms."""


def load(
    name: str = OUR_NETWORK, directory: str | os.PathLike[str] = checkpoints.SHIPPED
) -> FeatureNetwork:
    """Return a network by its name.

    Args:
        name: "features", "vgg19" or "vgg16".
        directory: folder of checkpoints, for "features".

    Raises:
        InputError: unknown name.
        CheckpointError: our own network is missing or damaged.
        DataError: VGG-19's weights have not been fetched, or there is no file of VGG-16's.
    """
    match check_choice("network", name, NETWORKS):
        case "vgg19":
            return vgg19()
        case "vgg16":
            return vgg16(vgg16_path())
    return _ours(FINE_CHECKPOINT, str(directory))


def load_pair(
    name: str = OUR_NETWORK, directory: str | os.PathLike[str] = checkpoints.SHIPPED
) -> Networks:
    """Return the networks that a painting is seen through, by name.

    Args:
        name: "features" (the classifier, for forms the pruned VGG-16; the classifier for both
            where there is no such checkpoint), or "vgg19" or "vgg16" for both.
        directory: folder of checkpoints, for "features".

    Raises:
        InputError, CheckpointError, DataError: as `load`.
    """
    return _pair(name, str(directory))


@functools.lru_cache(maxsize=4)
def _pair(name: str, directory: str) -> Networks:
    """Return the same pair for the same names: what is compiled for it is kept by it."""
    fine = coarse = load(name, directory)
    if name == OUR_NETWORK and COARSE_CHECKPOINT in checkpoints.available(directory):
        coarse = _ours(COARSE_CHECKPOINT, directory)
    return Networks(fine, coarse)


@functools.lru_cache(maxsize=4)
def _ours(checkpoint: str, directory: str) -> FeatureNetwork:
    network: FeatureNetwork = loading.load(checkpoint, directory).features()
    return network
