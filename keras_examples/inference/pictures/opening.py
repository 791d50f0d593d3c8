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

from keras_examples.core import InputError, Text
from keras_examples.core.files import NotAFileError, reading, reason

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes] | Image.Image"

LARGEST_PICTURE = 60_000_000  # pixels; phones take up to 50 million
_LARGEST_FILE = 8 * LARGEST_PICTURE + 1_000_000  # bytes: four channels of 16 bits, uncompressed
_LONGEST_SIDE = 800  # many pictures fit in memory, and a small digit in one is still legible
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_AT_MOST = Text(
    f"expected at most {LARGEST_PICTURE:,}; resize it.",
    f"应至多 {LARGEST_PICTURE:,} 像素；请缩小它。",
)


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
            raise InputError(
                f"{what.en} is a folder; name the picture files in it.",
                f"{what.zh}：这是文件夹；请指定其中的图片文件。",
            ) from None
        why = reason(error) if isinstance(error, OSError) else Text(str(error), str(error))
        raise InputError(
            f"cannot read {what.en} ({why.en}); name a picture file.",
            f"{what.zh}：无法读取（{why.zh}）；请指定图片文件。",
        ) from None


def name_of(source: Source) -> Text:
    """Returns what to call a picture in a message: its path, if it has one."""
    name = source
    if not isinstance(source, (str, os.PathLike)):
        name = getattr(source, "filename", None) or getattr(source, "name", None) or ""
    if not isinstance(name, (str, os.PathLike)) or not name:
        return Text("the picture", "这张图片")
    return Text(repr(os.fspath(name)), repr(os.fspath(name)))


@contextmanager
def naming(source: Source) -> Iterator[None]:
    """Puts the name of a picture before an error about it."""
    try:
        yield
    except InputError as error:
        name, said = name_of(source), error.text
        raise InputError(f"{name.en}: {said.en}", f"{name.zh}：{said.zh}") from None


def _read(file: IO[bytes], what: Text) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not matter
            with Image.open(file, formats=_FORMATS) as picture:
                return _as_shown(picture, what)
    except UnidentifiedImageError:
        raise InputError(
            f"{what.en} is not a readable picture, expected PNG, JPEG, WebP, GIF, BMP or TIFF; "
            "save it as one of them.",
            f"{what.zh}：不是能读取的图片，应为 PNG、JPEG、WebP、GIF、BMP 或 TIFF；"
            "请另存为其中一种。",
        ) from None
    except Image.DecompressionBombError:
        raise InputError(
            f"{what.en} has too many pixels, {_AT_MOST.en}",
            f"{what.zh}：像素太多，{_AT_MOST.zh}",
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError):
        # What Pillow's decoders raise at a damaged file, depending on the format.
        raise InputError(
            f"{what.en} is damaged; save or copy the picture again.",
            f"{what.zh}：已损坏；请重新保存或复制这张图片。",
        ) from None


def _as_shown(picture: Image.Image, what: Text) -> Image.Image:
    width, height = picture.size
    if width * height > LARGEST_PICTURE:
        size = f"{width:,}×{height:,}"
        raise InputError(
            f"{what.en} has {size} pixels, {_AT_MOST.en}",
            f"{what.zh}：有 {size} 像素，{_AT_MOST.zh}",
        )
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
