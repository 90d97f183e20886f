"""TensorFlow, configured once. Import Keras and TensorFlow from here, never directly.

oneDNN's kernels are on by default only where the CPU has AVX-512 VNNI or better; on other x86 CPUs
(AMD Zen 2 and 3, older Intel) they make convolutions two to four times faster too
(`benchmarks/kernels.py`), so they are asked for before TensorFlow is imported.

Keras imports scikit-learn and Matplotlib where they are installed, for wrappers and plots that
nothing here uses. That would be a third of the time that importing Keras takes, so it is not shown
them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Let packages that are not imported yet look as if they were not installed."""
    hidden = {name: None for name in packages if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without("sklearn", "matplotlib", "matplotlib.pyplot"):
    import keras
    import tensorflow as tf

# Its hints on retracing count every model's function as one and the same.
tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
