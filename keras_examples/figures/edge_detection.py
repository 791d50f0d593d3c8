"""The figures of edge detection: a half-bright image, a garment, and what padding changes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from keras_examples.core import Trained
from keras_examples.figures import style


def half_bright(trained: Trained) -> Figure:
    """The half-bright image, the kernel, and the result without padding and with it."""
    figure = style.new_figure(
        trained.title + trained.text(": bright left, dark right", "：左亮右暗的图像"),
        figsize=(11.4, 4.8),
    )
    found = trained.measures
    image, kernel, smaller, kept = figure.subplots(1, 4, width_ratios=[6, 3, 4, 6])
    _cells(image, found["image"], trained.text("Image, 6×6", "图像，6×6"), cmap="gray", least=0)
    _cells(kernel, found["kernels"][0], trained.text("∗  kernel, 3×3", "∗  卷积核，3×3"))
    _cells(smaller, found["valid"], trained.text("=  valid, 4×4", "=  valid，4×4"))
    _cells(kept, found["same"], trained.text("or  same, 6×6", "或  same，6×6"))
    kept.set_xlabel(
        trained.text(
            "The zeros around the image make\na false edge on the left",
            "图像外填充的零在左侧造成假边缘",
        )
    )
    return figure


def garment(trained: Trained) -> Figure:
    """A garment, and the edges that four kernels find on it."""
    x, y = trained.data.evaluation
    name = trained.class_names[int(y[0])]
    figure = style.new_figure(
        trained.title + trained.text(f": {name.lower()}", f"：{name}"), figsize=(12.0, 4.8)
    )
    titles = (
        trained.text("Vertical edges", "竖直边缘"),
        trained.text("Horizontal edges", "水平边缘"),
        trained.text("Vertical, Sobel", "竖直边缘（Sobel）"),
        trained.text("Horizontal, Sobel", "水平边缘（Sobel）"),
    )
    kernels, edges = trained.measures["kernels"], trained.measures["edges"]
    grid = figure.subplots(2, 5, height_ratios=[1, 1.6])
    grid[0, 0].axis("off")
    grid[1, 0].imshow(x[0, ..., 0], vmin=0, vmax=255)
    grid[1, 0].set_title(trained.text("Image, 28×28", "图像，28×28"))
    for axes, kernel, title in zip(grid[0, 1:], kernels, titles, strict=True):
        _cells(axes, kernel, title)
    for axes, found in zip(grid[1, 1:], edges, strict=True):
        drawn = axes.imshow(found, cmap="RdBu", vmin=-1020, vmax=1020)  # 4 × 255, Sobel's most
    for axes in grid[1]:
        _frame(axes)
    figure.colorbar(drawn, ax=grid, shrink=0.8).set_label(
        trained.text(
            "Response (pixel values, summed)\nblue: brighter on the left or above",
            "响应（像素值之和）\n蓝色：左侧或上方更亮",
        )
    )
    return figure


def touched(trained: Trained) -> Figure:
    """How many windows touch each pixel of the half-bright image, without padding and with it."""
    figure = style.new_figure(
        trained.title + trained.text(": how often a pixel counts", "：每个像素被用到的次数"),
        figsize=(8.6, 4.6),
    )
    counts, padded_counts = trained.measures["touches"], trained.measures["padded_touches"]
    left, right = figure.subplots(1, 2)
    without = trained.text("Without padding (valid)", "不填充 (valid)")
    padded = trained.text("One pixel of padding (same)", "四周填充一个像素 (same)")
    _cells(left, counts, without, cmap="Blues", least=0)
    drawn = _cells(right, padded_counts, padded, cmap="Blues", least=0)
    figure.colorbar(drawn, ax=[left, right], shrink=0.8).set_label(
        trained.text("3×3 windows that touch the pixel", "覆盖该像素的 3×3 窗口数")
    )
    return figure


def _cells(
    axes: Axes, values: np.ndarray, title: str, *, cmap: str = "RdBu", least: float | None = None
) -> AxesImage:
    """Draws a small matrix as coloured squares with their numbers in them."""
    most = np.abs(values).max()
    if least is None:
        most *= 1.4  # the ends of a colour map of two colours are nearly black
    drawn = axes.imshow(values, cmap=cmap, vmin=-most if least is None else least, vmax=most)
    for (row, column), value in np.ndenumerate(values):
        brightness = np.dot(drawn.to_rgba(value)[:3], (0.30, 0.59, 0.11))
        ink = "white" if brightness < 0.5 else "black"
        axes.text(column, row, f"{value:g}", ha="center", va="center", color=ink)
    axes.set_title(title)
    _frame(axes)
    return drawn


def _frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
