"""What a convolutional network learned: its kernels, its feature maps, the pixels that matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from keras_examples.core import Text, Trained
from keras_examples.figures import style

if TYPE_CHECKING:
    import keras

    from keras_examples.datasets import Dataset

PATCH = 5  # pixels, a little more than the width of a stroke

_LAYERS = {
    "Rescaling": Text("Rescaling", "缩放"),
    "Conv2D": Text("Convolution", "卷积"),
    "MaxPooling2D": Text("Max-pooling", "最大池化"),
    "Flatten": Text("Flatten", "展平"),
    "Dense": Text("Dense", "全连接"),
}


def activations(model: keras.Model, image: np.ndarray) -> list[np.ndarray]:
    """Returns what each layer makes of one image.

    Args:
        model: A model of `mnist_cnn.build_model()`.
        image: One image, shape `(28, 28, 1)`, pixels 0 to 255.

    Returns:
        The outputs of `model.layers`: feature maps of shape `(height, width, kernels)`, later on
        vectors.
    """
    # Layer by layer: a model made for each image would stay in memory, call after call.
    values, found = np.asarray(image[None], np.float32), []
    for layer in model.layers:
        values = np.asarray(layer(values))
        found.append(values[0])
    return found


def covered(model: keras.Model, image: np.ndarray, size: int = PATCH) -> np.ndarray:
    """Returns a network's answers to an image of which a small square is covered with background.

    Args:
        model: A model of `mnist_cnn.build_model()`.
        image: One image, shape `(28, 28, 1)`, pixels 0 to 255.
        size: Side of the square in pixels, an odd number; 0 to cover nothing.

    Returns:
        Probabilities, shape `(28, 28, classes)`: the first two axes say where the square's middle
        is.
    """
    height, width = image.shape[:2]
    rows, columns = (
        np.abs(np.arange(side)[:, None] - np.arange(side)) < size / 2 for side in (height, width)
    )
    # For each middle, where the square is: a row is in it and so is a column.
    squares = rows[:, None, :, None] & columns[None, :, None, :]
    images = np.where(squares[..., None], np.float32(0), np.float32(image))
    outputs = np.asarray(model.predict_on_batch(images.reshape(-1, *image.shape)))
    return cast(np.ndarray, outputs.reshape(height, width, -1))


def occlusion_map(model: keras.Model, image: np.ndarray, size: int = PATCH) -> np.ndarray:
    """Returns how much the probability of a network's answer falls when a square is covered.

    Args:
        model: A model of `mnist_cnn.build_model()`.
        image: One image, shape `(28, 28, 1)`, pixels 0 to 255.
        size: Side of the square in pixels, an odd number.

    Returns:
        The fall at each place of the square's middle, shape `(28, 28)`, from -1 to 1.
    """
    whole = np.asarray(model.predict_on_batch(np.float32(image[None])))[0]
    answer = int(whole.argmax())
    return cast(np.ndarray, whole[answer] - covered(model, image, size)[..., answer])


def first_kernels(model: keras.Model, data: Dataset) -> np.ndarray:
    """Returns the kernels of the first convolution, shape `(height, width, 1, kernels)`."""
    kernels: np.ndarray = next(weight for weight in model.get_weights() if weight.ndim == 4)
    return kernels


def kernels(trained: Trained) -> Figure:
    """The kernels of the first convolution, which are all that it knows of an image."""
    found = first_kernels(trained.model, trained.data)[:, :, 0]
    count, most = found.shape[-1], float(np.abs(found).max())
    title = trained.text(f": the {count} first kernels", f"：第一层的 {count} 个卷积核")
    figure = style.new_figure(trained.title + title, figsize=(9.0, 5.2))
    grid = figure.subplots(4, -(-count // 4))
    drawn = _draw_kernels(grid, found, most)
    figure.colorbar(drawn, ax=grid, shrink=0.8).set_label(
        trained.text("Weight (blue excites, red inhibits)", "权重（蓝色兴奋，红色抑制）")
    )
    return figure


def changing_kernels(trained: Trained) -> Iterator[Figure]:
    """The kernels of the first convolution after each epoch."""
    count, most = trained.snapshots[0].shape[-1], float(np.abs(trained.snapshots).max())
    figure = style.new_figure("", figsize=(8.0, 4.6))
    grid = figure.subplots(4, -(-count // 4))
    for epoch, found in enumerate(trained.snapshots, start=1):
        _draw_kernels(grid, found[:, :, 0], most)
        figure.suptitle(
            trained.text(f"The first kernels: epoch {epoch}", f"第一层的卷积核：第 {epoch} 轮")
        )
        yield figure


def _draw_kernels(grid: np.ndarray, found: np.ndarray, most: float) -> AxesImage:
    for axes in grid.flat:
        axes.clear()
        axes.axis("off")
    for number, axes in zip(range(found.shape[-1]), grid.flat, strict=False):
        drawn: AxesImage = axes.imshow(found[..., number], cmap="RdBu", vmin=-most, vmax=most)
        axes.set_title(str(number + 1), fontsize=8)
    return drawn


def feature_maps(trained: Trained) -> Figure:
    """What each layer makes of the first test image, with shapes and numbers of parameters."""
    image = trained.data.evaluation[0][0]
    stages = [
        (layer, values)
        for layer, values in zip(
            trained.model.layers, activations(trained.model, image), strict=True
        )
        if layer.count_params() or "Pooling" in type(layer).__name__
    ]
    title = trained.text(
        ": a digit, layer by layer (each map in its own brightness)",
        "：一个数字逐层的样子（每张特征图的亮度各自归一化）",
    )
    figure = style.new_figure(trained.title + title, figsize=(11.0, 6.6))
    grid = list(figure.subplots(2, -(-(len(stages) + 1) // 2)).flat)
    for axes in grid:
        axes.axis("off")
    grid[0].imshow(image[..., 0], vmin=0, vmax=255)
    grid[0].set_title(trained.text("Image", "图像") + f"\n{_shape(image)}", fontsize=10)
    for axes, (layer, values) in zip(grid[1:], stages, strict=False):
        if layer is trained.model.layers[-1]:
            _answer(axes, values, trained)
        else:
            axes.imshow(_tiled(values), vmin=0)
        name = _LAYERS[type(layer).__name__][trained.lang]
        count = f"{layer.count_params():,}"
        parameters = trained.text(f"{count} parameters", f"{count} 个参数")
        axes.set_title(f"{name}\n{_shape(values)}\n{parameters}", fontsize=10)
    return figure


def _shape(values: np.ndarray) -> str:
    return "×".join(map(str, values.shape))


def _tiled(values: np.ndarray) -> np.ndarray:
    """Returns feature maps side by side, with a light line between them; numbers as squares."""
    maps = np.moveaxis(values, -1, 0).reshape(values.shape[-1], *(values.shape[:-1] or (1, 1)))
    count, height, width = maps.shape
    side = int(np.ceil(np.sqrt(count)))
    line = 1 if values.ndim > 1 else 0
    if line:  # some maps are ten times as bright as others
        maps = maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-9)
    tiles = np.full((side * side, height + line, width + line), np.nan)
    tiles[:count, :height, :width] = maps
    rows = tiles.reshape(side, side, height + line, width + line)
    tiled: np.ndarray = rows.transpose(0, 2, 1, 3).reshape(side * (height + line), -1)
    return tiled


def _answer(axes: Axes, chances: np.ndarray, trained: Trained) -> None:
    axes.axis("on")
    axes.barh(range(len(chances)), 100 * chances, color=style.BLUE)
    axes.set_yticks(range(len(chances)), trained.class_names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel(trained.text("Probability (%)", "概率 (%)"))


def occlusion(trained: Trained) -> Figure:
    """Which pixels matter to the answer: for a digit that is read rightly, and for a mistake."""
    images, truth = trained.data.evaluation
    right = trained.outputs.argmax(axis=1) == truth
    sure = trained.outputs.max(axis=1)
    # Of the first hundred, the least sure that is right, and of all mistakes, if any, the surest.
    chosen = [int(np.where(right, sure, 1)[:100].argmin()), int(np.where(right, -1, sure).argmax())]
    title = trained.text(": which pixels matter", "：哪些像素重要")
    figure = style.new_figure(trained.title + title, figsize=(9.6, 6.6))
    grid = figure.subplots(2, 3)
    for (left, middle, last), index in zip(grid, chosen, strict=True):
        _explain(left, middle, last, trained, images[index], int(truth[index]))
    for axes in grid.flat:
        axes.axis("off")
    return figure


def _explain(
    left: Axes, middle: Axes, last: Axes, trained: Trained, image: np.ndarray, truth: int
) -> None:
    names, picture = trained.class_names, image[..., 0]
    before = trained.model.predict_on_batch(np.float32(image[None]))[0]
    answer, answers = int(before.argmax()), covered(trained.model, image)
    fall = before[answer] - answers[..., answer]
    row, column = np.unravel_index(fall.argmax(), fall.shape)
    after = answers[row, column]
    left.imshow(picture, vmin=0, vmax=255)
    read = trained.text(
        f"A {names[truth]}, read as {names[answer]} ({before[answer]:.0%})",
        f"{names[truth]}，识别为 {names[answer]}（{before[answer]:.0%}）",
    )
    left.set_title(read, color=style.BLACK if answer == truth else style.VERMILION)
    drawn = middle.imshow(100 * fall, cmap="RdBu_r", vmin=-100, vmax=100)
    middle.contour(picture, [127], colors=style.GREY, linewidths=0.8)
    middle.set_title(
        trained.text(f"If {PATCH}×{PATCH} pixels are covered", f"遮住 {PATCH}×{PATCH} 个像素时")
    )
    middle.figure.colorbar(drawn, ax=middle, shrink=0.8).set_label(
        trained.text(
            f"Fall of the probability of {names[answer]}\n(percentage points)",
            f"{names[answer]} 的概率下降（百分点）",
        )
    )
    last.imshow(picture, vmin=0, vmax=255)
    corner = column - PATCH / 2, row - PATCH / 2
    last.add_patch(Rectangle(corner, PATCH, PATCH, color=style.SKY))
    likeliest = int(after.argmax())
    last.set_title(
        trained.text(
            f"Covered here, it reads {names[likeliest]} ({after[likeliest]:.0%})",
            f"遮住这里，识别为 {names[likeliest]}（{after[likeliest]:.0%}）",
        )
    )


# What it learned; besides what every classifier has.
LEARNED = (kernels, feature_maps, occlusion)
