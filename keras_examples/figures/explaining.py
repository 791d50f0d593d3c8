"""The figures of predictions and forecasts for the user's own pictures and series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure

from keras_examples.core import Text
from keras_examples.figures import fonts
from keras_examples.figures.style import BLUE, GREY, VERMILION, new_figure

if TYPE_CHECKING:
    from keras_examples.inference import Prediction


def explanation(prediction: Prediction, title: str, lang: str = "en") -> Figure:
    """Draws a picture, the network's input made from it, and its prediction.

    Args:
        prediction: What `predict()` returned for the picture, in the same language.
        title: The example's title.
        lang: Language of the labels, `"en"` or `"zh"`.
    """
    colon = Text(": ", "：")[lang]
    figure = new_figure(f"{title}{colon}{prediction.top[0][0]}", figsize=(9, 3))
    picture, image, chances = figure.subplots(1, 3)
    picture.imshow(np.asarray(prediction.picture))
    families = [family for family in (*mpl.rcParams["font.family"], fonts.chinese()) if family]
    name = _drawable(_shortened(Path(prediction.file).name), families)
    picture.set_title(Text("The picture", "图片")[lang])
    picture.text(
        *(0.5, -0.04, name),
        transform=picture.transAxes,
        ha="center",
        va="top",
        fontfamily=families,
        parse_math=False,
    )
    image.imshow(prediction.image, vmin=0, vmax=255)
    image.set_title(Text("What the network saw (28×28)", "网络所见（28×28）")[lang])
    for axes in (picture, image):
        axes.axis("off")
    labels = [label for label, _ in prediction.top]
    values = [100 * chance for _, chance in prediction.top]
    bars = chances.barh(
        range(len(labels)), values, color=[VERMILION, *[BLUE] * len(labels)][: len(labels)]
    )
    chances.bar_label(bars, fmt="{:.1f}", padding=3)
    chances.set_yticks(range(len(labels)), labels)
    chances.invert_yaxis()
    chances.set_xlim(0, 118)  # room for the number beside a full bar
    chances.set_xticks(range(0, 101, 25))
    chances.set_xlabel(Text("Probability (%)", "概率 (%)")[lang])
    return figure


def continuation(series: np.ndarray, forecasts: np.ndarray, title: str, lang: str = "en") -> Figure:
    """Draws a series and how a network continues it.

    Args:
        series: The values so far, shape `(n,)`; the last 200 are drawn.
        forecasts: The forecasts, shape `(steps,)`.
        title: The example's title.
        lang: Language of the labels, `"en"` or `"zh"`.
    """
    figure = new_figure(title + Text(": a series continued", "：续写序列")[lang])
    axes = figure.subplots()
    shown = series[-200:]
    steps = np.arange(len(series) - len(shown), len(series) + len(forecasts)) + 1
    axes.plot(steps[: len(shown)], shown, color=BLUE, label=Text("Series", "序列")[lang])
    # Starts at the last known value, so that the lines meet.
    axes.plot(
        steps[len(shown) - 1 :],
        [shown[-1], *forecasts],
        "--",
        color=VERMILION,
        label=Text("Forecast", "预测")[lang],
    )
    axes.axvline(len(series), color=GREY, lw=0.8, ls=":")
    axes.set_xlabel(Text("Number of the value", "序号")[lang])
    axes.set_ylabel(Text("Value", "值")[lang])
    axes.margins(x=0.01)
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:18]}…{name[-10:]}"


def _drawable(name: str, families: Sequence[str]) -> str:
    """Returns a file's name, which may be in any script, without what no font here has."""
    files = map(font_manager.findfont, families)
    known = {code for file in files for code in font_manager.get_font(file).get_charmap()}
    return "".join(character if ord(character) in known else "?" for character in name)
