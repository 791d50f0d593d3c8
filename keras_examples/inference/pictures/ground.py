"""Tells what is on a picture from the ground it is on: paper, its grain and its shadows."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from keras_examples.core import InputError

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

FAINTEST = 12.0  # grey levels between ink and paper, below which nobody would see a digit
_COARSEST = 60.0  # grey levels by which no grain stands out
_LONGEST_SIDE = 160  # enough for 28×28, and the grain of the paper is averaged away


def check_not_empty(picture: Image.Image) -> None:
    """Checks that there is something on a picture.

    Args:
        picture: The picture, as `open_picture` returns it.

    Raises:
        InputError: It is one plain ground.
    """
    levels = grey(picture)
    apart = levels - surface(levels, np.ones(levels.shape, dtype=bool))
    # Of the grain of empty paper nothing stands out by many times its usual size. A shadow may
    # look like grain to `spread`, but grain is never as strong as ink.
    if np.abs(apart).max() < max(FAINTEST, min(5 * spread(apart), _COARSEST)):
        raise nothing_found()


def nothing_found() -> InputError:
    """Returns the error for a picture of nothing."""
    return InputError(
        "a picture is empty: nothing on it stands out from the ground; take one of one digit or "
        "garment that fills a good part of it."
    )


def grey(picture: Image.Image) -> Floats:
    """Returns a picture's brightness, 0 to 255, its longer side at most 160 pixels."""
    small = picture.convert("L")
    longest = max(small.size)
    if longest > _LONGEST_SIDE:
        size = [max(1, round(side * _LONGEST_SIDE / longest)) for side in small.size]
        small = small.resize((size[0], size[1]), Image.Resampling.BOX)
        small = small.filter(ImageFilter.GaussianBlur(0.7))
    return np.asarray(small, dtype=np.float64)


def surface(levels: Floats, where: Mask, *, bent: bool = True) -> Floats:
    """Fits the ground: a plane, bent or not, as light falls off over paper.

    Args:
        levels: Brightness, shape `(height, width)`.
        where: The pixels to look at. Those that do not fit in, such as ink, are left out.
        bent: Whether it is of second degree; if not, it is flat.

    Returns:
        The brightness of the ground everywhere, shape `(height, width)`.
    """
    down, across = np.meshgrid(
        *(np.linspace(-1, 1, side) for side in levels.shape), indexing="ij", sparse=False
    )
    terms = np.stack(
        [np.ones_like(down), down, across, down * across, down**2, across**2], axis=-1
    ).reshape(-1, 6)
    values, kept = levels.ravel(), where.ravel().copy()
    for degree in (
        1,
        3,
        3,
        *((6, 6, 6) if bent else ()),
    ):  # the median first: a bent surface would follow the ink
        weights = np.linalg.lstsq(terms[kept, :degree], values[kept], rcond=None)[0]
        if degree == 1:
            weights = np.array([np.median(values[kept])])
        apart = values - terms[:, :degree] @ weights
        kept = where.ravel() & (np.abs(apart) <= max(2.5 * spread(apart[where.ravel()]), 2.0))
    fitted: Floats = (terms[:, :degree] @ weights).reshape(levels.shape)
    return fitted


def spread(values: Floats) -> float:
    """Returns the standard deviation, not misled by the few values that are far off."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
