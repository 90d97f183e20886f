"""Compiled functions of batches: TensorFlow inside, NumPy outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf

CHUNK = 500
"""Examples that go through a network at once: bounds the memory that a large batch takes."""


def compiled(
    function: Callable[..., tf.Tensor], *shapes: tuple[int, ...]
) -> Callable[..., tf.Tensor]:
    """Return a function of one batch for each of `shapes`, traced once for every batch size."""
    signature = [tf.TensorSpec((None, *shape), tf.float32) for shape in shapes]
    # Nothing here branches on tensors, and AutoGraph takes as long to find that out as all else.
    return tf.function(function, input_signature=signature, autograph=False)  # type: ignore[no-any-return]


def in_chunks(
    function: Callable[..., tf.Tensor], *batches: NDArray[Any], chunk: int = CHUNK
) -> NDArray[np.float32]:
    """Apply a compiled function to at most `chunk` examples at a time and join the results.

    Args:
        function: tensors (m, ...), one for each of `batches` → (m, ...) float32, for any m.
        *batches: (n, ...) each; n ≥ 1.
        chunk: so many examples need memory at a time.
    """
    return np.concatenate(
        [
            function(*(tf.convert_to_tensor(b[start : start + chunk]) for b in batches)).numpy()
            for start in range(0, len(batches[0]), chunk)
        ]
    )
