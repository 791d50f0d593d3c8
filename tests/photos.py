"""Photos of drawings on paper, as a phone would take them, for the tests."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter


def photograph(
    image: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    dark: bool = True,
    hard_shadow: bool = False,
    lines: bool = False,
) -> Image.Image:
    """A photo of a drawing on a sheet of paper.

    Args:
        image: The drawing, shape `(28, 28)`, 0 (paper) to 255 (ink).
        rng: The source of place, size, slant, light and noise.
        dark: Whether it is ink on paper, or chalk on a board.
        hard_shadow: Whether there is a shadow with a sharp edge.
        lines: Whether the paper is ruled.
    """
    height, width = 360, 480
    size = int(rng.integers(140, 300))
    drawn = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    drawn = drawn.rotate(float(rng.uniform(-12, 12)), Image.Resampling.BICUBIC, expand=True)
    sheet = Image.new("L", (width, height))
    sheet.paste(
        drawn,
        (
            int(rng.integers(5, width - drawn.width - 5)),
            int(rng.integers(-10, max(-9, height - drawn.height - 5))),
        ),
    )
    ink = np.asarray(sheet.filter(ImageFilter.GaussianBlur(1.5)), dtype=float) / 255
    grain = Image.fromarray(rng.normal(128, 30, (height, width)).clip(0, 255).astype(np.uint8))
    grain = grain.filter(ImageFilter.GaussianBlur(1.2))
    down, across = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    slope = rng.uniform(-0.22, 0.22, 2)
    light = 0.8 + slope[0] * down + slope[1] * across - rng.uniform(0, 0.15) * (down**2 + across**2)
    if hard_shadow:
        light = light * np.where(across + 0.5 * down > rng.uniform(-0.8, 0.8), 0.75, 1)
    paper, pen = (230, rng.uniform(40, 110)) if dark else (70, rng.uniform(170, 230))
    colour = np.full((height, width), float(paper))
    if lines:
        colour[rng.integers(20, 40) :: 45] -= 35
    levels = (colour * (1 - ink) + pen * ink) * light
    levels += np.asarray(grain, dtype=float) - 128 + rng.normal(0, 5, (height, width))
    photo = Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")
    return reopened(photo, "JPEG", quality=70)


def reopened(picture: Image.Image, kind: str, **options: int) -> Image.Image:
    """The picture after it was saved as a file of a kind."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    file.seek(0)
    again = Image.open(file)
    again.load()
    return again
