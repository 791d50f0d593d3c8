"""The figure of the three-layer network: every neuron and every weight."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from keras_examples.core import Trained
from keras_examples.figures import style

# Distance of the drawn layers; a neuron's radius is 0.42.
_GAP = 3.2


def network(trained: Trained) -> Figure:
    """The network as neurons and weights, with what each neuron sums up and what it passes on."""
    x, _ = trained.data.evaluation
    found = {name: values[0] for name, values in trained.measures["signals"].items()}
    weights = trained.model.get_weights()
    kernels, biases = weights[::2], weights[1::2]
    figure = style.new_figure(f"{trained.title}: 2 → 3 → 2 → 2", figsize=(10.5, 6.0))
    axes = figure.subplots()
    for place, kernel in enumerate(kernels):
        _edges(axes, place, kernel)
    for place, values in enumerate((x[0], found["z1"], found["z2"], found["y"])):
        _neurons(axes, place, values)
    for place, (name, bias) in enumerate(zip(("a1", "a2", "y"), biases, strict=True), start=1):
        _sums(axes, place, found[name], bias)
    for place, heading in enumerate(_headings(trained)):
        axes.text(_GAP * place, 3.2, heading, ha="center", va="center", fontsize=11)
    axes.text(
        1.5 * _GAP,
        -3.5,
        trained.text(
            "In a neuron: what it passes on, the darker the larger. Below it: the sum that it "
            "gets, with its bias b.\nOn a line: its weight, the thicker the larger.",
            "神经元内：输出值，颜色越深值越大；神经元下方：加权和及其中的偏置 b。\n"
            "连线上：权重，线越粗值越大。",
        ),
        ha="center",
        va="center",
        color=style.GREY,
    )
    axes.set(xlim=(-0.9, 3 * _GAP + 0.9), ylim=(-3.8, 3.6), aspect="equal")
    axes.axis("off")
    return figure


def _headings(trained: Trained) -> tuple[str, ...]:
    text = trained.text
    return (
        text("Input\nx", "输入\nx"),
        text("Hidden layer 1\nz1 = sigmoid(a1)", "隐藏层 1\nz1 = sigmoid(a1)"),
        text("Hidden layer 2\nz2 = sigmoid(a2)", "隐藏层 2\nz2 = sigmoid(a2)"),
        text("Output\ny = a3, as it is", "输出\ny = a3（恒等函数）"),
    )


def _heights(count: int) -> np.ndarray:
    return np.linspace(count - 1, 1 - count, count)


def _edges(axes: Axes, place: int, kernel: np.ndarray) -> None:
    left, right = map(_heights, kernel.shape)
    for (start, end), weight in np.ndenumerate(kernel):
        from_y, to_y = left[start], right[end]
        axes.plot(
            [_GAP * place, _GAP * (place + 1)],
            [from_y, to_y],
            color=style.SKY,
            linewidth=1 + 5 * weight,
            zorder=1,
        )
        # Near its start, no line has crossed another yet.
        axes.text(
            _GAP * (place + 0.25),
            from_y + 0.25 * (to_y - from_y),
            f"{weight:g}",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def _neurons(axes: Axes, place: int, values: np.ndarray) -> None:
    shade = colormaps["Blues"]
    for height, value in zip(_heights(len(values)), values, strict=True):
        axes.add_patch(
            Circle((_GAP * place, height), 0.42, facecolor=shade(value), edgecolor=style.BLACK)
        )
        axes.text(
            _GAP * place,
            height,
            f"{value:.3f}",
            ha="center",
            va="center",
            color="white" if value > 0.5 else "black",
        )


def _sums(axes: Axes, place: int, sums: np.ndarray, bias: np.ndarray) -> None:
    for height, total, own in zip(_heights(len(sums)), sums, bias, strict=True):
        axes.text(
            _GAP * place,
            height - 0.52,
            f"a{place} = {total:.3f}\nb = {own:g}",
            ha="center",
            va="top",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
        )
