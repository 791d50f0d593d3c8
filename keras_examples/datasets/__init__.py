"""Where the arrays come from: IDX files, caches, mirrors, and stand-ins for want of them."""

from __future__ import annotations

from keras_examples.datasets.dataset import Dataset
from keras_examples.datasets.loading import fashion_mnist, load, mnist

__all__ = ["Dataset", "fashion_mnist", "load", "mnist"]
