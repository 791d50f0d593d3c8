"""From anybody's picture to the 28×28 pixels that the networks of this project know."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from keras_examples.inference.pictures.digits import prepare_digit
from keras_examples.inference.pictures.garments import prepare_garment
from keras_examples.inference.pictures.ground import check_not_empty
from keras_examples.inference.pictures.opening import Source, name_of, open_picture

PREPARE: Mapping[str, Callable[[Image.Image], np.ndarray]] = {
    "digit": prepare_digit,
    "garment": prepare_garment,
}


def prepare(kind: str, picture: Image.Image) -> np.ndarray:
    """Makes of a picture what a network knows, `uint8`, shape `(28, 28)`.

    Args:
        kind: What is on it, `"digit"` or `"garment"`.
        picture: The picture, as `open_picture` returns it.

    Raises:
        InputError: There is nothing on it.
    """
    return PREPARE[kind](picture)


__all__ = [
    "Source",
    "check_not_empty",
    "name_of",
    "open_picture",
    "prepare",
    "prepare_digit",
    "prepare_garment",
]
