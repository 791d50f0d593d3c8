"""Folders of pictures as a user has them, for the tests of learning them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw


def draw_pictures(folder: Path, classes: tuple[str, ...], count: int = 6) -> Path:
    """Draws pictures of so many strokes as the class has in order; returns the folder."""
    for number, name in enumerate(classes, start=1):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            picture = Image.new("RGB", (60, 60), "white")
            pen = ImageDraw.Draw(picture)
            for stroke in range(number):
                top = 15 + 12 * stroke
                pen.line((12, top, 40 + index, top), fill="black", width=4)
            pen.line((12, 10, 12, 52), fill="black", width=4)
            picture.save(folder / name / f"{index}.png")
    return folder
