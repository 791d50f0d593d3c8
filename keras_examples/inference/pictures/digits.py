"""Makes of a picture of a digit what MNIST's makers would have made of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageFilter

from keras_examples.inference.pictures.ground import (
    FAINTEST,
    Floats,
    Mask,
    check_not_empty,
    grey,
    nothing_found,
    spread,
)
from keras_examples.inference.pictures.shrinking import box, resize

SIDE = 28
BOX_SIDE = 20  # MNIST's digits fit a box of this side
_WINDOW = 0.4  # of the shorter side of the picture; strokes are narrower, most shadows wider
_FEW_PIXELS = 40  # a side that shows whether ink is dark, and no more
_THINNEST = 2.0  # pixels of a stroke in that box; a fine pen's are thinner than any in MNIST
_SOFTEST = 0.15  # of full ink: what is paler at the edge of a stroke is paper
_SPECK = 0.05  # of the largest piece of ink: what is smaller is dirt


def prepare_digit(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Makes of a picture of one digit what MNIST would have made of it.

    The paper and its shadows are taken away, and specks and lines that run off the picture. The
    digit is light on dark then, fits a box of 20×20 pixels, and is centred by its mass.

    Args:
        picture: The digit, dark on light or light on dark, as `open_picture` returns it.

    Returns:
        The image, shape `(28, 28)`, 0 (background) to 255 (ink).

    Raises:
        InputError: There is nothing on it.
    """
    check_not_empty(picture)
    levels = grey(picture)
    ink = _darkness(levels if _ink_is_dark(levels) else -levels)
    mask = _digit(ink)
    if not mask.any():
        raise nothing_found()
    full = np.percentile(ink[mask], 70)
    # The soft edge of a stroke lies outside of the mask, and belongs to it.
    soft = np.where(_grown(mask, 1), ink / full, 0).clip(0, 1)
    around = box(soft > _SOFTEST)
    small = resize(_thick_enough(soft[around], mask[around]), BOX_SIDE)
    return _centred(np.rint(255 * small / small.max()).astype(np.uint8))


def _ink_is_dark(levels: Floats) -> bool:
    """Returns whether what differs from most of its surroundings is darker, as ink on paper is."""
    image = Image.fromarray(levels.astype(np.float32))
    image.thumbnail((_FEW_PIXELS, _FEW_PIXELS), Image.Resampling.BOX)
    small = np.asarray(image, dtype=np.float64)
    reach = max(1, round(0.4 * min(small.shape)))
    windows = sliding_window_view(np.pad(small, reach, mode="edge"), (2 * reach + 1,) * 2)
    apart = small - np.median(windows, axis=(-2, -1))
    return bool(apart[np.abs(apart) >= 0.5 * np.abs(apart).max()].sum() <= 0)


def _darkness(levels: Floats) -> Floats:
    """Returns by how much each pixel is darker than the paper around it.

    The paper is what is left when everything dark that is narrower than a window is filled in. An
    edge of a shadow stays as it is, since what is behind it is wider.
    """
    size = max(3, int(_WINDOW * min(levels.shape)) | 1)
    filled = -_largest_around(-_largest_around(levels, size), size)
    apart = filled - levels
    return (apart - np.median(apart)).clip(0)


def _largest_around(levels: Floats, size: int) -> Floats:
    """Returns the largest value of a square of `size` around each pixel, an odd number."""
    for axis in (0, 1):
        margin = [(size // 2, size // 2) if axis == side else (0, 0) for side in (0, 1)]
        padded = np.pad(levels, margin, mode="edge")
        levels = sliding_window_view(padded, size, axis=axis).max(axis=-1)
    return levels


def _threshold(ink: Floats) -> float:
    """Returns Otsu's threshold, which parts the brightnesses into the two least mixed groups."""
    counts, edges = np.histogram(ink, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = ink.size - below
    total = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = total[:-1] / below - (total[-1] - total[:-1]) / above
        between = np.nan_to_num(below * above * apart**2)
    return max(float(edges[1 + int(between.argmax())]), FAINTEST, 4 * spread(ink))


def _digit(ink: Floats) -> Mask:
    """Returns where the digit is: without specks, and without what runs off the picture."""
    labels = _pieces(ink > _threshold(ink))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    inside = sizes.copy()
    inside[np.concatenate([labels[[0, -1]].ravel(), labels[:, [0, -1]].ravel()])] = 0
    # A digit that fills its picture may touch the edge too; then there is little else.
    if inside.max() > _SPECK * sizes.max():
        sizes = inside
    kept: Mask = (sizes >= max(_SPECK * sizes.max(), 1))[labels]
    return kept


def _pieces(mask: Mask) -> npt.NDArray[np.int64]:
    """Numbers the connected pieces of a mask: each has a number above 0, and 0 is between them."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    before = None
    while before is None or not np.array_equal(before, labels):
        before = labels
        around = np.pad(labels, 1)
        # The largest number of a piece spreads over all of it.
        across = np.maximum(np.maximum(around[:, :-2], around[:, 1:-1]), around[:, 2:])
        spread_out = np.maximum(np.maximum(across[:-2], across[1:-1]), across[2:])
        labels = np.where(mask, spread_out, 0)
    return labels


def _grown(mask: Mask, by: int) -> Mask:
    image = Image.fromarray(np.where(mask, 255, 0).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.MaxFilter(2 * by + 1))) > 0


def _thick_enough(soft: Floats, mask: Mask) -> Floats:
    """Thickens strokes that would be a hair's breadth when the digit is made small."""
    inner = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    area = np.count_nonzero(mask)
    outline = max(area - np.count_nonzero(inner), 1)
    width = 2 * area / outline  # a long stroke's outline is its two sides
    scale = BOX_SIDE / max(mask.shape)
    missing = round((_THINNEST / scale - width) / 2)
    if missing < 1:
        return soft
    around = np.pad(soft, missing)
    image = Image.fromarray((255 * around).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.MaxFilter(2 * missing + 1))) / 255.0


def _centred(small: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Puts a digit into the image so that its centre of mass is in the middle."""
    image = np.zeros((SIDE, SIDE), dtype=np.uint8)
    corner = []
    for axis, side in enumerate(small.shape):
        mass = small.sum(axis=1 - axis, dtype=float)
        centre = (mass @ np.arange(side)) / mass.sum()
        corner.append(int(np.clip(round(SIDE / 2 - centre), 0, SIDE - side)))
    top, left = corner
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image
