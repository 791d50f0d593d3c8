"""The figure of the decision boundary: straight, and bent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style

if TYPE_CHECKING:
    import keras

    from keras_examples.datasets import Dataset

_EDGE = 2.8
_SIDE = 101  # points of the plane for a frame


def plane(side: int = _SIDE) -> np.ndarray:
    """Returns points that cover what the figures show, `float32`, shape `(side * side, 2)`."""
    line = np.linspace(-_EDGE, _EDGE, side, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


def frame(model: keras.Model, data: Dataset) -> np.ndarray:
    """Returns the probability of class 1 over the plane, for `bending()`."""
    return np.asarray(model(plane()))[:, 0]


def bending(trained: Trained) -> Iterator[Figure]:
    """The boundary after each epoch."""
    figure = style.new_figure("", figsize=(5.6, 5.8))
    axes = figure.subplots()
    for epoch, ring in enumerate(trained.snapshots, start=1):
        axes.clear()
        _regions(axes, ring.reshape(_SIDE, _SIDE))
        _points(axes, trained)
        right = trained.history["val_accuracy"][epoch - 1]
        figure.suptitle(
            trained.text(
                f"The boundary bends: epoch {epoch}, {right:.1%} right",
                f"边界逐渐弯曲：第 {epoch} 轮，{right:.1%} 正确",
            )
        )
        axes.set_ylabel("x2")
        yield figure


def boundaries(trained: Trained) -> Figure:
    """The test points and the boundary between the classes, without and with an activation."""
    figure = style.new_figure(
        trained.text(
            "Without an activation a boundary is straight, with ReLU it bends",
            "没有激活函数，边界是直线；有 ReLU，边界可以弯曲",
        ),
        figsize=(9.6, 5.2),
    )
    left, right = figure.subplots(1, 2, sharey=True)
    _boundary(left, trained.companions["linear"], trained.text("No activation", "无激活函数"))
    _boundary(right, trained, "ReLU")
    left.set_ylabel("x2")
    normal, offset = trained.measures["best_line"]
    share = f"{trained.measures['best_line_val_accuracy']:.1%}"
    best = trained.text(f"best straight line: {share} right", f"最好的直线：{share} 正确")
    _line(left, normal, offset, "--", style.GREEN, best)
    kernel, bias = trained.model.get_weights()[:2]
    for number, (weights, own) in enumerate(zip(kernel.T, bias, strict=True)):
        neuron = trained.text("a hidden neuron's line (sum 0)", "隐藏神经元的直线（加权和为 0）")
        size = np.linalg.norm(weights)
        if size:  # a neuron that looks at no input has no line
            name = "" if number else neuron
            _line(right, weights / size, -own / size, ":", style.GREY, name)
    handles, labels = (
        [*one, *two[4:]]
        for one, two in zip(
            left.get_legend_handles_labels(), right.get_legend_handles_labels(), strict=True
        )
    )
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _line(
    axes: Axes, normal: np.ndarray, offset: float, dashes: str, colour: str, name: str
) -> None:
    foot = offset * normal
    along = foot + np.array([-normal[1], normal[0]])
    axes.axline(tuple(foot), tuple(along), linestyle=dashes, color=colour, label=name or None)


def _boundary(axes: Axes, one: Trained, title: str) -> None:
    points = plane(201)
    _regions(axes, one.model.predict(points, batch_size=len(points), verbose=0).reshape(201, 201))
    _points(axes, one)
    names = one.class_names
    for label, colour in ((0, style.ORANGE), (1, style.SKY)):
        taken = one.text(f"taken for {names[label]}", f"判为{names[label]}")
        axes.fill([], [], color=colour, alpha=0.3, label=taken)
    right = one.history["val_accuracy"][-1]
    axes.set_title(title + one.text(f": {right:.1%} right", f"：{right:.1%} 正确"))


def _regions(axes: Axes, ring: np.ndarray) -> None:
    line = np.linspace(-_EDGE, _EDGE, len(ring))
    axes.contourf(line, line, ring, levels=[0, 0.5, 1], colors=[style.ORANGE, style.SKY], alpha=0.3)
    if ring.min() < 0.5 < ring.max():  # else all is one class, and matplotlib warns of no line
        axes.contour(line, line, ring, levels=[0.5], colors=[style.BLACK])


def _points(axes: Axes, one: Trained) -> None:
    x, y = one.data.evaluation
    for label, colour, marker in ((0, style.VERMILION, "o"), (1, style.BLUE, "x")):
        chosen, name = x[y[:, 0] == label], one.class_names[label]
        axes.plot(*chosen.T, marker, color=colour, markersize=3, markeredgewidth=1, label=name)
    axes.set(xlabel="x1", xlim=(-_EDGE, _EDGE), ylim=(-_EDGE, _EDGE), aspect="equal")
