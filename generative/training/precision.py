"""Whether this processor computes faster in bfloat16 than in float32.

bfloat16 keeps float32's range with 8 bits of precision: enough for the convolutions of a network
whose weights and sums stay float32. Processors without instructions for it emulate it, more slowly
than float32 by an order of magnitude (`benchmarks/kernels.py`), so it is used only where they are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
"""Either of them makes oneDNN's bfloat16 convolutions 1.5 to 2 times as fast as float32 ones."""

FLOAT32, BFLOAT16 = "float32", "mixed_bfloat16"
"""Keras's names of the two: in the second, variables stay float32."""


@functools.lru_cache(maxsize=1)
def cpu_flags() -> frozenset[str]:
    """Return what the kernel lists as the processor's features; none where it does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return frozenset()
    lines = (line.partition(":") for line in text.splitlines())
    return frozenset(
        flag for key, _, value in lines if key.strip() == "flags" for flag in value.split()
    )


def fastest() -> str:
    """Return the precision in which convolutions are fastest here: `FLOAT32` or `BFLOAT16`."""
    return BFLOAT16 if cpu_flags().intersection(INSTRUCTIONS) else FLOAT32


@contextmanager
def layers_in(name: str) -> Iterator[None]:
    """Build layers in a precision, which they keep."""
    from generative.backend import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
