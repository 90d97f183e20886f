"""TensorFlow, configured once. Import Keras and TensorFlow from here, never directly.

Keras imports scikit-learn and Matplotlib where they are installed, for wrappers and plots that
nothing here uses. That would be a third of the time that importing Keras takes, so it is not shown
them.
"""

import os

from generative import tensorflow_library
from generative.importing import without, without_collections

tensorflow_library.configure()
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

with without("sklearn", "matplotlib", "matplotlib.pyplot"), without_collections():
    import keras
    import tensorflow as tf

# Its hints on retracing count every model's function as one and the same.
tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "tf"]
