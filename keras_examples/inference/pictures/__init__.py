"""From anybody's picture to the 28×28 pixels that the networks of this project take."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from keras_examples.inference.pictures.background import check_not_empty
from keras_examples.inference.pictures.digits import prepare_digit
from keras_examples.inference.pictures.garments import prepare_garment
from keras_examples.inference.pictures.opening import Source, name_of, naming, open_picture

# By `Pictures.kind`: from a picture of `open_picture` to an image, `uint8`, shape `(28, 28)`.
PREPARE: Mapping[str, Callable[[Image.Image], np.ndarray]] = {
    "digit": prepare_digit,
    "garment": prepare_garment,
}

__all__ = [
    "PREPARE",
    "Source",
    "check_not_empty",
    "name_of",
    "naming",
    "open_picture",
    "prepare_digit",
    "prepare_garment",
]
