"""The figures of moved digits, and of depth and shared weights."""

from __future__ import annotations

import numpy as np
from keras import layers
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from keras_examples.core import Trained
from keras_examples.figures import style


def shifted(trained: Trained) -> Figure:
    """Accuracy of the convolutional and of the dense network on digits that are moved."""
    title = trained.text(": digits that are moved", "：平移后的数字")
    figure = style.new_figure(trained.title + title, figsize=(7.4, 5.4))
    digits, axes = figure.subplots(2, 1, sharex=True, height_ratios=[1, 4])
    moved = trained.measures["moved"]
    pixels = np.arange(len(moved))
    for right, image in zip(pixels, moved, strict=True):
        digits.imshow(image, vmin=0, vmax=255, extent=(right - 0.45, right + 0.45, 0, 0.9))
    digits.set(xlim=(-0.5, len(moved) - 0.5), ylim=(0, 0.9))
    digits.axis("off")
    for name, other, label, look in (
        ("cnn", trained, trained.text("Convolutional", "卷积网络"), "o-"),
        ("dense", trained.companions["dense"], trained.text("Dense", "全连接网络"), "s--"),
    ):
        accuracies = [trained.measures[f"{name}_shifted_{shift}"] for shift in pixels]
        size = f"{other.model.count_params():,}"
        label += trained.text(f", {size} parameters", f"，{size} 个参数")
        axes.plot(pixels, accuracies, look, label=label)
    axes.axhline(0.1, color=style.GREY, ls=":", label=trained.text("Guessing", "随机猜测"))
    style.count_axis(
        axes, trained.text("Shift (pixels, mean of 4 directions)", "平移（像素，四个方向的平均）")
    )
    axes.set_ylabel(trained.text("Accuracy (% of digits)", "准确率（占数字的 %）"))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    axes.set_ylim(0, 1.02)
    axes.legend()
    return figure


def shallow_and_deep(trained: Trained) -> Figure:
    """A table of all the networks: depth, shared weights, parameters and test accuracy."""
    figure = style.new_figure(
        trained.title + trained.text(": depth and shared weights", "：深度与权重共享"),
        figsize=(9.4, 3.6),
    )
    axes = figure.subplots()
    axes.axis("off")
    heads = (
        trained.text("Network (size of hidden layers)", "网络（隐藏层的大小）"),
        trained.text("Layers with weights", "带权重的层数"),
        trained.text("Shared weights", "权重共享"),
        trained.text("Parameters", "参数量"),
        trained.text("Test accuracy (%)", "测试准确率 (%)"),
    )
    own = trained.text("Convolutions 32-64, dense 64", "卷积 32-64，全连接 64")
    rows = [_row(one, one.title) for one in trained.companions.values()] + [_row(trained, own)]
    table = axes.table(
        rows,
        colLabels=heads,
        colWidths=[0.36, 0.19, 0.15, 0.13, 0.17],
        cellLoc="center",
        loc="center",
        bbox=Bbox.unit(),
    )
    table.auto_set_font_size(False)
    table.set_fontsize(10.5)
    for (row, _), cell in table.get_celld().items():
        cell.set(edgecolor="#BBBBBB", facecolor="#E3EEF6" if row == 0 else "white")
    return figure


def _row(one: Trained, name: str) -> tuple[str, ...]:
    weighted = [layer for layer in one.model.layers if layer.weights]
    shares = any(isinstance(layer, layers.Conv2D) for layer in weighted)
    return (
        name,
        str(len(weighted)),
        one.text("yes", "是") if shares else one.text("no", "否"),
        f"{one.model.count_params():,}",
        f"{100 * one.history['val_accuracy'][-1]:.1f}",
    )
