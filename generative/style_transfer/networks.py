"""The two networks that style transfer can look through, by name.

`features` is our own and ships with the program. `vgg19` is the one of the paper: Keras's VGG-19
with ImageNet weights (80 MB), fetched once when a user asks for it, checked, and kept where Keras
keeps such files.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from generative import checkpoints, files, models
from generative.backend import keras
from generative.data.datasets import CONNECT_TIMEOUT_SECONDS
from generative.errors import DataError
from generative.style_transfer.features import Convolution, FeatureNetwork
from generative.style_transfer.options import FEATURES, NETWORKS
from generative.validation import check_choice

VGG19_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
VGG19_MD5 = "253f8cb515780f3b799900260a226db6"
"""As Keras publishes it, in `keras/src/applications/vgg19.py`."""

BLUE_GREEN_RED_MEANS = (103.939, 116.779, 123.68)
"""Of ImageNet, from 0 to 255: subtracted from every picture, as when VGG-19 learned."""

AVERAGE_GAIN = 2.0
"""VGG-19 learned with max pooling; means are smaller than maxima by about this factor (K. Crowson,
style-transfer-pytorch)."""

VGG19_MAX_BYTES = 100 * 2**20
"""More than the file has: a server that sends more sends something else."""

CHUNK = 2**20


def load(
    name: str = "features", directory: str | os.PathLike[str] = checkpoints.SHIPPED
) -> FeatureNetwork:
    """Return a network by its name.

    Args:
        name: "features" or "vgg19".
        directory: folder of checkpoints, for "features".

    Raises:
        InputError: unknown name.
        CheckpointError: our own network is missing or damaged.
        DataError: VGG-19's weights have not been fetched.
    """
    if check_choice("network", name, NETWORKS) == "vgg19":
        return vgg19()
    return _features(str(directory))


@functools.lru_cache(maxsize=4)
def _features(directory: str) -> FeatureNetwork:
    network: FeatureNetwork = models.load(FEATURES, directory).features()
    return network


def vgg19_path() -> Path:
    """Return where the weights of VGG-19 are kept: Keras's own cache."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "models" / VGG19_URL.rpartition("/")[2]


@functools.lru_cache(maxsize=2)
def vgg19(pooling: str = "average") -> FeatureNetwork:
    """Return VGG-19's convolutions with the weights that were fetched.

    Args:
        pooling: "average", as the paper advises, or "max", as the network was trained.

    Raises:
        DataError: the weights are not here, see `fetch_vgg19`, or cannot be read.
    """
    path = vgg19_path()
    if not path.is_file():
        raise DataError(
            "The weights of VGG-19 are not on this machine: fetch them once while connected to "
            "the internet, or use the network that comes with the program."
        )
    try:
        network = keras.applications.VGG19(include_top=False, weights=str(path))
    except Exception as error:  # HDF5 and Keras have a dozen ways to say that a file is damaged.
        raise DataError(
            f"The weights of VGG-19 on this machine are damaged: delete {path.name} from Keras's "
            "folder and fetch them again, or use the network that comes with the program."
        ) from error
    return of_vgg19(network, pooling)


def of_vgg19(network: keras.Model, pooling: str = "average") -> FeatureNetwork:
    """Return the convolutions of a Keras VGG-19."""
    check_choice("pooling", pooling, ("average", "max"))
    convolutions = [
        Convolution(layer.name, *(variable.numpy() for variable in layer.weights))
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    gain = AVERAGE_GAIN if pooling == "average" else 1.0
    blue, green, red = BLUE_GREEN_RED_MEANS
    offset = (-blue, -green, -red)
    return FeatureNetwork("vgg19", convolutions, 255.0, offset, True, pooling, gain)


def fetch_vgg19() -> Iterator[float]:
    """Fetch the weights of VGG-19 unless they are here; yield the share that has arrived.

    Raises:
        DataError: no connection, or something else arrived than was asked for.
    """
    import requests

    path = vgg19_path()
    if path.is_file():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            files.writing_atomically(path) as file,
            requests.get(VGG19_URL, stream=True, timeout=CONNECT_TIMEOUT_SECONDS) as answer,
        ):
            answer.raise_for_status()
            total, arrived = int(answer.headers.get("Content-Length", 0)), 0
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                arrived += len(chunk)
                if arrived > VGG19_MAX_BYTES:
                    break
                yield arrived / total if total else 0.0
            if _md5(file) != VGG19_MD5:
                raise DataError(
                    "The weights of VGG-19 arrived damaged and were discarded: try again, or use "
                    "the network that comes with the program."
                )
    except (OSError, requests.RequestException) as error:
        raise DataError(
            f"The weights of VGG-19 could not be fetched ({type(error).__name__}): connect to the "
            "internet and try again, or use the network that comes with the program."
        ) from error


def _md5(file: BinaryIO) -> str:
    """Return the hash of what a file holds, which may differ from what was written to it."""
    digest = hashlib.md5(usedforsecurity=False)
    file.seek(0)
    for chunk in iter(lambda: file.read(CHUNK), b""):
        digest.update(chunk)
    return digest.hexdigest()
