"""Converts a picture of a digit as MNIST's makers would have done."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageFilter

from keras_examples.inference.pictures.background import (
    MIN_CONTRAST,
    Floats,
    Mask,
    check_not_empty,
    empty,
    robust_std,
    to_grey,
)
from keras_examples.inference.pictures.resizing import SIDE, bounding_box, resize

BOX_SIDE = 20  # MNIST's digits fit a box of this side
_WINDOW = 0.4  # of the shorter side of the picture; strokes are narrower, most shadows wider
_COARSE_SIDE = 40  # pixels, enough to see whether ink is dark
_MIN_STROKE = 2.0  # pixels in that box; a fine pen's strokes are thinner than any in MNIST
_MIN_INK = 0.15  # of full ink: paler pixels at the edge of a stroke are paper
_SPECK = 0.05  # of the largest component of ink: smaller ones are dirt


def prepare_digit(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Converts a picture of one digit as MNIST's makers would have done.

    Paper, shadows, specks and lines that run off the picture are removed. The digit is then light
    on dark, resized to a box of 20×20 pixels, and centred by its mass.

    Args:
        picture: The digit, dark on light or light on dark, as `open_picture` returns it.

    Returns:
        The image, shape `(28, 28)`, 0 (background) to 255 (ink).

    Raises:
        InputError: There is nothing on it.
    """
    check_not_empty(picture)
    levels = to_grey(picture)
    ink = _darkness(levels if _ink_is_dark(levels) else -levels)
    mask = _digit_mask(ink)
    if not mask.any():
        raise empty()
    full = np.percentile(ink[mask], 70)
    # The soft edge of a stroke lies outside of the mask, and belongs to the digit.
    grown = _dilated(np.where(mask, 255, 0), 1) > 0
    soft = np.where(grown, ink / full, 0).clip(0, 1)
    box = bounding_box(soft > _MIN_INK)
    small = resize(_thickened(soft[box], mask[box]), BOX_SIDE)
    return _centred(np.rint(255 * small / small.max()).astype(np.uint8))


def _ink_is_dark(levels: Floats) -> bool:
    """Returns whether what differs most from its surroundings is darker, as ink on paper is."""
    image = Image.fromarray(levels.astype(np.float32))
    image.thumbnail((_COARSE_SIDE, _COARSE_SIDE), Image.Resampling.BOX)
    small = np.asarray(image, dtype=np.float64)
    radius = max(1, round(0.4 * min(small.shape)))
    windows = sliding_window_view(np.pad(small, radius, mode="edge"), (2 * radius + 1,) * 2)
    contrast = small - np.median(windows, axis=(-2, -1))
    return bool(contrast[np.abs(contrast) >= 0.5 * np.abs(contrast).max()].sum() <= 0)


def _darkness(levels: Floats) -> Floats:
    """Returns by how much each pixel is darker than the paper around it.

    The paper is the morphological closing, which fills in everything dark that is narrower than the
    window. A shadow stays as it is, since it is wider.
    """
    size = max(3, int(_WINDOW * min(levels.shape)) | 1)
    closed = -_max_filter(-_max_filter(levels, size), size)
    darkness = closed - levels
    return (darkness - np.median(darkness)).clip(0)


def _max_filter(levels: Floats, size: int) -> Floats:
    """Returns the maximum in a square around each pixel, its side an odd `size`."""
    for axis in (0, 1):
        margin = [(size // 2, size // 2) if axis == side else (0, 0) for side in (0, 1)]
        padded = np.pad(levels, margin, mode="edge")
        levels = sliding_window_view(padded, size, axis=axis).max(axis=-1)
    return levels


def _threshold(ink: Floats) -> float:
    """Returns Otsu's threshold, which maximises the variance between ink and paper."""
    counts, edges = np.histogram(ink, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = ink.size - below
    total = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = total[:-1] / below - (total[-1] - total[:-1]) / above
        between = np.nan_to_num(below * above * distance**2)
    return max(float(edges[1 + int(between.argmax())]), MIN_CONTRAST, 4 * robust_std(ink))


def _digit_mask(ink: Floats) -> Mask:
    """Returns where the digit is: without specks, and without what runs off the picture."""
    labels = _components(ink > _threshold(ink))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    inside = sizes.copy()
    inside[np.concatenate([labels[[0, -1]].ravel(), labels[:, [0, -1]].ravel()])] = 0
    # A digit that fills its picture may touch the edge too; then there is little else.
    if inside.max() > _SPECK * sizes.max():
        sizes = inside
    kept: Mask = (sizes >= max(_SPECK * sizes.max(), 1))[labels]
    return kept


def _components(mask: Mask) -> npt.NDArray[np.int64]:
    """Labels the connected components of a mask with numbers above 0, and the rest with 0."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    before = None
    while before is None or not np.array_equal(before, labels):
        before = labels
        padded = np.pad(labels, 1)
        # The largest number of a component spreads over all of it.
        across = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
        spread_out = np.maximum(np.maximum(across[:-2], across[1:-1]), across[2:])
        labels = np.where(mask, spread_out, 0)
    return labels


def _dilated(levels: npt.NDArray[Any], radius: int) -> npt.NDArray[np.uint8]:
    image = Image.fromarray(levels.astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.MaxFilter(2 * radius + 1)))


def _thickened(soft: Floats, mask: Mask) -> Floats:
    """Thickens strokes that would be too thin after resizing."""
    inner = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    area = np.count_nonzero(mask)
    perimeter = max(int(area - np.count_nonzero(inner)), 1)
    width = 2 * area / perimeter  # a long stroke's perimeter is its two sides
    scale = BOX_SIDE / max(mask.shape)
    missing = round((_MIN_STROKE / scale - width) / 2)
    if missing < 1:
        return soft
    return _dilated(255 * np.pad(soft, missing), missing) / 255.0


def _centred(small: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Pads a digit to the full image with its centre of mass in the middle."""
    margins = []
    for axis, side in enumerate(small.shape):
        mass = small.sum(axis=1 - axis, dtype=float)
        centre = (mass @ np.arange(side)) / mass.sum()
        before = int(np.clip(round(SIDE / 2 - centre), 0, SIDE - side))
        margins.append((before, SIDE - side - before))
    return np.pad(small, margins)
