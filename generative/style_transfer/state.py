"""A style transfer put aside: everything that is needed to go on exactly where it stopped."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from generative.backend import tf
from generative.errors import InputError
from generative.style_transfer.descent import Iterate

FORMAT = 1


@dataclass(frozen=True)
class State:
    """Where a transfer has got to.

    Attributes:
        scale: index of the scale being painted.
        step: steps done at this scale.
        done: steps done in all.
        iterate: of the descent.
    """

    scale: int
    step: int
    done: int
    iterate: Iterate

    def to_bytes(self) -> bytes:
        """Return the state as plain arrays and numbers (NumPy's npz)."""
        about = {"format": FORMAT, "scale": self.scale, "step": self.step, "done": self.done}
        arrays = {name: value.numpy() for name, value in self.iterate._asdict().items()}
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
                arrays = {name: saved[name] for name in Iterate._fields}
            scale, step, done = (int(about[name]) for name in ("scale", "step", "done"))
            if about["format"] != FORMAT or min(scale, step, done) < 0 or not _is_sound(arrays):
                raise ValueError
            iterate = Iterate(**{name: tf.constant(array) for name, array in arrays.items()})
            return cls(scale, step, done, iterate)
        except Exception as error:  # NumPy raises half a dozen kinds for a damaged archive.
            raise InputError(
                "The saved style transfer is damaged or of another program: start it anew."
            ) from error


def _is_sound(arrays: dict[str, Any]) -> bool:
    shape = arrays["picture"].shape
    if len(shape) != 4 or shape[0] != 1 or shape[3] != 3:
        return False
    return all(
        array.dtype == np.float32
        and np.isfinite(array).all()
        and array.shape == (() if name in ("count", "weight") else shape)
        for name, array in arrays.items()
    )
