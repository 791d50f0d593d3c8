"""From anybody's picture to the 28×28 pixels that the networks of this project know."""

from keras_examples.pictures.digits import prepare_digit
from keras_examples.pictures.garments import prepare_garment
from keras_examples.pictures.ground import check_not_empty
from keras_examples.pictures.opening import Source, name_of, open_picture

__all__ = [
    "Source",
    "check_not_empty",
    "name_of",
    "open_picture",
    "prepare_digit",
    "prepare_garment",
]
