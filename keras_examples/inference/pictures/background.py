"""Separates what is on a picture from its background: paper, its grain and its shadows."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from keras_examples.core import InputError, Text

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_EMPTY = Text(
    "a picture is empty: nothing on it stands out from the background; take one of one digit or "
    "garment that fills a good part of it.",
    "图片是空的，上面没有什么能与背景区分开；请换一张，上面是一个数字或一件服装，占画面的一大部分。",
)
MIN_CONTRAST = 12.0  # grey levels between ink and paper, below which nobody would see a digit
_MAX_GRAIN = 60.0  # grey levels that no grain of paper reaches
_LONGEST_SIDE = 160  # enough for 28×28, and the grain of the paper is averaged away


def check_not_empty(picture: Image.Image) -> None:
    """Checks that there is something on a picture.

    Args:
        picture: The picture, as `open_picture` returns it.

    Raises:
        InputError: It is nothing but background.
    """
    levels = to_grey(picture)
    residuals = levels - fit_background(levels, np.ones(levels.shape, dtype=bool))
    # No grain of empty paper is many times as strong as usual. `robust_std` may take a shadow for
    # grain, but grain is never as strong as ink.
    if np.abs(residuals).max() < max(MIN_CONTRAST, min(5 * robust_std(residuals), _MAX_GRAIN)):
        raise empty()


def empty() -> InputError:
    """Returns the error about a picture that has nothing on it."""
    return InputError(_EMPTY.en, _EMPTY.zh)


def to_grey(picture: Image.Image) -> Floats:
    """Returns a picture's brightness, 0 to 255, its longer side at most 160 pixels."""
    small = picture.convert("L")
    longest = max(small.size)
    if longest > _LONGEST_SIDE:
        width, height = (max(1, round(side * _LONGEST_SIDE / longest)) for side in small.size)
        small = small.resize((width, height), Image.Resampling.BOX)
        small = small.filter(ImageFilter.GaussianBlur(0.7))
    return np.asarray(small, dtype=np.float64)


def fit_background(levels: Floats, mask: Mask, *, quadratic: bool = True) -> Floats:
    """Fits the background by a polynomial, as light falls off over paper.

    Args:
        levels: Brightness, shape `(height, width)`.
        mask: The pixels to fit. Outliers among them, such as ink, are left out.
        quadratic: Whether the polynomial is of second degree; if not, it is a plane.

    Returns:
        The brightness of the background everywhere, shape `(height, width)`.
    """
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in levels.shape), indexing="ij")
    terms = np.stack([np.ones_like(y), y, x, y * x, y**2, x**2], axis=-1).reshape(-1, 6)
    values, candidates = levels.ravel(), mask.ravel()
    inliers = candidates
    # The median first: a curved surface would follow the ink.
    for count in (1, 3, 3, *((6, 6, 6) if quadratic else ())):
        weights = np.linalg.lstsq(terms[inliers, :count], values[inliers], rcond=None)[0]
        if count == 1:
            weights = np.array([np.median(values[inliers])])
        residuals = values - terms[:, :count] @ weights
        limit = max(2.5 * robust_std(residuals[candidates]), 2.0)
        inliers = candidates & (np.abs(residuals) <= limit)
    fitted: Floats = (terms[:, :count] @ weights).reshape(levels.shape)
    return fitted


def robust_std(values: Floats) -> float:
    """Returns the standard deviation from the median absolute deviation, which ignores outliers."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
