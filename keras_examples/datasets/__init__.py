"""Where the arrays come from: IDX files, caches, mirrors, and stand-ins for want of them."""

from __future__ import annotations

from keras_examples.datasets.dataset import CLASS_NAMES, Dataset
from keras_examples.datasets.loading import load

__all__ = ["CLASS_NAMES", "Dataset", "load"]
