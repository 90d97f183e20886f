"""TensorFlow's native library: what it is told, and loading it ahead of TensorFlow."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import threading

LIBRARY = "libtensorflow_cc.so.2"
"""The largest, in TensorFlow's folder, as it is called on Linux."""


def configure() -> None:
    """Set what the library reads from the environment when it is loaded.

    oneDNN's kernels are on by default only where the CPU has AVX-512 VNNI or better; on other x86
    CPUs (AMD Zen 2 and 3, older Intel) they make convolutions two to four times faster too
    (`benchmarks/kernels.py`).
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def load_ahead() -> None:
    """Begin to load the library, beside whatever Python does meanwhile.

    Importing TensorFlow would hold up all of Python for that third of a second; a call of a foreign
    function does not. But it holds up the loading of any other library.
    """
    configure()
    tensorflow = importlib.util.find_spec("tensorflow")
    if os.name == "posix" and tensorflow and tensorflow.submodule_search_locations:
        path = os.path.join(tensorflow.submodule_search_locations[0], LIBRARY)
        # Under another name, on other systems, it is not found here, and is loaded by the import.
        load, given = ctypes.CDLL(None).dlopen, (os.fsencode(path), os.RTLD_NOW)
        threading.Thread(target=load, args=given, daemon=True).start()
