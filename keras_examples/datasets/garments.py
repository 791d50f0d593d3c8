"""Garments drawn from polygons with random proportions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from keras_examples.datasets.distortion import Floats

_SIDE = 56
_VARIANTS = 24

Points = Sequence[tuple[float, float]]


class _Canvas:
    """A black square from -1 to 1, x to the right and y downwards."""

    def __init__(self) -> None:
        axis = (np.arange(_SIDE) + 0.5) / _SIDE * 2 - 1
        x, y = np.meshgrid(axis, axis)
        self._points = np.column_stack([x.ravel(), y.ravel()])
        self.image = np.zeros((_SIDE, _SIDE), np.float32)

    def fill(self, outline: Points, grey: float) -> None:
        """Fills a polygon, given by its corners."""
        from matplotlib.path import Path

        inside = Path(np.array(outline)).contains_points(self._points)
        self.image[inside.reshape(_SIDE, _SIDE)] = grey

    def fill_both(self, outline: Points, grey: float) -> None:
        """Fills a polygon and its mirror image on the other side of the middle."""
        self.fill(outline, grey)
        self.fill([(-x, y) for x, y in outline], grey)

    def fill_symmetric(self, right: Points, grey: float) -> None:
        """Fills the polygon whose right half goes from the top middle to the bottom middle."""
        self.fill([*right, *((-x, y) for x, y in reversed(right))], grey)

    def line(self, start: tuple[float, float], end: tuple[float, float], grey: float) -> None:
        """Draws a line about one pixel of the final image wide."""
        (x0, y0), (x1, y1) = start, end
        length = np.hypot(x1 - x0, y1 - y0)
        dx, dy = 0.035 * (y1 - y0) / length, 0.035 * (x0 - x1) / length
        self.fill(
            [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)], grey
        )


def draw_garments(rng: np.random.Generator) -> Floats:
    """Draws each of Fashion-MNIST's ten classes several times, in its order of labels.

    Args:
        rng: The source of the differences between garments of one class.

    Returns:
        Shape `(10, variants, 56, 56)`, greys up to 1 on black (0).
    """
    garments = np.zeros((10, _VARIANTS, _SIDE, _SIDE), np.float32)
    for label, draw in enumerate(_CLASSES):
        for variant in range(_VARIANTS):
            canvas = _Canvas()
            draw(canvas, rng)
            garments[label, variant] = canvas.image
    return garments


def _top(
    canvas: _Canvas, rng: np.random.Generator, *, hem: float, sleeve: float, flare: float = 0.0
) -> float:
    """Draws a body with sleeves that reach down to a height, and returns its half-width."""
    half = rng.uniform(0.40, 0.50)
    shoulder = half + rng.uniform(0.06, 0.12)
    out = shoulder + 0.13 * (sleeve + 0.75)
    grey = rng.uniform(0.6, 0.8)
    canvas.fill_both(
        [
            (shoulder - 0.12, -0.68),
            (shoulder, -0.62),
            (out + 0.1, sleeve),
            (out - 0.14, sleeve + 0.06),
            (half - 0.02, -0.15),
        ],
        grey - 0.08,
    )
    canvas.fill_symmetric(
        [(0.18, -0.8), (shoulder - 0.02, -0.66), (half, -0.25), (half + flare, hem)], grey
    )
    return half


def _t_shirt(canvas: _Canvas, rng: np.random.Generator) -> None:
    _top(canvas, rng, hem=rng.uniform(0.7, 0.85), sleeve=rng.uniform(-0.3, -0.1))
    depth = rng.uniform(0.08, 0.25)
    canvas.fill_symmetric([(0.2, -0.82), (0.16, -0.8 + 0.7 * depth), (0.08, -0.8 + depth)], 0.0)
    if rng.random() < 0.4:
        canvas.fill_symmetric([(0.2, -0.2), (0.2, 0.15)], rng.uniform(0.2, 1))


def _trouser(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, waist = rng.uniform(0.6, 0.9), rng.uniform(0.28, 0.36)
    hem = rng.uniform(0.16, 0.26)
    gap = rng.uniform(0.06, 0.14)
    canvas.fill_both(
        [
            (0, -0.85),
            (waist, -0.85),
            (waist + 0.08, -0.4),
            (gap + hem, 0.9),
            (gap, 0.9),
            (0.02, -0.25),
            (0, -0.25),
        ],
        grey,
    )
    canvas.fill_symmetric([(waist, -0.88), (waist, -0.76)], grey + 0.1)
    canvas.line((0, -0.75), (0, -0.3), grey - 0.25)


def _pullover(canvas: _Canvas, rng: np.random.Generator) -> None:
    hem = rng.uniform(0.65, 0.8)
    half = _top(canvas, rng, hem=hem, sleeve=rng.uniform(0.5, 0.65))
    for height in np.arange(-0.5, hem - 0.2, rng.uniform(0.2, 0.3)):
        canvas.line((-half, height), (half, height), rng.uniform(0.45, 0.6))
    canvas.fill_symmetric([(half, hem - 0.12), (half, hem)], 0.95)
    canvas.fill_symmetric([(0.22, -0.86), (0.22, -0.72), (0.1, -0.66)], 0.95)
    canvas.fill_symmetric([(0.14, -0.88), (0.1, -0.76)], 0.0)


def _dress(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, waist = rng.uniform(0.6, 0.9), rng.uniform(0.15, 0.22)
    flare, length = rng.uniform(0.34, 0.6), rng.uniform(0.75, 0.92)
    canvas.fill_both([(0.12, -0.9), (0.19, -0.9), (0.24, -0.6), (0.14, -0.6)], grey)
    canvas.fill_symmetric([(0.24, -0.64), (waist, -0.15), (flare, length)], grey)
    canvas.fill_symmetric([(waist, -0.2), (waist + 0.01, -0.1)], grey - 0.3)


def _coat(canvas: _Canvas, rng: np.random.Generator) -> None:
    hem = rng.uniform(0.82, 0.94)
    _top(canvas, rng, hem=hem, sleeve=rng.uniform(0.45, 0.62), flare=rng.uniform(0.02, 0.1))
    depth = rng.uniform(-0.4, -0.1)
    canvas.fill_both([(0.02, depth), (0.2, -0.82), (0.32, -0.7), (0.18, -0.5)], 0.95)
    canvas.fill_symmetric([(0.16, -0.85), (0.01, depth)], 0.0)
    canvas.line((0, depth), (0, hem), 0.1)
    for height in np.linspace(depth + 0.1, 0.5, 3):
        canvas.fill(
            [(0.1, height), (0.18, height), (0.18, height + 0.08), (0.1, height + 0.08)], 0.15
        )
    canvas.fill_both([(0.2, 0.3), (0.38, 0.25), (0.38, 0.33), (0.2, 0.38)], 0.4)


def _sandal(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, heel = rng.uniform(0.6, 0.95), rng.uniform(0.0, 0.4)
    ball, back = 0.35, 0.35 - heel
    canvas.fill(
        [
            (-0.9, ball),
            (-0.2, ball),
            (0.85, back),
            (0.85, back + 0.13),
            (-0.1, ball + 0.13),
            (-0.9, ball + 0.1),
        ],
        grey,
    )
    canvas.fill([(0.68, back + 0.1), (0.85, back + 0.1), (0.82, 0.5), (0.72, 0.5)], grey - 0.2)
    for x in rng.uniform(-0.75, -0.6), rng.uniform(-0.4, -0.25):
        canvas.line((x, ball), (x + 0.18, ball - 0.3), grey)
        canvas.line((x + 0.18, ball - 0.3), (x + 0.36, ball - 0.02), grey)
    canvas.line((0.8, back), (0.72, back - 0.4), grey)
    canvas.line((0.72, back - 0.4), (0.3, back - 0.25), grey)
    canvas.line((0.3, back - 0.25), (0.3, ball - 0.1), grey)


def _shirt(canvas: _Canvas, rng: np.random.Generator) -> None:
    hem, short = rng.uniform(0.7, 0.85), rng.random() < 0.4
    sleeve = rng.uniform(-0.3, -0.1) if short else rng.uniform(0.5, 0.65)
    _top(canvas, rng, hem=hem, sleeve=sleeve)
    canvas.fill_both([(0, -0.62), (0.05, -0.85), (0.2, -0.85), (0.24, -0.66), (0.12, -0.54)], 1.0)
    canvas.fill_symmetric([(0.04, -0.86), (0.0, -0.68)], 0.0)
    canvas.fill_symmetric([(0.06, -0.6), (0.06, hem)], 0.85)
    for height in np.arange(-0.45, hem - 0.1, 0.3):
        canvas.fill_symmetric([(0.035, height), (0.035, height + 0.07)], 0.15)
    canvas.fill([(0.16, -0.35), (0.34, -0.35), (0.34, -0.12), (0.16, -0.12)], rng.uniform(0.4, 0.9))


def _sneaker(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, collar = rng.uniform(0.5, 0.8), rng.uniform(-0.2, -0.08)
    canvas.fill(
        [
            (-0.9, 0.3),
            (-0.85, 0.15),
            (-0.5, 0.03),
            (-0.05, collar - 0.08),
            (0.1, collar),
            (0.55, collar + 0.06),
            (0.8, collar - 0.1),
            (0.88, 0.3),
        ],
        grey,
    )
    canvas.fill([(-0.92, 0.26), (0.9, 0.26), (0.9, 0.42), (-0.88, 0.42)], 1.0)
    for x in (-0.45, -0.3, -0.15):
        canvas.line((x, 0.02 - 0.2 * (x + 0.45)), (x + 0.12, 0.16), 0.05)
    canvas.line((0.2, 0.24), (0.5, rng.uniform(-0.02, 0.08)), 1.0)


def _bag(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, top = rng.uniform(0.5, 0.85), rng.uniform(-0.3, -0.1)
    wide, narrow = rng.uniform(0.65, 0.85), rng.uniform(0.5, 0.7)
    arc = np.linspace(0, np.pi, 12)
    height, span = rng.uniform(0.4, 0.55), rng.uniform(0.3, 0.42)
    canvas.fill([(span * np.cos(t), top - height * np.sin(t)) for t in arc], grey - 0.1)
    canvas.fill([((span - 0.11) * np.cos(t), top - (height - 0.11) * np.sin(t)) for t in arc], 0.0)
    canvas.fill_symmetric([(narrow, top), (wide, 0.75)], grey)
    flap = top + rng.uniform(0.25, 0.45)
    canvas.line((-0.62, flap), (0.62, flap), grey - 0.3)
    canvas.fill_symmetric([(0.09, flap - 0.06), (0.09, flap + 0.12)], 1.0)


def _ankle_boot(canvas: _Canvas, rng: np.random.Generator) -> None:
    grey, top = rng.uniform(0.55, 0.85), rng.uniform(-0.85, -0.6)
    heel, shaft = rng.uniform(0.5, 0.7), rng.uniform(0.05, 0.2)
    canvas.fill(
        [
            (shaft, top),
            (0.75, top),
            (0.7, -0.1),
            (0.78, 0.4),
            (-0.88, 0.4),
            (-0.85, 0.2),
            (-0.5, 0.08),
            (shaft - 0.1, -0.1),
        ],
        grey,
    )
    canvas.fill([(-0.9, 0.38), (0.8, 0.38), (0.8, 0.48), (-0.88, 0.48)], 0.35)
    canvas.fill([(0.4, 0.45), (0.8, 0.45), (0.78, heel), (0.46, heel)], 0.35)
    canvas.line((shaft, top + 0.06), (0.75, top + 0.06), 1.0)
    canvas.line((0.45, top + 0.12), (0.42, -0.1), grey - 0.35)


_CLASSES: tuple[Callable[[_Canvas, np.random.Generator], None], ...] = (
    _t_shirt,
    _trouser,
    _pullover,
    _dress,
    _coat,
    _sandal,
    _shirt,
    _sneaker,
    _bag,
    _ankle_boot,
)
