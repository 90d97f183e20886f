"""Pictures and points to learn from and to try things on.

datasets       MNIST and Fashion-MNIST; what is here of it is `generative.data`'s own
labelled       any labelled pictures, in folders or of TensorFlow Datasets
plane          points near a plane in space
splits         of each of these, the half to learn from and the half to be measured on
noise          every kind of noise
gallery        the pictures that the page offers
photographed   a photo of a digit or a garment, made into a picture of its data set
"""

from generative.data.datasets import (
    CLASSES,
    DATASETS,
    TITLES,
    data_dir,
    is_available,
    labelled_pictures,
    load,
)

__all__ = [
    "CLASSES",
    "DATASETS",
    "TITLES",
    "data_dir",
    "is_available",
    "labelled_pictures",
    "load",
]
