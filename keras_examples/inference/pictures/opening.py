"""Opens a picture file, whatever someone hands over, as people see it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_examples.core import InputError

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Image.Image"

LARGEST_PICTURE = 60_000_000  # pixels; phones take up to 50 million
_KEPT_SIDE = 800  # many pictures fit in memory, and a small digit in one is still to be read
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def open_picture(source: Source) -> Image.Image:
    """Opens a picture as people see it.

    Args:
        source: A path, an open binary file, or a picture of Pillow. PNG, JPEG, WebP, GIF, BMP or
            TIFF; of several frames the first is taken.

    Returns:
        The picture, mode `"RGB"`: turned as EXIF says, over white where it is transparent, and made
        smaller if a side is longer than 800 pixels.

    Raises:
        InputError: It is no picture, a damaged one, or a larger one than anyone takes.
    """
    what = name_of(source)
    if isinstance(source, Image.Image):
        return _as_seen(source, what)
    if not isinstance(source, (str, os.PathLike)):
        return _read(source, what)
    try:
        with Path(source).open("rb") as file:
            return _read(file, what)
    except IsADirectoryError:
        raise InputError(f"{what} is a folder; name the picture files in it.") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file system takes
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {what} ({reason}); name a picture file.") from None


def name_of(source: Source) -> str:
    """Returns what to call a picture in a message: its path, if it has one."""
    name = source
    if not isinstance(source, (str, os.PathLike)):
        name = getattr(source, "filename", None) or getattr(source, "name", None) or ""
    return repr(os.fspath(name)) if isinstance(name, (str, os.PathLike)) and name else "the picture"


def _read(file: IO[bytes], what: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is none of our business
            with Image.open(file, formats=_FORMATS) as picture:
                return _as_seen(picture, what)
    except UnidentifiedImageError:
        raise InputError(
            f"{what} is no picture that can be read, expected PNG, JPEG, WebP, GIF, BMP or TIFF; "
            "save it as one of them."
        ) from None
    except Image.DecompressionBombError:
        raise InputError(f"{what} has too many pixels, {_AT_MOST}") from None
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError):
        # What Pillow's decoders raise at a damaged file; which one depends on the format.
        raise InputError(f"{what} is damaged; save or copy the picture again.") from None


_AT_MOST = f"expected at most {LARGEST_PICTURE:,}; save it smaller."


def _as_seen(picture: Image.Image, what: str) -> Image.Image:
    width, height = picture.size
    if width * height > LARGEST_PICTURE:
        raise InputError(f"{what} has {width:,}×{height:,} pixels, {_AT_MOST}")
    picture.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))  # a JPEG can be read at half its size
    seen = _eight_bits(ImageOps.exif_transpose(picture))
    if seen.has_transparency_data:
        coloured = seen.convert("RGBA")
        seen = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    seen = seen.convert("RGB")
    seen.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    return seen


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Brings scans of 16 bits or floats to 0 to 255, where Pillow would cut off all above."""
    if picture.mode not in {"I", "F"} and not picture.mode.startswith("I;16"):
        return picture
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    most = 65535.0 if values.max() > 255 else 255.0
    return Image.fromarray((values.clip(0, most) * (255 / most)).astype(np.uint8))
