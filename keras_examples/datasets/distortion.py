"""Random views of drawn templates: many small images out of a few large ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_SIDE = 28
# Images worked on at once: enough for NumPy to be fast, few enough for the cache.
_BATCH = 500


@dataclass(frozen=True)
class Distortion:
    """How far an image may be distorted; each amount is drawn evenly from both sides of none.

    Attributes:
        rotation: In radians.
        shear: Sideways, as a share of the height.
        scale: As a share of the size, width and height apart.
        shift: As a share of half the image, each way.
        wobble: The amplitude of a wave that bends the image, as a share of half of it.
    """

    rotation: float
    shear: float
    scale: float
    shift: float
    wobble: float


def view(
    templates: Floats, chosen: npt.NDArray[np.intp], amount: Distortion, rng: np.random.Generator
) -> Floats:
    """Views templates through random affine maps and waves.

    Args:
        templates: Shape `(t, side, side)`, with a border as dark as the background.
        chosen: Which template each image shows, shape `(n,)`.
        amount: How far the views may go.
        rng: Where the randomness comes from.

    Returns:
        Images of shape `(n, 28, 28)`, in the range of the templates.
    """
    images = np.empty((len(chosen), _SIDE, _SIDE), np.float32)
    for start in range(0, len(chosen), _BATCH):
        batch = chosen[start : start + _BATCH]
        x, y = _coordinates(len(batch), amount, rng)
        images[start : start + _BATCH] = _sample(templates, batch, x, y)
    return images


def _coordinates(n: int, amount: Distortion, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Returns where in the template, from -1 to 1, each pixel of each image looks."""

    def either_side(limit: float) -> Floats:
        return rng.uniform(-limit, limit, (n, 1, 1)).astype(np.float32)

    axis = ((np.arange(_SIDE) + 0.5) / _SIDE * 2 - 1).astype(np.float32)
    x: Floats = axis[None, None, :]
    y: Floats = axis[None, :, None]
    x, y = x + either_side(amount.shift), y + either_side(amount.shift)
    x, y = x * (1 + either_side(amount.scale)), y * (1 + either_side(amount.scale))
    x = x + y * either_side(amount.shear)
    angle = either_side(amount.rotation)
    cos: Floats = np.cos(angle)
    sin: Floats = np.sin(angle)
    x, y = cos * x - sin * y, sin * x + cos * y
    phase = either_side(np.pi)
    bent_x = x + either_side(amount.wobble) * np.sin(2.5 * y + phase)
    bent_y = y + either_side(amount.wobble) * np.sin(2.5 * x + phase)
    return bent_x, bent_y


def _sample(templates: Floats, chosen: npt.NDArray[np.intp], x: Floats, y: Floats) -> Floats:
    """Interpolates between the four template pixels around each point."""
    side = templates.shape[1]
    column = np.clip((x + 1) * (side / 2) - 0.5, 0, side - 1.001)
    row = np.clip((y + 1) * (side / 2) - 0.5, 0, side - 1.001)
    left, top = column.astype(np.intp), row.astype(np.intp)
    right_share, bottom_share = column - np.floor(column), row - np.floor(row)
    flat = templates.ravel()
    corner = (chosen[:, None, None] * side + top) * side + left
    upper = flat[corner] * (1 - right_share) + flat[corner + 1] * right_share
    corner += side
    lower = flat[corner] * (1 - right_share) + flat[corner + 1] * right_share
    between: Floats = upper * (1 - bottom_share) + lower * bottom_share
    return between


def blur(templates: Floats, radius: float) -> Floats:
    """Blurs images with a Gaussian, which turns outlines into slopes.

    Args:
        templates: Shape `(..., side, side)`.
        radius: The standard deviation in pixels.

    Returns:
        Blurred copies.
    """
    side = templates.shape[-1]
    rows = np.fft.fftfreq(side)[:, None]
    columns = np.fft.rfftfreq(side)[None, :]
    gaussian = np.exp(-2 * (np.pi * radius) ** 2 * (rows**2 + columns**2))
    blurred = np.fft.irfft2(np.fft.rfft2(templates) * gaussian, s=(side, side))
    return blurred.astype(np.float32)
