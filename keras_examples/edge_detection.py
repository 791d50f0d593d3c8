"""Convolution as edge detection: three given kernels, and nothing to learn (9 parameters).

A kernel slides over the image, and what it gives is large where the image changes the way the
kernel does. That is all that a convolutional layer computes; a network only finds the kernels
itself. The article's example has two drawbacks, which padding with zeros mends: the result is
smaller than the image, and pixels near the border are touched by fewer windows.

- Data: the article's image of 6×6 pixels, left half 10, right half 0, and garments of Fashion-MNIST
  of 28×28 pixels, 0 (black) to 255 (white).
- Network: one convolution of one 3×3 kernel without a bias, for images of any size.
- Article 003: 【深度学习】含神经网络、CNN、RNN推理.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

import keras
import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from keras_examples import datasets
from keras_examples.core import Example, Trained
from keras_examples.figures import style

VERTICAL = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])  # the middle row counts twice
HALF_BRIGHT = np.array([[10, 10, 10, 0, 0, 0]] * 6)


def build_model(*, kernel: np.ndarray = VERTICAL, padding: str = "valid") -> keras.Model:
    """Builds and compiles a convolution with a given kernel.

    Args:
        kernel: The kernel, shape `(rows, columns)`. Its transpose finds edges of the other
            direction.
        padding: `"valid"` for no padding, `"same"` for zeros around the image, as many as keep its
            size.

    Returns:
        A compiled model from images, shape `(batch, height, width, 1)`, to how much of an edge is
        at each place: the same shape with `"same"`, two rows and two columns fewer with `"valid"`
        and a 3×3 kernel. Positive is brighter on the left, for the kernels here, or above, for
        their transposes.
    """
    # The kernel is given: `fit` would have nothing to change.
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False, trainable=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution], name="edge_detection")
    convolution.set_weights([kernel[..., None, None]])
    model.compile(loss="mean_squared_error")
    return model


def load_data(
    data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> datasets.Dataset:
    """Loads Fashion-MNIST, with the channel axis that a convolution wants.

    Args:
        data: `"auto"`, `"real"` or `"stand-in"`, see `keras_examples.datasets.load`.
        data_dir: Folder that holds the real data, if not the usual places.

    Returns:
        The data set; images `uint8`, shape `(n, 28, 28, 1)`, labels `uint8`, shape `(n,)`.
    """
    garments = datasets.load("fashion-mnist", data=data, data_dir=data_dir)
    return dataclasses.replace(
        garments, x_train=garments.x_train[..., None], x_test=garments.x_test[..., None]
    )


def convolve(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Returns what a model of `build_model()` makes of one image.

    Args:
        model: The model.
        image: One image, shape `(height, width)`.

    Returns:
        The result, shape as the model's padding has it.
    """
    return np.asarray(model(image[None, ..., None].astype(np.float32)))[0, ..., 0]


def touches(size: int, *, kernel: int = 3, padding: int = 0) -> np.ndarray:
    """Counts the windows that touch each pixel of a square image.

    Args:
        size: Width of the image in pixels.
        kernel: Width of the kernel in pixels.
        padding: How many pixels are added on each side.

    Returns:
        The counts, shape `(size, size)`, from 1 to `kernel²`.
    """
    counts = np.zeros((size + 2 * padding, size + 2 * padding), dtype=int)
    for row, column in np.ndindex(*(side - kernel + 1 for side in counts.shape)):
        counts[row : row + kernel, column : column + kernel] += 1
    return counts[padding : padding + size, padding : padding + size]


def measure(trained: Trained) -> Mapping[str, float]:
    """Returns the article's numbers: the strongest response, and how often pixels are touched."""
    counts = touches(len(HALF_BRIGHT))
    return {
        "strongest_response": float(np.abs(convolve(trained.model, HALF_BRIGHT)).max()),
        "corner_touches": float(counts[0, 0]),
        "centre_touches": float(counts.max()),
    }


