"""The look that all figures share."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_examples.core.settings import NUMPY_ERRORS
from keras_examples.figures import fonts

# Okabe and Ito's palette, which is distinguishable with any kind of colour vision.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#6B6B6B"

PALETTE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)

_RC: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.labelsize": 11,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.unicode_minus": False,  # several Chinese fonts have a hyphen, but no minus sign
    "figure.dpi": 150,
    "figure.figsize": (7.0, 4.4),
    "figure.titlesize": 13,
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "image.cmap": "gray",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "savefig.dpi": 150,
    "svg.hashsalt": "keras-examples",
}


@contextmanager
def style(lang: str = "en", *, foreign: bool = False) -> Iterator[None]:
    """Draws and saves the figures of a block in the project's style.

    Args:
        lang: Language of their labels; `"zh"` needs a Chinese font, see `fonts.require()`.
        foreign: Whether there are texts of the user's, such as the names of folders: in Chinese in
            an English figure, with characters that no font has, or with dollars, which are no
            formulas.
    """
    chinese = fonts.chinese() if lang == "zh" or foreign else None
    families = (chinese, "DejaVu Sans") if lang == "zh" else ("DejaVu Sans", chinese)
    family = [font for font in families if font]
    with mpl.rc_context(), np.errstate(**NUMPY_ERRORS), warnings.catch_warnings():
        if foreign:
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
        mpl.rcdefaults()  # the user's matplotlibrc must not change these figures
        mpl.rcParams.update(
            cast(Any, {**_RC, "font.family": family, "text.parse_math": not foreign})
        )
        yield


def new_figure(title: str, **size: Any) -> Figure:
    """Returns an empty figure with a title, laid out so that nothing overlaps.

    Args:
        title: The title of the whole figure.
        **size: Further arguments of `matplotlib.figure.Figure`.
    """
    figure = Figure(layout="constrained", **size)
    figure.suptitle(title)
    return figure


def count_axis(axes: Axes, label: str) -> None:
    """Labels an x axis of whole numbers, such as epochs, and adds a light grid.

    The first and the last number that something is drawn at have a tick, and none is outside.

    Args:
        axes: What all is drawn on.
        label: The label.
    """
    axes.set_xlabel(label)
    axes.grid(visible=True)
    if np.isfinite(axes.dataLim.intervalx).all():  # else nothing is drawn
        left, right = axes.dataLim.intervalx
        axes.set_xticks(_counts(int(np.ceil(left)), int(np.floor(right))))


def _counts(first: int, last: int) -> list[int]:
    """Returns about ten round numbers, at most, between two that are always among them."""
    powers = (10**power for power in itertools.count())
    steps = (factor * power for power in powers for factor in (1, 2, 5))
    step = next(step for step in steps if last - first < 10 * step)
    between = range(-(-first // step) * step, last, step)
    # Those near an end would touch its tick.
    kept = [count for count in between if min(count - first, last - count) >= step / 2]
    return sorted({first, *kept, last})


def add_footnote(figure: Figure, text: str, warning: bool = False) -> None:
    """Writes a line of small print below a figure.

    Args:
        figure: The figure, laid out by `new_figure()`.
        text: The line.
        warning: Whether it is a warning, in a larger font and another colour.
    """
    figure.supxlabel(
        text,
        fontsize=10 if warning else 8,
        color=VERMILION if warning else GREY,
        x=0.99,
        ha="right",
    )
