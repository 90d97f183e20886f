"""Data to train on and to try models on.

datasets          MNIST and Fashion-MNIST, re-exported here
splits            training and test split of anything a model learns from
labelled_photos   labelled colour photos, from folders or TensorFlow Datasets
unlabelled_photos photographs of any size, from a folder
plane             3-D points near a plane
noise             every kind of noise
gallery           the pictures that the page offers
photographed      converts a photo of a digit or garment to the form of its data set
"""

from generative.data.datasets import (
    CLASS_COUNT,
    CLASSES,
    DATASETS,
    TITLES,
    data_dir,
    is_available,
    labelled_picture_files,
    load,
)

__all__ = [
    "CLASSES",
    "CLASS_COUNT",
    "DATASETS",
    "TITLES",
    "data_dir",
    "is_available",
    "labelled_picture_files",
    "load",
]
