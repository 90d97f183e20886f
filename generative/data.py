"""The data sets: TensorFlow Datasets in, NumPy arrays out.

Both data sets fit in memory, and the noise of training is made in NumPy (`noise.py`, which the app
shares), so batches are drawn from arrays; there is no `tf.data` pipeline to keep in step with it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.errors import DataError
from generative.validation import Images, check_choice

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
"""Where TensorFlow Datasets downloads them from."""

SECONDS_TO_ANSWER = 15
TITLES = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST"}


def data_dir() -> Path:
    """Return the folder of prepared data sets: `TFDS_DATA_DIR`, or TFDS's own default."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def is_available(dataset: str) -> bool:
    """Tell, without importing TensorFlow, whether a prepared `dataset` is on this machine."""
    return dataset in CLASSES and any(data_dir().glob(f"{dataset}/*/dataset_info.json"))


@functools.lru_cache(maxsize=4)
def load(dataset: str, split: str) -> tuple[Images, NDArray[np.int64]]:
    """Return the pictures and classes of one split; download the data set if it is not here.

    Args:
        dataset: "mnist" or "fashion_mnist".
        split: "train" (60,000 pictures) or "test" (10,000).

    Returns:
        Images (n, 28, 28, 1) float32 in [0, 1], and labels (n,) int64 that index `CLASSES`.
        Both are shared by all callers and read-only.

    Raises:
        InputError: unknown name or split.
        DataError: the data set is neither here nor to be had.
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
        if not is_available(dataset):
            # Asked first, because TFDS tries an unreachable host again for minutes.
            requests.head(ORIGINS[dataset], timeout=SECONDS_TO_ANSWER)
        return tfds.as_numpy(  # type: ignore[no-any-return]
            tfds.load(dataset, split=split, data_dir=str(data_dir()), batch_size=-1)
        )
    except Exception as error:  # TFDS raises whatever its download, file system or parser raised.
        raise _not_here(dataset, error) from error


def labelled_pictures(
    dataset: str, splits: Sequence[str], limit: int | None = None
) -> tuple[tuple[str, ...], Iterator[tuple[NDArray[np.uint8], int]]]:
    """Return the classes of any data set of labelled colour pictures, and its pictures.

    Args:
        dataset: the name of a classification data set of TensorFlow Datasets.
        splits: the first of these that it has is used.
        limit: how many pictures; all by default.

    Returns:
        The names of the classes, and an iterator of pictures (h, w, 3) uint8 with their classes.

    Raises:
        DataError: there is none of this name, it is not of that kind, or it could not be fetched.
    """
    import tensorflow_datasets as tfds

    try:
        loaded, info = tfds.load(
            dataset, data_dir=str(data_dir()), as_supervised=True, with_info=True
        )
        split = next(name for name in splits if name in loaded)
        classes, examples = tuple(info.features["label"].names), loaded[split].take(limit or -1)
    except Exception as error:
        raise _not_here(dataset, error) from error
    return classes, (
        (np.broadcast_to(picture, (*picture.shape[:2], 3)), int(label))
        for picture, label in tfds.as_numpy(examples)
    )


def _not_here(dataset: str, error: Exception) -> DataError:
    return DataError(
        f"The data set {dataset} is not on this machine and could not be downloaded "
        f"({type(error).__name__}): connect to the internet, or set TFDS_DATA_DIR to a folder "
        "that holds a copy prepared by TensorFlow Datasets."
    )
