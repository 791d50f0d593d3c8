"""The figures of moved, turned and scaled digits, and of depth and shared weights."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from keras_examples.core import Trained
from keras_examples.figures import style


def shifted(trained: Trained) -> Figure:
    """Accuracy of the convolutional and of the dense network on digits that are moved."""
    title = trained.text(": digits that are moved", "：平移后的数字")
    figure = style.new_figure(trained.title + title, figsize=(7.4, 5.4))
    digits, axes = figure.subplots(2, 1, sharex=True, height_ratios=[1, 4])
    _compare(trained, "shifted", digits, axes)
    style.count_axis(
        axes, trained.text("Shift (pixels, mean of 4 directions)", "平移（像素，四个方向的平均）")
    )
    axes.legend()
    return figure


def turned_and_scaled(trained: Trained) -> Figure:
    """Accuracy of the convolutional and of the dense network on digits turned or scaled."""
    title = trained.text(": digits that are turned, and scaled", "：旋转、缩放后的数字")
    figure = style.new_figure(trained.title + title, figsize=(11.5, 4.8))
    strips, (left, right) = figure.subplots(2, 2, sharex="col", height_ratios=[1, 5])
    for name, digits, axes in zip(("turned", "scaled"), strips, (left, right), strict=True):
        _compare(trained, name, digits, axes)
        axes.xaxis.set_major_locator(MultipleLocator(10))
        axes.grid(visible=True)
    left.set_xlabel(
        trained.text("Turn (degrees, mean of both directions)", "旋转（度，两个方向的平均）")
    )
    right.set_xlabel(trained.text("Size (% of the digit's own)", "大小（占原数字的 %）"))
    right.axvline(100, color=style.GREY, lw=0.8)
    left.legend()
    return figure


def _compare(trained: Trained, name: str, digits: Axes, axes: Axes) -> None:
    """Draws what becomes of a digit, and below it the accuracy of both networks."""
    found = trained.measures
    places = list(found[f"cnn_{name}"])
    width = 0.9 * (places[1] - places[0])
    for place, image in zip(places, found[name], strict=True):
        extent = (place - width / 2, place + width / 2, 0, 0.9)
        digits.imshow(image, vmin=0, vmax=255, extent=extent, aspect="auto")
    left, right = places[0] - width * 0.6, places[-1] + width * 0.6
    digits.set(xlim=(left, right), ylim=(0, 0.9), box_aspect=width / (right - left))
    digits.axis("off")
    for network, other, label, look in (
        ("cnn", trained, trained.text("Convolutional", "卷积网络"), "o-"),
        ("dense", trained.companions["dense"], trained.text("Dense", "全连接网络"), "s--"),
    ):
        accuracies = list(found[f"{network}_{name}"].values())
        size = f"{other.model.count_params():,}"
        label += trained.text(f", {size} parameters", f"，{size} 个参数")
        axes.plot(places, accuracies, look, label=label)
    axes.axhline(0.1, color=style.GREY, ls=":", label=trained.text("Guessing", "随机猜测"))
    axes.set_ylabel(trained.text("Accuracy (% of digits)", "准确率（占数字的 %）"))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    axes.set_ylim(0, 1.02)


def shallow_and_deep(trained: Trained) -> Figure:
    """Test accuracy of all the networks over their parameters, a point for each seed."""
    figure = style.new_figure(
        trained.title + trained.text(": depth and shared weights", "：深度与权值共享"),
        figsize=(8.4, 5.2),
    )
    axes = figure.subplots()
    own = trained.text("Convolutions 32-64, dense 64", "卷积 32-64，全连接 64")
    networks: dict[str, list[Trained]] = {}
    for one in trained.companions.values():
        networks.setdefault(one.title, []).append(one)
    drawn: dict[str, None] = {}
    for title, seeds in (*networks.items(), (own, [trained])):
        family, colour, marker, deep = _look(seeds[0])
        sizes = [one.model.count_params() for one in seeds]
        accuracies = [100 * one.history["val_accuracy"][-1] for one in seeds]
        face = colour if deep else "white"
        label = "" if family in drawn else family
        axes.plot(sizes, accuracies, marker, color=colour, mfc=face, ms=7, mew=1.5, label=label)
        drawn[family] = None
        axes.annotate(
            title,
            (sizes[0], float(np.mean(accuracies))),
            (10 if deep else -10, 0),
            textcoords="offset points",
            ha="left" if deep else "right",
            va="center",
            fontsize=9.5,
        )
    axes.set_xscale("log")
    _label_sizes(axes, (3000, 10_000, 30_000, 100_000, 300_000))
    axes.set_xlim(2300, 500_000)
    axes.set_xlabel(trained.text("Parameters (logarithmic)", "参数量（对数坐标）"))
    axes.set_ylabel(
        trained.text("Test accuracy (%), a point for each seed", "测试准确率（%），每个种子一个点")
    )
    axes.grid(visible=True)
    axes.legend(loc="lower right")
    return figure


def _label_sizes(axes: Axes, sizes: Iterable[int]) -> None:
    axes.set_xticks([*sizes])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))


def _look(one: Trained) -> tuple[str, str, str, bool]:
    """Returns the name of a network's family, its colour and marker, and whether it is deep."""
    weighted = [layer for layer in one.model.layers if layer.weights]
    shares = any(isinstance(layer, layers.Conv2D) for layer in weighted)
    deep = len(weighted) > 2
    kind = one.text("Convolutional", "卷积") if shares else one.text("Dense", "全连接")
    depth = one.text(", deep", "，深") if deep else one.text(", shallow", "，浅")
    colour, marker = (style.BLUE, "o") if shares else (style.VERMILION, "s")
    return kind + depth, colour, marker, deep
