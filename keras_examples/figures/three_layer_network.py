"""The figures of the three-layer network: every neuron and weight, and the gradient of each."""

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
        _edges(axes, place, kernel, widths=5 * kernel)
    for place, values in enumerate((x[0], found["z1"], found["z2"], found["y"])):
        _neurons(axes, place, values)
    for place, (name, bias) in enumerate(zip(("a1", "a2", "y"), biases, strict=True), start=1):
        _sums(
            axes,
            place,
            [f"a{place} = {a:.3f}\nb = {b:g}" for a, b in zip(found[name], bias, strict=True)],
        )
    _frame(
        axes,
        _headings(trained),
        trained.text(
            "In a neuron: what it passes on, the darker the larger. Below it: the sum that it "
            "gets, with its bias b.\nOn a line: its weight, the thicker the larger.",
            "神经元内：输出值，颜色越深值越大；神经元下方：加权和及其中的偏置 b。\n"
            "连线上：权重，线越粗值越大。",
        ),
    )
    return figure


def gradients(trained: Trained) -> Figure:
    """The same network on the way back: the loss's gradient at each neuron and each weight."""
    back = trained.measures["gradients"]
    found = {f"d{name}": values[0] for name, values in back.signals.items()}
    kernels, biases = back.weights[::2], back.weights[1::2]
    largest = max(np.abs(kernel).max() for kernel in kernels)
    text = trained.text
    figure = style.new_figure(
        text(
            f"{trained.title}: gradients of the loss {back.loss:.4f}, from right to left",
            f"{trained.title}：损失 {back.loss:.4f} 的梯度，从右往左传",
        ),
        figsize=(10.5, 6.0),
    )
    axes = figure.subplots()
    for place, kernel in enumerate(kernels):
        _edges(axes, place, kernel, widths=5 * np.abs(kernel) / largest, signed=True)
    x, _ = trained.data.evaluation
    for place, values in enumerate((x[0], found["dz1"], found["dz2"], found["dy"])):
        _neurons(axes, place, values, signed=place > 0)
    for place, name in enumerate(("da1", "da2"), start=1):
        _sums(axes, place, [f"{name} = {value:.4f}" for value in found[name]])
    _sums(axes, 3, [f"db3 = {value:.4f}" for value in biases[2]])
    _frame(
        axes,
        (
            text("Input\nx", "输入\nx"),
            text("Hidden layer 1\ndz1 = da2 W2ᵀ", "隐藏层 1\ndz1 = da2 W2ᵀ"),
            text("Hidden layer 2\ndz2 = dy W3ᵀ", "隐藏层 2\ndz2 = dy W3ᵀ"),
            text("Output\ndy = 2 (y − t) / 2", "输出\ndy = 2 (y − t) / 2"),
        ),
        text(
            "In a neuron: gradient of what it passes on. Below it: da = dz · z (1 − z), the "
            "gradient of its sum and so of its bias.\nOn a line: gradient of its weight. "
            "Blue: raising it raises the loss; red: raising it lowers the loss.",
            "神经元内：对输出值的梯度；神经元下方：da = dz · z (1 − z)，即对加权和及偏置的梯度。\n"
            "连线上：对权重的梯度。蓝色：增大则损失增大；红色：增大则损失减小。",
        ),
    )
    return figure


def _frame(axes: Axes, headings: tuple[str, ...], key: str) -> None:
    for place, heading in enumerate(headings):
        axes.text(_GAP * place, 3.2, heading, ha="center", va="center", fontsize=11)
    axes.text(1.5 * _GAP, -3.5, key, ha="center", va="center", color=style.GREY)
    axes.set(xlim=(-0.9, 3 * _GAP + 0.9), ylim=(-3.8, 3.6), aspect="equal")
    axes.axis("off")


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


def _edges(
    axes: Axes, place: int, kernel: np.ndarray, widths: np.ndarray, signed: bool = False
) -> None:
    left, right = map(_heights, kernel.shape)
    # Near its start, no line has crossed another yet; long numbers need more room there.
    at = 0.28 if signed else 0.25
    for (start, end), value in np.ndenumerate(kernel):
        from_y, to_y = left[start], right[end]
        axes.plot(
            [_GAP * place, _GAP * (place + 1)],
            [from_y, to_y],
            color=_colour(value) if signed else style.SKY,
            linewidth=1 + widths[start, end],
            zorder=1,
        )
        axes.text(
            _GAP * (place + at),
            from_y + at * (to_y - from_y),
            f"{value:.4f}" if signed else f"{value:g}",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def _colour(value: float) -> str:
    return style.BLUE if value > 0 else style.VERMILION


def _neurons(axes: Axes, place: int, values: np.ndarray, signed: bool = False) -> None:
    shade = colormaps["Blues"]
    for height, value in zip(_heights(len(values)), values, strict=True):
        face = "white" if signed else shade(value)
        edge = _colour(value) if signed else style.BLACK
        axes.add_patch(Circle((_GAP * place, height), 0.42, facecolor=face, edgecolor=edge))
        axes.text(
            _GAP * place,
            height,
            f"{value:.4f}" if signed else f"{value:.3f}",
            ha="center",
            va="center",
            fontsize=9 if signed else 10,
            color="white" if value > 0.5 and not signed else "black",
        )


def _sums(axes: Axes, place: int, texts: list[str]) -> None:
    for height, text in zip(_heights(len(texts)), texts, strict=True):
        axes.text(
            _GAP * place,
            height - 0.52,
            text,
            ha="center",
            va="top",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
        )
