"""Random distortions of drawn templates: many small images from a few large ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_SIDE = 28
# Images computed at once: enough for NumPy to be fast, few enough for the processor's cache.
_BATCH = 500


@dataclass(frozen=True)
class Distortion:
    """How far an image may be distorted; each amount is uniform between plus and minus its limit.

    Attributes:
        rotation: In radians.
        shear: Horizontal, as a fraction of the height.
        scale: As a fraction of the size, for width and height separately.
        shift: As a fraction of half the image, in each direction.
        wave: The amplitude of a sine that bends the image, as a fraction of half of it.
    """

    rotation: float
    shear: float
    scale: float
    shift: float
    wave: float


def distort(
    templates: Floats, chosen: npt.NDArray[np.intp], amount: Distortion, rng: np.random.Generator
) -> Floats:
    """Returns templates distorted by random affine maps and waves.

    Args:
        templates: Shape `(t, side, side)`, with a border as dark as the background.
        chosen: Which template each image shows, shape `(n,)`.
        amount: How far they may be distorted.
        rng: The source of randomness.

    Returns:
        Images of shape `(n, 28, 28)`, in the range of the templates.
    """
    images = np.empty((len(chosen), _SIDE, _SIDE), np.float32)
    for start in range(0, len(chosen), _BATCH):
        batch = chosen[start : start + _BATCH]
        x, y = _coordinates(len(batch), amount, rng)
        images[start : start + _BATCH] = sample(templates, batch, x, y)
    return images


def _coordinates(n: int, amount: Distortion, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Returns the place in the template, from -1 to 1, that each pixel of each image shows."""

    def uniform(limit: float) -> Floats:
        return rng.uniform(-limit, limit, (n, 1, 1)).astype(np.float32)

    axis = ((np.arange(_SIDE) + 0.5) / _SIDE * 2 - 1).astype(np.float32)
    x: Floats = axis[None, None, :]
    y: Floats = axis[None, :, None]
    x, y = x + uniform(amount.shift), y + uniform(amount.shift)
    x, y = x * (1 + uniform(amount.scale)), y * (1 + uniform(amount.scale))
    x = x + y * uniform(amount.shear)
    angle = uniform(amount.rotation)
    cos: Floats = np.cos(angle)
    sin: Floats = np.sin(angle)
    x, y = cos * x - sin * y, sin * x + cos * y
    phase = uniform(np.pi)
    bent_x = x + uniform(amount.wave) * np.sin(2.5 * y + phase)
    bent_y = y + uniform(amount.wave) * np.sin(2.5 * x + phase)
    return bent_x, bent_y


def sample(templates: Floats, chosen: npt.NDArray[np.intp], x: Floats, y: Floats) -> Floats:
    """Interpolates bilinearly between the four pixels around each point.

    Args:
        templates: Images, shape `(t, side, side)`.
        chosen: Which of them each result shows, shape `(n,)`.
        x: Where each pixel of each result is taken from, -1 (left) to 1 (right), broadcast to
            `(n, height, width)`; beyond that the border goes on.
        y: The same from -1 (top) to 1 (bottom).

    Returns:
        Shape `(n, height, width)`.
    """
    side = templates.shape[1]
    column = np.clip((x + 1) * (side / 2) - 0.5, 0, side - 1.001)
    row = np.clip((y + 1) * (side / 2) - 0.5, 0, side - 1.001)
    left, top = column.astype(np.intp), row.astype(np.intp)
    right_weight, bottom_weight = column - np.floor(column), row - np.floor(row)
    flat = templates.ravel()
    corner = (chosen[:, None, None] * side + top) * side + left
    upper = flat[corner] * (1 - right_weight) + flat[corner + 1] * right_weight
    corner += side
    lower = flat[corner] * (1 - right_weight) + flat[corner + 1] * right_weight
    sampled: Floats = upper * (1 - bottom_weight) + lower * bottom_weight
    return sampled


def blur(templates: Floats, radius: float) -> Floats:
    """Returns images blurred with a Gaussian, which turns outlines into slopes.

    Args:
        templates: Shape `(..., side, side)`.
        radius: The standard deviation in pixels.
    """
    side = templates.shape[-1]
    rows = np.fft.fftfreq(side)[:, None]
    columns = np.fft.rfftfreq(side)[None, :]
    gaussian = np.exp(-2 * (np.pi * radius) ** 2 * (rows**2 + columns**2))
    blurred = np.fft.irfft2(np.fft.rfft2(templates) * gaussian, s=(side, side))
    return blurred.astype(np.float32)
