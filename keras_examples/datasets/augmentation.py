"""Augmentation: distorted copies of the training images, so that a network sees more of them."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np

from keras_examples.core.options import whole_number
from keras_examples.datasets.dataset import Array, Dataset, digest_of
from keras_examples.datasets.distortion import Distortion, Floats, distort

_MOST = 100  # copies, far beyond what helps
_SEED = 20_240_229
_CHUNK = 500  # images: enough to be fast, and little memory as floats
# As much as a reader hardly notices: a turn of 29 degrees, a shift of 4 of 28 pixels.
_AMOUNT = Distortion(rotation=0.5, shear=0.3, scale=0.3, shift=0.3, wave=0.04)
_THINNEST, _THICKEST = -0.5, 1.0


def with_distorted(data: Dataset, copies: int) -> Dataset:
    """Returns a data set with distorted copies of its training images besides themselves.

    The copies are moved, turned, scaled, sheared, slightly bent, and thicker or thinner; they are
    the same each time on one machine. The test images stay as they are.

    Args:
        data: Images, shape `(n, 28, 28)`, 0 (background) to 255.
        copies: How many of each training image; with 0 the data set is returned as it is.

    Raises:
        InputError: It is no such number.
    """
    copies = whole_number("distorted", copies, 0, _MOST)
    if not copies:
        return data
    rng = np.random.default_rng(_SEED)
    size = len(data.x_train)
    x = np.empty((size * (1 + copies), *data.x_train.shape[1:]), np.uint8)
    x[:size] = data.x_train
    for copy in range(1, 1 + copies):
        for start in range(0, size, _CHUNK):
            images = data.x_train[start : start + _CHUNK]
            place = copy * size + start
            x[place : place + len(images)] = _distorted(images, rng)
    y = np.tile(data.y_train, 1 + copies)
    # What it depends on beyond the arrays, such as the names of a user's classes, stays in it.
    digest = hashlib.sha256(f"{data.digest}{digest_of((x, y))}".encode()).hexdigest()
    return dataclasses.replace(data, x_train=x, y_train=y, digest=digest)


def _distorted(images: Array, rng: np.random.Generator) -> Array:
    amount = rng.uniform(_THINNEST, _THICKEST, (len(images), 1, 1)).astype(np.float32)
    strokes = thicken(images.astype(np.float32), amount)
    moved = distort(strokes, np.arange(len(images)), _AMOUNT, rng)
    return np.asarray(np.rint(moved), np.uint8)


def thicken(images: Floats, amount: Floats) -> Floats:
    """Makes the strokes of images thicker or thinner.

    Args:
        images: Bright strokes on a dark background, shape `(n, height, width)`.
        amount: By about how many pixels on either side, -1 to 1, broadcast to the images; below 0
            they become thinner.

    Returns:
        Images between the given ones (0), the brightest of each pixel and its four neighbours (1),
        and the darkest of them (-1).
    """
    around = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="edge")
    neighbours = (
        images,
        around[:, :-2, 1:-1],
        around[:, 2:, 1:-1],
        around[:, 1:-1, :-2],
        around[:, 1:-1, 2:],
    )
    thick, thin = np.maximum.reduce(neighbours), np.minimum.reduce(neighbours)
    towards = np.where(amount > 0, thick, thin)
    return np.asarray(images + np.abs(amount) * (towards - images), np.float32)
