"""Crops an image to what is on it, and resizes it to what the networks take."""

from __future__ import annotations

import numpy as np
from PIL import Image

from keras_examples.inference.pictures.background import Floats, Mask

SIDE = 28


def bounding_box(mask: Mask) -> tuple[slice, slice]:
    """Returns the rows and the columns of the bounding box of a mask, which is not empty."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def resize(values: Floats, longest: int) -> Floats:
    """Resizes an image so that its longer side is `longest` and the shorter at least 1.

    Args:
        values: The image, shape `(height, width)`, 0 to 1.
        longest: Its longer side afterwards.

    Returns:
        The resized image, 0 to 1.
    """
    scale = longest / max(values.shape)
    height, width = (max(1, round(side * scale)) for side in values.shape)
    image = Image.fromarray(values.astype(np.float32))
    small = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(small, dtype=np.float64).clip(0, 1)
