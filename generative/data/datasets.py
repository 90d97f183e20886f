"""Load data sets from TensorFlow Datasets (TFDS) into NumPy arrays.

Both data sets fit in memory, and training makes its noise in NumPy (`noise.py`, which the app uses
too), so batches are drawn from arrays, without a `tf.data` pipeline.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.errors import DataError
from generative.validation import Images, check_choice

CLASS_COUNT = 10
"""Classes of every data set."""

CLASSES: Mapping[str, tuple[str, ...]] = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
}
DATASETS = tuple(CLASSES)
ORIGINS = {
    "mnist": "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "fashion_mnist": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
}
"""Where TFDS downloads them from."""

CONNECT_TIMEOUT_SECONDS = 15
"""Time for a download server to answer, for data sets and weights alike."""

TITLES = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST"}


def data_dir() -> Path:
    """Return the folder of prepared data sets: `TFDS_DATA_DIR`, or TFDS's default."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def is_available(dataset: str) -> bool:
    """Tell, without importing TensorFlow, whether a prepared `dataset` is on this machine."""
    return dataset in CLASSES and any(data_dir().glob(f"{dataset}/*/dataset_info.json"))


@functools.lru_cache(maxsize=4)
def load(dataset: str, split: str) -> tuple[Images, NDArray[np.int64]]:
    """Return the pictures and classes of one split, downloading the data set if need be.

    Args:
        dataset: "mnist" or "fashion_mnist".
        split: "train" (60,000 pictures) or "test" (10,000).

    Returns:
        Images (n, 28, 28, 1) float32 in [0, 1], and labels (n,) int64 that index `CLASSES`.
        All callers share both arrays, which are read-only.

    Raises:
        InputError: unknown name or split.
        DataError: the data set is not on this machine and could not be downloaded.
    """
    check_choice("data set", dataset, DATASETS)
    check_choice("split", split, ("train", "test"))
    arrays = _read(dataset, split)
    images = arrays["image"].astype(np.float32) / np.float32(255)
    labels = arrays["label"].astype(np.int64)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


def _read(dataset: str, split: str) -> Mapping[str, NDArray[Any]]:
    """Return the split's "image" (n, 28, 28, 1) uint8 and "label" (n,) arrays."""
    import requests
    import tensorflow_datasets as tfds

    try:
        _require_files(dataset)
        if not is_available(dataset):
            # Fail fast: TFDS would retry an unreachable host for minutes.
            requests.head(ORIGINS[dataset], timeout=CONNECT_TIMEOUT_SECONDS)
        return tfds.as_numpy(  # type: ignore[no-any-return]
            tfds.load(dataset, split=split, data_dir=str(data_dir()), batch_size=-1)
        )
    except Exception as error:  # TFDS passes on any error of its network, files or parsers.
        raise _not_here(dataset, error) from error


def labelled_picture_files(
    dataset: str, splits: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], Iterator[bytes]]:
    """Return any labelled data set's classes, labels and picture files.

    Args:
        dataset: the name of a classification data set of TFDS.
        splits: names in order of preference; the first that exists is used.

    Returns:
        The class names, the labels, (n,) int64, and an iterator over the pictures' files, in the
        order of the labels.

    Raises:
        DataError: no data set of that name, not a classification data set, or not downloadable.
    """
    import tensorflow_datasets as tfds

    try:
        _require_files(dataset)
        builder = tfds.builder(dataset, data_dir=str(data_dir()))
        builder.download_and_prepare()
        picture, label = builder.info.supervised_keys
        classes = tuple(builder.info.features[label].names)
        examples = builder.as_dataset(
            split=next(name for name in splits if name in builder.info.splits),
            decoders={picture: tfds.decode.SkipDecoding()},
        )
        labels = np.array([*tfds.as_numpy(examples.map(itemgetter(label)))], np.int64)
    except Exception as error:
        raise _not_here(dataset, error) from error
    if (labels < 0).any():
        raise DataError(
            f"The data set {dataset} has pictures without a class: expected a label for every "
            "picture, so choose another data set."
        )
    return classes, labels, tfds.as_numpy(examples.map(itemgetter(picture)))


def _require_files(dataset: str) -> None:
    """Check that a prepared data set holds only files and folders: reading a pipe may never end.

    Raises:
        OSError: it holds something else.
    """
    for path in data_dir().joinpath(dataset).rglob("*"):
        if not path.is_file() and not path.is_dir():
            raise OSError(errno.EINVAL, "Not a regular file", str(path))


def _not_here(dataset: str, error: Exception) -> DataError:
    return DataError(
        f"The data set {dataset} is not on this machine and could not be downloaded "
        f"({type(error).__name__}): connect to the internet, or set TFDS_DATA_DIR to a folder "
        "that holds a copy prepared by TensorFlow Datasets."
    )
