"""Images drawn by code in place of the real ones: same shape, type and classes, but fewer."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from keras_examples.datasets.dataset import Array, Arrays
from keras_examples.datasets.distortion import Distortion, Floats, blur, distort
from keras_examples.datasets.garments import draw_garments
from keras_examples.datasets.glyphs import draw_digits

TRAIN_SIZE = 6000
TEST_SIZE = 1000

_SEED = 20_170_825
_DIGITS = Distortion(rotation=0.35, shear=0.3, scale=0.2, shift=0.2, wave=0.1)
_GARMENTS = Distortion(rotation=0.22, shear=0.18, scale=0.2, shift=0.16, wave=0.08)


@functools.cache
def draw(name: str) -> Arrays:
    """Draws the stand-in for a data set, once a process and identical each time on one machine.

    Args:
        name: `"mnist"` for digits, `"fashion-mnist"` for garments.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, all `uint8`: 6000 and 1000 images of shape
        `(28, 28)`, 0 (background) to 255, of ten classes equally often, shuffled.
    """
    rng = np.random.default_rng(_SEED)
    labels = np.concatenate([_labels(TRAIN_SIZE, rng), _labels(TEST_SIZE, rng)])
    images = _digits(labels, rng) if name == "mnist" else _garments(labels, rng)
    pixels = _pixels(images, rng)
    train = slice(TRAIN_SIZE)
    test = slice(TRAIN_SIZE, None)
    return pixels[train], labels[train], pixels[test], labels[test]


def _labels(n: int, rng: np.random.Generator) -> Array:
    return rng.permutation(np.arange(n) % 10).astype(np.uint8)


def _digits(labels: Array, rng: np.random.Generator) -> Floats:
    # The threshold on the slope of a blurred outline sets the thickness of the stroke.
    images = _from_templates(blur(draw_digits(), 2.0), labels, _DIGITS, rng)
    threshold = _per_image(rng, len(labels), 0.18, 0.42)
    strokes: Floats = np.clip((images - threshold) * 4 + 0.5, 0, 1)
    return strokes


def _garments(labels: Array, rng: np.random.Generator) -> Floats:
    images = _from_templates(blur(draw_garments(rng), 0.8), labels, _GARMENTS, rng)
    return images * _per_image(rng, len(labels), 0.35, 1)


def _from_templates(
    templates: Floats, labels: Array, amount: Distortion, rng: np.random.Generator
) -> Floats:
    """Distorts a random template of the class of each label."""
    variants = templates.shape[1]
    chosen = labels.astype(np.intp) * variants + rng.integers(variants, size=len(labels))
    return distort(templates.reshape(-1, *templates.shape[2:]), chosen, amount, rng)


def _per_image(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)


def _pixels(images: Floats, rng: np.random.Generator) -> Array:
    noise: npt.NDArray[np.float32] = rng.standard_normal(images.shape, np.float32)
    # Only on what is drawn: the background of both real sets is black.
    noisy = images * (1 + 0.08 * noise)
    return (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
