"""Converts a picture of a garment as Fashion-MNIST's makers would have done."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from keras_examples.inference.pictures.background import (
    MIN_CONTRAST,
    Floats,
    Mask,
    check_not_empty,
    empty,
    fit_background,
    to_grey,
)
from keras_examples.inference.pictures.resizing import SIDE, bounding_box, resize


def prepare_garment(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Converts a picture of one garment as Fashion-MNIST's makers would have done.

    They took photos on a light background, cropped them to the garment, resized the longer side to
    28 pixels and inverted the brightness. So a dark shirt is bright in the set, and a white one
    pale; on a dark background the brightness is not inverted.

    Args:
        picture: The garment on a plain background, as `open_picture` returns it.

    Returns:
        The image, shape `(28, 28)`, 0 (background) to 255.

    Raises:
        InputError: There is nothing on it.
    """
    check_not_empty(picture)
    levels = to_grey(picture)
    background = _background(levels)
    # Darker or lighter than the background on the whole, for the garment may have a pattern.
    darker = (levels - background).sum() < 0
    contrast = (background - levels if darker else levels - background).clip(0)
    largest = np.maximum(background if darker else 255 - background, 1)
    mask = contrast > max(MIN_CONTRAST, 0.1 * float(contrast.max()))
    if not mask.any():
        raise empty()
    small = resize((contrast / largest).clip(0, 1)[bounding_box(mask)], SIDE)
    margins = [((SIDE - side + 1) // 2, (SIDE - side) // 2) for side in small.shape]
    return np.rint(255 * np.pad(small, margins)).astype(np.uint8)


def _background(levels: Floats) -> Floats:
    """Returns the brightness of the background everywhere, fitted to the edge of the picture.

    A garment that fills its picture leaves little more of it than the corners.
    """
    rows, columns = (_near_the_ends(side) for side in levels.shape)
    corners = rows[:, None] & columns
    residuals = np.abs(levels - fit_background(levels, corners, quadratic=False))
    edge = (rows[:, None] | columns) & (residuals < 2 * MIN_CONTRAST)
    # The corners alone do not determine a curved surface.
    curved = bool(np.count_nonzero(edge) > 3 * np.count_nonzero(corners))
    return fit_background(levels, edge if curved else corners, quadratic=curved).clip(0, 255)


def _near_the_ends(side: int) -> Mask:
    place = np.arange(side)
    return np.asarray(np.minimum(place, place[::-1]) < max(1, side // 14))
