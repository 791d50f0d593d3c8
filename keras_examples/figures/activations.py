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
    whole = (np.isfinite(x),)
    at_zero = (x <= 0, x > 0)  # in two pieces: a vertical line would not be the function's
    for part in at_zero if name == "step" else whole:
        axes.plot(x[part], values[part], color=style.BLUE)
    for part in at_zero if name == "relu" else whole:
        axes.plot(x[part], slope[part], "--", color=style.VERMILION)
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
    """Softmax as it is written and without its largest score, as the scores grow.

    On the left the exponentials that it is made of, on the right the probabilities.
    """
    largest = trained.measures["largest_scores"]
    stable, naive = trained.measures["stable_softmax"], trained.measures["naive_softmax"]
    figure = style.new_figure(
        trained.text(
            "Softmax overflows unless the largest score is subtracted first",
            "不先减去最大值，softmax 就会溢出",
        ),
        figsize=(10.2, 4.6),
    )
    powers, shares = figure.subplots(1, 2, sharex=True)
    limit = float(np.log(np.finfo(np.float64).max))
    for index, below in enumerate((0, 10, 20)):
        colour = style.PALETTE[index]
        name = f"a − {below}" if below else "a"
        label = trained.text(f"score {name}", f"得分 {name}")
        # The exponent of ten: the power itself would not fit into any number above the limit.
        powers.plot(largest, (largest - below) / np.log(10), ":", color=colour, lw=2.5)
        powers.axhline(-below / np.log(10), color=colour)
        shares.plot(largest, stable[:, index], color=colour, label=label)
        shares.plot(largest[5::5], naive[5::5, index], "o", color=colour)
    powers.axhline(limit / np.log(10), color=style.VERMILION, linestyle="--", lw=1.2)
    powers.text(
        *(15, limit / np.log(10) + 8, trained.text("largest 64-bit number", "64 位浮点数的上限")),
        color=style.VERMILION,
    )
    shares.plot([], [], "k-", label=trained.text("largest score subtracted", "先减去最大值"))
    shares.plot([], [], "ko:", label=trained.text("computed as written", "按公式直接计算"))
    for axes, height, words in (
        (powers, 150, Text("$e^a$ = inf", "$e^a$ = inf")),
        (shares, 1e-3, Text("inf / inf = NaN", "inf / inf = NaN")),
    ):
        axes.axvspan(limit, largest[-1], color=style.GREY, alpha=0.15, linewidth=0)
        centre = (limit + largest[-1]) / 2
        written = Text("as written:\n", "直接计算：\n") + words
        axes.text(centre, height, written[trained.lang], ha="center", va="center")
        axes.set_xlim(0, largest[-1])
        axes.set_xlabel(trained.text("Largest of the three scores, a", "三个得分中最大的一个 a"))
    powers.set_ylabel(
        trained.text("e to the score, as a power of ten", "e 的得分次方（10 的幂次）")
    )
    powers.yaxis.set_major_formatter(lambda power, _: f"$10^{{{power:.0f}}}$")
    shares.set(yscale="log")
    shares.set_ylabel(trained.text("Probability (log scale)", "概率（对数坐标）"))
    handles, labels = shares.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5)
    return figure
