"""The data sets: IDX files from a folder, caches or mirrors, or stand-ins drawn by code."""

from __future__ import annotations

from keras_examples.core.files import PathLike
from keras_examples.datasets.augmentation import with_distorted
from keras_examples.datasets.dataset import Dataset
from keras_examples.datasets.loading import fashion_mnist, load, mnist

__all__ = ["Dataset", "PathLike", "fashion_mnist", "load", "mnist", "with_distorted"]
