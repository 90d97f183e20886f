"""The only reader and writer of checkpoints.

A checkpoint is a folder `<model>-<dataset>` with two files: `model.weights.h5`, a flat HDF5 file
with one plain array a variable, and `card.json`, which says what to build, how it was trained, what
it reached on held-out data, and the SHA-256 of the weights. Reading builds the model from the
card's configuration in our own code and copies numbers into it; nothing in a file is ever run.

Writing is atomic although there are two files. New weights are first laid down beside the old ones
as `model.weights.h5.new`; replacing the card, which names their hash, is the one moment at which
the checkpoint changes; then the weights get their final name. A reader takes whichever weights the
card's hash fits, so a kill at any moment leaves the old checkpoint or the new one.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from generative import files
from generative.card import FIELDS, Card
from generative.errors import CheckpointError, TrainingError

WEIGHTS = "model.weights.h5"
PENDING = "model.weights.h5.new"
CARD = "card.json"
FORMAT = 1
MAX_BYTES = 8 * 2**20
MAX_CARD_BYTES = 2**20
SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints"

Arrays = Mapping[str, NDArray[np.float32]]
"""The weights of a model: variable path → float32 array."""


def available(directory: str | os.PathLike[str] = SHIPPED) -> list[str]:
    """Return the ids of the checkpoints in `directory`, sorted.

    Folders whose names could not be shown in one line are passed over.
    """
    names = (path.parent.name for path in Path(directory).glob(f"*/{CARD}"))
    return sorted(name for name in names if name.isprintable())


def read_card(checkpoint: str, directory: str | os.PathLike[str] = SHIPPED) -> Card:
    """Return the card of a checkpoint.

    Raises:
        CheckpointError: no such checkpoint, or its card is not one of ours.
    """
    known = available(directory)
    if checkpoint not in known:
        raise CheckpointError(
            f"There is no checkpoint {checkpoint!r}. "
            f"Found here: {', '.join(known) or 'none'}. Make it with train.py."
        )
    try:
        card = json.loads(files.read(Path(directory) / checkpoint / CARD, MAX_CARD_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(checkpoint, "its card is not readable JSON") from error
    if not isinstance(card, dict) or not all(
        type(card.get(key)) is kind for key, kind in FIELDS.items()
    ):
        raise _damaged(checkpoint, "its card is not in this program's format")
    if card["format"] != FORMAT or type(card["training"].get("seconds")) not in (int, float):
        raise _damaged(checkpoint, "its card is not in this program's format")
    return cast("Card", card)


def read_blob(checkpoint: str, card: Card, directory: str | os.PathLike[str] = SHIPPED) -> bytes:
    """Return the content of the weights file, final or pending, whose hash `card` names.

    Raises:
        CheckpointError: missing, no regular file, too large, or altered.
    """
    problem = "its weights are missing"
    for name in (WEIGHTS, PENDING):
        try:
            blob = files.read(Path(directory) / checkpoint / name, MAX_BYTES)
        except FileNotFoundError:
            continue
        except files.TooLarge:
            problem = f"its weights are larger than {MAX_BYTES >> 20} MB"
        except OSError:
            problem = "its weights are not a regular file that can be read"
        else:
            if hashlib.sha256(blob).hexdigest() == card["weights_sha256"]:
                return blob
            problem = "its weights do not match the hash on its card"
    raise _damaged(checkpoint, problem)


def read_weights(
    checkpoint: str, card: Card, directory: str | os.PathLike[str] = SHIPPED
) -> Arrays:
    """Return the weights that `card` names, checked against its hash.

    Raises:
        CheckpointError: missing, no regular file, too large, altered, not plain arrays, or not
            finite.
    """
    blob = read_blob(checkpoint, card, directory)
    try:
        arrays = _unpack(blob)
    except Exception as error:  # HDF5 has a dozen ways to say that a file is not one of its own.
        raise _damaged(checkpoint, "its weights are not in this program's format") from error
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise _damaged(checkpoint, "its weights are not all finite numbers")
    return arrays


def write(
    checkpoint: str,
    card: Mapping[str, object],
    arrays: Arrays,
    directory: str | os.PathLike[str] = SHIPPED,
) -> Card:
    """Write a checkpoint atomically, weights as float16, and return its card with the hash.

    Raises:
        TrainingError: weights that are not finite as float16, a folder that cannot be written, or
            a full disk.
    """
    folder = Path(directory) / checkpoint
    blob = _pack(arrays)
    complete = {"format": FORMAT, **card, "weights_sha256": hashlib.sha256(blob).hexdigest()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _finish_last_write(folder)
        files.write_atomically(folder / PENDING, blob)
        files.write_atomically(folder / CARD, _to_json(complete))
        os.replace(folder / PENDING, folder / WEIGHTS)
    except OSError as error:
        raise unwritable(folder, error) from error
    return cast("Card", complete)


def rewrite_card(checkpoint: str, card: Card, directory: str | os.PathLike[str] = SHIPPED) -> None:
    """Replace the card of a checkpoint atomically, for example with new metrics.

    Raises:
        TrainingError: the folder cannot be written or the disk is full.
    """
    folder = Path(directory) / checkpoint
    try:
        files.write_atomically(folder / CARD, _to_json(card))
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> TrainingError:
    """Say why `folder` could not be written."""
    reason = error.strerror or "the file system refused"
    full = "free some space or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return TrainingError(f"Could not write to {folder}: {reason}; {full}choose another --output.")


def _finish_last_write(folder: Path) -> None:
    """Give pending weights their final name if a kill kept the last write from doing so."""
    try:
        sha256 = json.loads(files.read(folder / CARD, MAX_CARD_BYTES))["weights_sha256"]
        pending = hashlib.sha256(files.read(folder / PENDING, MAX_BYTES)).hexdigest()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return  # Nothing pending, or no card that could name it.
    if pending == sha256:
        os.replace(folder / PENDING, folder / WEIGHTS)


def _pack(arrays: Arrays) -> bytes:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in arrays.items():
            # Half precision halves the download; held-out figures are taken after the rounding.
            with np.errstate(over="ignore"):
                rounded = np.asarray(array, np.float16)
            if not np.isfinite(rounded).all():
                raise TrainingError(
                    f"The weights {path} are not finite in half precision: the training has "
                    "diverged. Choose a smaller learning rate, or another seed."
                )
            file.create_dataset(path, data=rounded, track_times=False)
    return buffer.getvalue()


def _unpack(blob: bytes) -> Arrays:
    import h5py

    arrays: dict[str, NDArray[np.float32]] = {}

    def visit(path: str, node: h5py.Dataset | h5py.Group) -> None:
        if isinstance(node, h5py.Dataset):
            # Plain, contiguous half-precision numbers inside this file, or nothing: HDF5 could also
            # point into other files, or unpack a few bytes into gigabytes.
            outside = node.is_virtual or node.external or node.chunks is not None
            if node.shape is None or node.dtype != np.float16 or outside:
                raise ValueError(path)
            if sum(array.nbytes // 2 for array in arrays.values()) + node.nbytes > MAX_BYTES:
                raise ValueError(path)
            arrays[path] = node[()].astype(np.float32)

    with h5py.File(io.BytesIO(blob), "r") as file:
        file.visititems(visit)  # Follows hard links alone: nothing outside the file is opened.
    return arrays


def _damaged(checkpoint: str, problem: str) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint {checkpoint!r} cannot be used: {problem}. Download or train it again."
    )


def _to_json(card: Mapping[str, object]) -> bytes:
    return (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode()
