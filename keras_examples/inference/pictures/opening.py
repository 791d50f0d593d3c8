"""Opens untrusted picture files as viewers show them."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_examples.core import InputError
from keras_examples.core.files import NotAFileError, reading

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Image.Image"

LARGEST_PICTURE = 60_000_000  # pixels; phones take up to 50 million
_LARGEST_FILE = 8 * LARGEST_PICTURE + 1_000_000  # bytes: four channels of 16 bits, uncompressed
_LONGEST_SIDE = 800  # many pictures fit in memory, and a small digit in one is still legible
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_AT_MOST = f"expected at most {LARGEST_PICTURE:,}; resize it."


def open_picture(source: Source) -> Image.Image:
    """Opens a picture as viewers show it.

    Args:
        source: A path, an open binary file, or a picture of Pillow. PNG, JPEG, WebP, GIF, BMP or
            TIFF; of several frames the first is taken.

    Returns:
        The picture, mode `"RGB"`: rotated as EXIF says, transparent parts white, and resized if a
        side is longer than 800 pixels.

    Raises:
        InputError: It is not a picture, damaged, or too large.
    """
    what = name_of(source)
    if isinstance(source, Image.Image):
        return _as_shown(source, what)
    if not isinstance(source, (str, os.PathLike)):
        return _read(source, what)
    try:
        with reading(source, _LARGEST_FILE) as file:
            return _read(file, what)
    except (OSError, ValueError) as error:  # ValueError: an invalid path
        if isinstance(error, NotAFileError) and error.errno == errno.EISDIR:
            raise InputError(f"{what} is a folder; name the picture files in it.") from None
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {what} ({reason}); name a picture file.") from None


def name_of(source: Source) -> str:
    """Returns what to call a picture in a message: its path, if it has one."""
    name = source
    if not isinstance(source, (str, os.PathLike)):
        name = getattr(source, "filename", None) or getattr(source, "name", None) or ""
    return repr(os.fspath(name)) if isinstance(name, (str, os.PathLike)) and name else "the picture"


@contextmanager
def naming(source: Source) -> Iterator[None]:
    """Puts the name of a picture before an error about it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name_of(source)}: {error}") from None


def _read(file: IO[bytes], what: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not matter
            with Image.open(file, formats=_FORMATS) as picture:
                return _as_shown(picture, what)
    except UnidentifiedImageError:
        raise InputError(
            f"{what} is not a readable picture, expected PNG, JPEG, WebP, GIF, BMP or TIFF; "
            "save it as one of them."
        ) from None
    except Image.DecompressionBombError:
        raise InputError(f"{what} has too many pixels, {_AT_MOST}") from None
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError):
        # What Pillow's decoders raise at a damaged file, depending on the format.
        raise InputError(f"{what} is damaged; save or copy the picture again.") from None


def _as_shown(picture: Image.Image, what: str) -> Image.Image:
    width, height = picture.size
    if width * height > LARGEST_PICTURE:
        raise InputError(f"{what} has {width:,}×{height:,} pixels, {_AT_MOST}")
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))  # a JPEG can be decoded at half its size
    seen = _eight_bits(ImageOps.exif_transpose(picture))
    if seen.has_transparency_data:
        coloured = seen.convert("RGBA")
        seen = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    seen = seen.convert("RGB")
    seen.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return seen


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scales 16-bit and float images to 0 to 255, where Pillow would clip them."""
    if picture.mode not in {"I", "F"} and not picture.mode.startswith("I;16"):
        return picture
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    most = 65535.0 if values.max() > 255 else 255.0
    return Image.fromarray((values.clip(0, most) * (255 / most)).astype(np.uint8))
