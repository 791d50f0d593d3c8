"""Digits as the fonts that come with matplotlib draw them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_examples.datasets.distortion import Floats

_SIDE = 64
# In pixels: a digit is then about 45 high, in its template as large as MNIST's in theirs.
_FONT_SIZE = 60
_FONTS = (
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralItalic",
    "cmr10",
    "cmss10",
    "DejaVuSansMono-Oblique",
    "cmtt10",
)


def draw_digits() -> Floats:
    """Draws each digit in each font.

    Returns:
        Shape `(10, fonts, 64, 64)`, white (1) on black (0), the glyph in the middle.
    """
    import matplotlib
    from matplotlib.ft2font import FT2Font

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    digits = np.zeros((10, len(_FONTS), _SIDE, _SIDE), np.float32)
    for index, name in enumerate(_FONTS):
        font = FT2Font(str(folder / f"{name}.ttf"))
        font.set_size(_FONT_SIZE, 72)
        for digit in range(10):
            font.set_text(str(digit))
            font.draw_glyphs_to_bitmap(antialiased=True)
            glyph = np.asarray(font.get_image(), np.float32) / 255
            height, width = glyph.shape
            top, left = (_SIDE - height) // 2, (_SIDE - width) // 2
            digits[digit, index, top : top + height, left : left + width] = glyph
    return digits
