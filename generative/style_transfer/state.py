"""A style transfer put aside: everything it takes to go on exactly where it stopped."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.errors import InputError
from generative.style_transfer.optimizers import OptimizerState

FORMAT = 1
COUNTS = ("height", "width", "scale", "step", "done", "more_steps")


@dataclass(frozen=True)
class State:
    """How far a transfer has come.

    Attributes:
        height, width: of the picture at this scale, pixels.
        scale: index of the scale being painted.
        step: steps done at this scale.
        done: steps done in all.
        optimizer: the picture, and what the optimizer remembers.
        more_steps: planned at the full size beyond the usual ones.
    """

    height: int
    width: int
    scale: int
    step: int
    done: int
    optimizer: OptimizerState
    more_steps: int = 0

    def to_bytes(self) -> bytes:
        """Return the state as plain arrays and numbers (NumPy's npz)."""
        about = {"format": FORMAT, **{name: getattr(self, name) for name in COUNTS}}
        arrays = {name: value.numpy() for name, value in self.optimizer._asdict().items()}
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> State:
        """Return the state that `to_bytes` wrote.

        Raises:
            InputError: damaged, or something else.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as saved:
                about = json.loads(str(saved["about"]))
                arrays = {name: saved[name] for name in OptimizerState._fields}
            counts = {name: int(about[name]) for name in COUNTS}
            if about["format"] != FORMAT or min(counts.values()) < 0 or not _is_sound(arrays):
                raise ValueError
            tensors = {name: tf.constant(array) for name, array in arrays.items()}
            return cls(optimizer=OptimizerState(**tensors), **counts)
        except Exception as error:  # NumPy raises half a dozen kinds for a damaged archive.
            raise InputError(
                "The saved style transfer is damaged or of another program: start it again."
            ) from error


def _is_sound(arrays: dict[str, NDArray[np.float32]]) -> bool:
    shape = arrays["picture"].shape
    if len(shape) < 3 or shape[0] != 1 or shape[-1] != 3:
        return False
    return all(
        array.dtype == np.float32
        and np.isfinite(array).all()
        and array.shape == (() if name in ("count", "weight") else shape)
        for name, array in arrays.items()
    )
