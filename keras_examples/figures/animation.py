"""Saves a figure that changes over the epochs as an animated GIF, and its last state as a still."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

_DPI = 75
_COLOURS = 48  # of the palette: with more, files are larger and nothing looks better
_SECONDS = 6.0  # that all frames take together
_AT_THE_END = 2.0  # seconds that the last one stays


def save(frames: Iterable[Figure], path: Path) -> None:
    """Saves an animation, and its last frame beside it.

    Args:
        frames: The figure as it is at each frame; it may be one figure that changes.
        path: The `.gif` file; the still is the `.png` of the same name.
    """
    images = []
    for figure in frames:
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=_DPI)
        image = Image.open(drawn, formats=["PNG"]).convert("RGB")
        images.append(image.quantize(_COLOURS, dither=Image.Dither.NONE))
        last = figure
    each = max(20, round(1000 * _SECONDS / len(images)))  # ms; browsers slow down what is faster
    durations = [*[each] * (len(images) - 1), round(1000 * _AT_THE_END)]
    first, *others = images
    first.save(path, save_all=True, append_images=others, duration=durations, loop=0)
    last.savefig(path.with_suffix(".png"))
