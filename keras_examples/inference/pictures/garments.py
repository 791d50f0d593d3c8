"""Makes of a picture of a garment what Fashion-MNIST would have made of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from keras_examples.inference.pictures.ground import (
    FAINTEST,
    Floats,
    Mask,
    check_not_empty,
    grey,
    nothing_found,
    surface,
)
from keras_examples.inference.pictures.shrinking import box, resize

SIDE = 28


def prepare_garment(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Makes of a picture of one garment what Fashion-MNIST would have made of it.

    The set's makers took photos on a light ground, cut them to the garment, made the longer side 28
    pixels and turned the brightness round. So a dark shirt is bright in the set, and a white one
    pale; on a dark ground the brightness stays.

    Args:
        picture: The garment on a plain ground, as `open_picture` returns it.

    Returns:
        The image, shape `(28, 28)`, 0 (ground) to 255.

    Raises:
        InputError: There is nothing on it.
    """
    check_not_empty(picture)
    levels = grey(picture)
    ground = _ground(levels)
    # Which side of the ground the garment is on: by all of it, for it may have a pattern.
    darker = (levels - ground).sum() < 0
    apart = (ground - levels if darker else levels - ground).clip(0)
    room = np.maximum(ground if darker else 255 - ground, 1)
    mask = apart > max(FAINTEST, 0.1 * float(apart.max()))
    if not mask.any():
        raise nothing_found()
    small = resize((apart / room).clip(0, 1)[box(mask)], SIDE)
    image = np.zeros((SIDE, SIDE))
    top, left = ((SIDE - side + 1) // 2 for side in small.shape)
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return np.rint(255 * image).astype(np.uint8)


def _ground(levels: Floats) -> Floats:
    """Returns the brightness of the ground everywhere, from what is seen of it at the edge.

    A garment that fills its picture leaves little more of it than the corners.
    """
    near = [_near_the_ends(side) for side in levels.shape]
    corners = near[0][:, None] & near[1]
    apart = np.abs(levels - surface(levels, corners, bent=False))
    edge = (near[0][:, None] | near[1]) & (apart < 2 * FAINTEST)
    # What bends is not to be told from the corners alone.
    bent = np.count_nonzero(edge) > 3 * np.count_nonzero(corners)
    return surface(levels, edge if bent else corners, bent=bent).clip(0, 255)


def _near_the_ends(side: int) -> Mask:
    place = np.arange(side)
    return np.asarray(np.minimum(place, place[::-1]) < max(1, side // 14))
