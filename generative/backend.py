"""TensorFlow, configured once. Import Keras and TensorFlow from here, never directly.

oneDNN's kernels are on by default only where the CPU has AVX-512 VNNI or better; on other x86 CPUs
(AMD Zen 2 and 3, older Intel) they make convolutions two to four times faster too
(`benchmarks/kernels.py`), so they are asked for before TensorFlow is imported.
"""

import os

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import tensorflow as tf

# Its hints on retracing count every model's function as one and the same.
tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