def half_bright(trained: Trained) -> Figure:
    """The article's image, the kernel, and the result without padding and with it."""
    figure = style.new_figure(
        trained.title + trained.say(": bright left, dark right", "：左亮右暗的图像"),
        figsize=(11.4, 4.8),
    )
    valid = convolve(trained.model, HALF_BRIGHT)
    same = convolve(build_model(padding="same"), HALF_BRIGHT)
    image, kernel, shrunk, kept = figure.subplots(1, 4, width_ratios=[6, 3, 4, 6])
    _cells(image, HALF_BRIGHT, trained.say("Image, 6×6", "图像，6×6"), cmap="gray", least=0)
    _cells(kernel, VERTICAL, trained.say("∗  kernel, 3×3", "∗  卷积核，3×3"))
    _cells(shrunk, valid, trained.say("=  valid, 4×4", "=  valid，4×4"))
    _cells(kept, same, trained.say("or  same, 6×6", "或  same，6×6"))
    kept.set_xlabel(
        trained.say(
            "The zeros around the image make\na false edge on the left",
            "图像外填充的零在左侧造成假边缘",
        )
    )
    return figure


def garment(trained: Trained) -> Figure:
    """A garment, and the edges that four kernels find on it."""
    x, y = trained.data.evaluation
    name = trained.data.class_names[trained.lang][int(y[0])]
    figure = style.new_figure(
        trained.title + trained.say(f": {name.lower()}", f"：{name}"), figsize=(12.0, 4.8)
    )
    kernels = (
        (VERTICAL, trained.say("Vertical edges", "竖直边缘")),
        (VERTICAL.T, trained.say("Horizontal edges", "水平边缘")),
        (SOBEL, trained.say("Vertical, Sobel", "竖直边缘（Sobel）")),
        (SOBEL.T, trained.say("Horizontal, Sobel", "水平边缘（Sobel）")),
    )
    picture = x[0, ..., 0]
    grid = figure.subplots(2, 5, height_ratios=[1, 1.6])
    grid[0, 0].axis("off")
    grid[1, 0].imshow(picture, vmin=0, vmax=255)
    grid[1, 0].set_title(trained.say("Image, 28×28", "图像，28×28"))
    for (kernel, title), top, bottom in zip(kernels, grid[0, 1:], grid[1, 1:], strict=True):
        _cells(top, kernel, title)
        edges = convolve(build_model(kernel=kernel), picture)
        drawn = bottom.imshow(edges, cmap="RdBu", vmin=-1020, vmax=1020)  # 4 × 255, Sobel's most
    for axes in grid[1]:
        _frame(axes)
    figure.colorbar(drawn, ax=grid, shrink=0.8).set_label(
        trained.say(
            "Response (pixel values, summed)\nblue: brighter on the left or above",
            "响应（像素值之和）\n蓝色：左侧或上方更亮",
        )
    )
    return figure


def touched(trained: Trained) -> Figure:
    """How many windows touch each pixel of the article's image, without padding and with it."""
    figure = style.new_figure(
        trained.title + trained.say(": how often a pixel counts", "：每个像素被用到的次数"),
        figsize=(8.6, 4.6),
    )
    size = len(HALF_BRIGHT)
    left, right = figure.subplots(1, 2)
    without = trained.say("Without padding (valid)", "不填充 (valid)")
    padded = trained.say("One pixel of padding (same)", "四周填充一个像素 (same)")
    _cells(left, touches(size), without, cmap="Blues", least=0)
    drawn = _cells(right, touches(size, padding=1), padded, cmap="Blues", least=0)
    figure.colorbar(drawn, ax=[left, right], shrink=0.8).set_label(
        trained.say("3×3 windows that touch the pixel", "覆盖该像素的 3×3 窗口数")
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


EXAMPLE = Example(
    name="edge-detection",
    title={"en": "Convolution as edge detection", "zh": "用卷积检测边缘"},
    article="003",
    load_data=load_data,
    build_model=build_model,
    epochs=0,
    batch_size=1,
    figures=(half_bright, garment, touched),
    measure=measure,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
