"""The figure of XOR: the hidden neurons' lines and the regions, by hand-set and learned weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_examples.core import Trained
from keras_examples.figures import style

_SIDE = np.linspace(-0.6, 1.6, 201)


def regions(trained: Trained) -> Figure:
    """Where the network answers 1, and the line on which each hidden neuron is undecided."""
    text = trained.text
    figure = style.new_figure(
        text(
            "Two lines divide what one line cannot: XOR by two layers",
            "一条直线分不开的，两条就能分开：用两层网络实现异或",
        ),
        figsize=(9.6, 5.2),
    )
    left, right = figure.subplots(1, 2, sharey=True)
    _plane(left, trained.companions["by-hand"])
    _plane(right, trained)
    left.set_title(text("Weights set by hand: OR and AND", "手工设定的权重：或、与"))
    right.set_title(
        text(f"Learned weights, seed {trained.seed}", f"学到的权重，种子 {trained.seed}")
    )
    left.set_ylabel("x2")
    dot: dict[str, Any] = {
        "linestyle": "",
        "marker": "o",
        "markeredgecolor": style.BLACK,
        "markersize": 9,
    }
    line = text(
        "A hidden neuron's line (σ = 0.5); arrow: where it fires",
        "隐藏神经元的直线 (σ = 0.5)，箭头指向激活一侧",
    )
    handles = [
        Line2D([], [], color=style.ORANGE, label=text("XOR is 1", "异或为 1"), **dot),
        Line2D([], [], color="white", label=text("XOR is 0", "异或为 0"), **dot),
        Line2D([], [], color=style.BLUE, linestyle="--", label=line),
        Patch(color=style.SKY, alpha=0.35, label=text("Network answers 1", "网络输出 1")),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def _plane(axes: Axes, one: Trained) -> None:
    x1, x2 = np.meshgrid(_SIDE, _SIDE)
    plane = np.stack([x1.ravel(), x2.ravel()], axis=1).astype(np.float32)
    answer = one.model.predict(plane, batch_size=len(plane), verbose=0).reshape(x1.shape)
    axes.contourf(x1, x2, answer, levels=[0.5, 1], colors=[style.SKY], alpha=0.35)
    kernel, bias = one.model.get_weights()[:2]
    for weights, own in zip(kernel.T, bias, strict=True):
        size = weights @ weights
        if not size:  # a neuron that looks at no input has no line
            continue
        foot = -own * weights / size
        along = np.array([-weights[1], weights[0]])
        # The arrow starts where the line comes nearest to the middle of the square.
        middle = foot + (np.array([0.5, 0.5]) - foot) @ along / size * along
        axes.axline(tuple(foot), tuple(foot + along), color=style.BLUE, linestyle="--")
        axes.annotate(
            "",
            middle + 0.22 * weights / np.sqrt(size),
            middle,
            arrowprops={"arrowstyle": "->", "color": style.BLUE},
        )
    x, y = one.data.evaluation
    colours = [style.ORANGE if truth else "white" for truth in y[:, 0]]
    axes.scatter(x[:, 0], x[:, 1], s=90, c=colours, edgecolors=style.BLACK, zorder=3)
    edge = (_SIDE[0], _SIDE[-1])
    axes.set(xlabel="x1", xlim=edge, ylim=edge, xticks=(0, 1), yticks=(0, 1), aspect="equal")
