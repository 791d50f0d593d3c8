"""The figures of the activations: their curves, and the overflow of softmax."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_examples.core import Text, Trained
from keras_examples.figures import style


class _Facts(NamedTuple):
    """What is written about an activation: name, formula, range and the range's limits."""

    name: str
    formula: Text
    range: str
    limits: tuple[float, ...]


def _math(formula: str) -> Text:
    return Text(formula, formula)


_FACTS = {
    "step": _Facts(
        "step",
        Text(r"$1$ if $x > 0$, else $0$", "$x > 0$ 时为 $1$，否则为 $0$"),
        r"$\{0, 1\}$",
        (0, 1),
    ),
    "sigmoid": _Facts("sigmoid", _math(r"$1\,/\,(1 + e^{-x})$"), "$(0, 1)$", (0, 1)),
    "tanh": _Facts("tanh", _math(r"$(e^x - e^{-x})\,/\,(e^x + e^{-x})$"), "$(-1, 1)$", (-1, 1)),
    "relu": _Facts("ReLU", _math(r"$\max(0, x)$"), r"$[0, \infty)$", (0,)),
    "softplus": _Facts("softplus", _math(r"$\log(1 + e^x)$"), r"$(0, \infty)$", (0,)),
    "softmax": _Facts(
        "softmax($x, 1, -1$)", _math(r"$e^x\,/\,(e^x + e^1 + e^{-1})$"), "$(0, 1)$", (0, 1)
    ),
}
# Below this slope, a twentieth of ReLU's, we call a function saturated.
_SATURATED = 0.05


def curves(trained: Trained) -> Figure:
    """Each activation with its derivative, its range, and where it is saturated."""
    figure = style.new_figure(
        trained.text("Activation functions and their derivatives", "激活函数及其导数"),
        figsize=(10.2, 7.0),
    )
    grid = figure.subplots(2, 3, sharex=True, sharey=True)
    for axes, (name, facts) in zip(grid.flat, _FACTS.items(), strict=True):
        _curve(axes, trained, name, facts.limits)
        what = trained.text("range", "值域")
        formula = facts.formula[trained.lang]
        axes.set_title(f"{facts.name}: {formula}\n{what} {facts.range}", fontsize=10.5)
    for axes in grid[1]:
        axes.set_xlabel(trained.text("Weighted sum x", "加权和 x"))
    for axes in grid[:, 0]:
        axes.set_ylabel(trained.text("Activation and derivative", "激活值与导数"))
    figure.legend(handles=_key(trained), loc="outside lower center", ncols=4)
    return figure


def _curve(axes: Axes, trained: Trained, name: str, limits: tuple[float, ...]) -> None:
    x, (values, slope) = trained.measures["x"], trained.measures["curves"][name]
    flat = np.abs(slope) < _SATURATED
    axes.fill_between(x, -1.3, 2.3, where=flat, color=style.GREY, alpha=0.15, linewidth=0)
    for limit in limits:
        axes.axhline(limit, color=style.GREY, linestyle=":", linewidth=1.2)
    for part in (x <= 0, x > 0) if name == "step" else (np.isfinite(x),):
        axes.plot(x[part], values[part], color=style.BLUE)
    axes.plot(x, slope, "--", color=style.VERMILION)
    axes.set(xlim=(-6, 6), ylim=(-1.3, 2.3))


def _key(trained: Trained) -> list[Line2D | Patch]:
    text = trained.text
    flat = text(f"Saturated: derivative below {_SATURATED}", f"饱和：导数小于 {_SATURATED}")
    return [
        Line2D([], [], color=style.BLUE, label=text("Activation", "激活函数")),
        Line2D([], [], color=style.VERMILION, linestyle="--", label=text("Derivative", "导数")),
        Line2D(
            [], [], color=style.GREY, linestyle=":", label=text("Limit of the range", "值域边界")
        ),
        Patch(color=style.GREY, alpha=0.15, linewidth=0, label=flat),
    ]


def overflow(trained: Trained) -> Figure:
    """Softmax as it is written and without its largest score, as the scores grow."""
    largest = trained.measures["largest_scores"]
    stable, naive = trained.measures["stable_softmax"], trained.measures["naive_softmax"]
    figure = style.new_figure(
        trained.text(
            "Softmax overflows unless the largest score is subtracted first",
            "不先减去最大值，softmax 就会溢出",
        ),
        figsize=(8.4, 4.4),
    )
    axes = figure.subplots()
    for index, name in enumerate(("a", "a − 10", "a − 20")):
        label = trained.text(f"score {name}", f"得分 {name}")
        axes.plot(largest, stable[:, index], color=style.PALETTE[index], label=label)
        axes.plot(largest[5::5], naive[5::5, index], "o", color=style.PALETTE[index])
    axes.plot([], [], "k-", label=trained.text("largest score subtracted", "先减去最大值"))
    axes.plot([], [], "ko", label=trained.text("computed as written", "按公式直接计算"))
    overflown = largest[np.isnan(naive).any(axis=1)]
    axes.axvspan(overflown[0], largest[-1], color=style.GREY, alpha=0.15, linewidth=0)
    nan = trained.text("computed as written:\nNaN", "按公式直接计算：\nNaN")
    axes.text(overflown.mean(), 1e-3, nan, ha="center", va="center")
    axes.set(yscale="log", xlim=(0, largest[-1]))
    axes.set_xlabel(trained.text("Largest of the three scores, a", "三个得分中最大的一个 a"))
    axes.set_ylabel(trained.text("Probability (log scale)", "概率（对数坐标）"))
    figure.legend(loc="outside lower center", ncols=3)
    return figure
