"""The figures of the perceptron: the lines it draws, and the mistakes on the way there."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_examples.core import Text, Trained
from keras_examples.figures import style

_NAMES = {
    "and": Text("AND", "与 (AND)"),
    "or": Text("OR", "或 (OR)"),
    "not": Text("NOT x1", "非 (NOT x1)"),
    "xor": Text("XOR", "异或 (XOR)"),
}


def gates(trained: Trained) -> Figure:
    """The four inputs, the article's line and the learned one for each gate.

    For XOR it is drawn after each of the last epochs, for there it never comes to rest.
    """
    figure = style.new_figure(
        trained.text(
            "A perceptron draws one straight line: enough for AND, OR and NOT; for XOR it never "
            "comes to rest",
            "感知器只能画一条直线：足以实现与、或、非；对异或，直线永远停不下来",
        ),
        figsize=(11.4, 4.0),
    )
    *solved, unsolved = figure.subplots(1, len(_NAMES), width_ratios=[1, 1, 1, 1.5])
    one_by_one = _by_gate(trained)
    xor = one_by_one.pop("xor")
    for axes, (gate, one) in zip(solved, one_by_one.items(), strict=True):
        _plane(axes, one, trained.measures["article"].get(gate))
        wrong = int(trained.measures[f"{gate}_errors"])
        axes.set_title(
            _NAMES[gate][trained.lang]
            + "\n"
            + trained.text(
                f"learned: {wrong} of 4 wrong" if wrong else "learned: all 4 right",
                f"学到的：4 个中错 {wrong} 个" if wrong else "学到的：4 个全对",
            ),
            color=style.VERMILION if wrong else style.BLACK,
        )
    _restless(unsolved, xor)
    for axes in (*solved, unsolved):
        axes.set_xlabel(trained.text("Input x1", "输入 x1"))
    solved[0].set_ylabel(trained.text("Input x2", "输入 x2"))
    figure.legend(handles=_key(trained), loc="outside lower center", ncols=5, fontsize=9)
    return figure


def _restless(axes: Axes, one: Trained) -> None:
    """Draws the lines after each of the last ten epochs, none of which divides the points."""
    epochs: dict[tuple[float, ...], list[int]] = {}
    for epoch, weights in list(enumerate(one.snapshots, start=1))[-10:]:
        size = np.abs(weights[:2]).max()  # whichever it is, the line is the same
        epochs.setdefault(tuple(weights / size) if size else (0, 0, 0), []).append(epoch)
    for number, (line, after) in enumerate(epochs.items()):
        name = ", ".join(map(str, after))
        if any(line):
            colour = style.PALETTE[number % len(style.PALETTE)]
            _line(axes, (line[0], line[1], line[2]), color=colour, linestyle="--", label=name)
        else:
            none = one.text(f"{name}: no line,\nw1 = w2 = 0", f"{name}：没有直线，\nw1 = w2 = 0")
            axes.plot([], [], " ", label=none)
    _points(axes, one)
    axes.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.set_aspect("equal")
    never = one.text("the line never comes to rest", "直线永远停不下来")
    axes.set_title(f"{_NAMES[one.data.name][one.lang]}\n{never}", color=style.VERMILION)
    heading = one.text("Line after epoch", "各轮之后的直线")
    axes.legend(
        title=heading, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8, title_fontsize=9
    )


def _by_gate(trained: Trained) -> dict[str, Trained]:
    return {one.data.name: one for one in (trained, *trained.companions.values())}


def _plane(axes: Axes, one: Trained, article: tuple[float, float, float] | None) -> None:
    w1, w2, threshold = map(float, one.model.get_weights()[0][:, 0])
    side = np.linspace(-0.5, 1.5, 201)
    x1, x2 = np.meshgrid(side, side)
    fires = w1 * x1 + w2 * x2 >= threshold
    axes.contourf(x1, x2, fires, levels=[0.5, 1.5], colors=[style.SKY], alpha=0.35)
    _line(axes, (w1, w2, threshold), color=style.BLUE, linestyle="--")
    if article:
        _line(axes, article, color=style.BLACK)
    _points(axes, one)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=(0, 1), yticks=(0, 1), aspect="equal")


def _points(axes: Axes, one: Trained) -> None:
    for (a, b), truth in zip(one.data.x_train, one.data.y_train[:, 0], strict=True):
        face = style.ORANGE if truth else "white"
        axes.plot(a, b, "o", color=face, markeredgecolor=style.BLACK, markersize=11, zorder=3)


def _line(axes: Axes, gate: tuple[float, float, float], **look: Any) -> None:
    w1, w2, threshold = gate
    normal = np.array([w1, w2])
    if not normal.any():  # weights of 0 fire everywhere or nowhere: there is no line to draw
        return
    foot = normal * threshold / (normal @ normal)
    axes.axline(tuple(foot), tuple(foot + np.array([-w2, w1])), **look)


def _key(trained: Trained) -> list[Line2D | Patch]:
    dot: dict[str, Any] = {
        "linestyle": "",
        "marker": "o",
        "markeredgecolor": style.BLACK,
        "markersize": 9,
    }
    text = trained.text
    return [
        Line2D([], [], color=style.ORANGE, label=text("Gate gives 1", "门的输出为 1"), **dot),
        Line2D([], [], color="white", label=text("Gate gives 0", "门的输出为 0"), **dot),
        Line2D([], [], color=style.BLACK, label=text("Article's line", "文章的直线")),
        Line2D([], [], color=style.BLUE, linestyle="--", label=text("Learned line", "学到的直线")),
        Patch(
            color=style.SKY, alpha=0.35, label=text("Learned perceptron fires", "学到的感知器激活")
        ),
    ]


def errors_per_epoch(trained: Trained) -> Figure:
    """The wrong answers in each epoch of learning, for each gate."""
    figure = style.new_figure(
        trained.text(
            "Rosenblatt's rule stops making mistakes where a line can divide the points",
            "只要一条直线能划分这些点，感知器学习规则最终不再出错",
        ),
        figsize=(8.0, 5.0),
    )
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    for axes, (gate, one) in zip(grid.flat, _by_gate(trained).items(), strict=True):
        wrong = np.array(one.history["loss"]) * len(one.data.x_train)
        epochs = np.arange(1, len(wrong) + 1)
        axes.bar(epochs, wrong, color=style.VERMILION if wrong[-1] else style.BLUE)
        axes.set(title=_NAMES[gate][trained.lang], ylim=(0, 4.2), yticks=range(5))
        axes.set_xlim(0.4, len(wrong) + 0.6)
        style.count_axis(axes, "")
        axes.grid(visible=False, axis="x")
    for axes in grid[1]:
        axes.set_xlabel(trained.text("Epoch", "轮次 (epoch)"))
    for axes in grid[:, 0]:
        axes.set_ylabel(trained.text("Wrong answers, of 4", "错误数（共 4 个）"))
    return figure
