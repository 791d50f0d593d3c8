"""Inductive bias: a convolution expects the same pattern anywhere, a dense layer does not.

A network learns more from less if what it assumes of the data is true. The convolutional network
and a dense one with as many parameters learn the same digits; then the digits are moved. And four
networks of 11,000 to 12,000 parameters, shallow and deep, with shared weights (convolutions) and
without, show what either is worth.

- Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, 0 to 255, divided by 255 in
  all the networks here, since the dense ones learn poorly from pixels as they are.
- Networks: that of `mnist_cnn` (121,930 parameters), a dense one with one hidden layer of 153 ReLU
  units (121,645 parameters), and the four small ones. Adam, cross-entropy, 2 epochs of batches of
  64 each: enough to tell them apart, and soon done.
- Article 002: 深度学习基础回顾, 归纳偏置.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from keras_examples import datasets, mnist_cnn
from keras_examples.core import Example, Trained
from keras_examples.figures import style
from keras_examples.inference import pictures

EPOCHS, BATCH_SIZE = 2, 64
LARGEST_SHIFT = 6
EVERY = 5  # of the test images, to be done in seconds


def build_model(*, learning_rate: float = 0.001) -> keras.Model:
    """Builds and compiles the convolutional network of `mnist_cnn`, for pixels divided by 255.

    Args:
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model, as `mnist_cnn.build_model()` returns it.
    """
    return mnist_cnn.build_model(learning_rate=learning_rate, rescale=True)


def build_dense(*units: int) -> keras.Model:
    """Builds and compiles a dense network.

    Args:
        *units: Size of each hidden layer; they are ReLU.

    Returns:
        A compiled model of the same inputs and outputs as that of `build_model()`.
    """
    hidden = [layers.Dense(size, activation="relu") for size in units]
    return _classifier([layers.Flatten(), *hidden])


def build_convolutional(*filters: int) -> keras.Model:
    """Builds and compiles a small convolutional network.

    Args:
        *filters: Kernels of each 3×3 convolution; they are ReLU, and 2×2 pooling follows each.

    Returns:
        A compiled model of the same inputs and outputs as that of `build_model()`.
    """
    hidden = []
    for kernels in filters:
        hidden += [layers.Conv2D(kernels, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2))]
    return _classifier([*hidden, layers.Flatten()])


def _classifier(hidden: list[keras.Layer]) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *hidden,
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def shift(images: np.ndarray, *, down: int, right: int) -> np.ndarray:
    """Moves images; what leaves them is lost, and what comes in is black.

    Args:
        images: Images, shape `(n, height, width, 1)`.
        down: By how many pixels, fewer than the height; up if negative.
        right: By how many pixels, fewer than the width; to the left if negative.

    Returns:
        The moved images, in the shape and dtype of the others.
    """
    _, height, width, _ = images.shape
    far = max(abs(down), abs(right))
    around = np.pad(images, ((0, 0), (far, far), (far, far), (0, 0)))
    return around[:, far - down : far - down + height, far - right : far - right + width]


def accuracy_when_shifted(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, pixels: int
) -> float:
    """Tests a model on images that are moved up, down, to the left and to the right.

    Args:
        model: A model of one of the builders here.
        images: Images, shape `(n, 28, 28, 1)`.
        labels: Their classes, shape `(n,)`.
        pixels: By how much they are moved, 0 to 27.

    Returns:
        The accuracy, averaged over the four directions.
    """
    directions = ((-pixels, 0), (pixels, 0), (0, -pixels), (0, pixels))
    moved = np.concatenate([shift(images, down=down, right=right) for down, right in directions])
    guesses = model.predict(moved, batch_size=500, verbose=0).argmax(axis=1)
    return float((guesses == np.tile(labels, len(directions))).mean())


def measure(trained: Trained) -> Mapping[str, float]:
    """Returns the accuracy of both networks for each shift, on every fifth test image.

    Most digits are drawn within the middle 20×20 pixels: what moves further than 4 may lose a part.
    """
    images, labels = (array[::EVERY] for array in trained.data.evaluation)
    models = {"cnn": trained.model, "dense": trained.companions["dense"].model}
    return {
        f"{name}_shifted_{pixels}": accuracy_when_shifted(model, images, labels, pixels)
        for name, model in models.items()
        for pixels in range(LARGEST_SHIFT + 1)
    }


def shifted(trained: Trained) -> Figure:
    """Accuracy of the convolutional and of the dense network on digits that are moved."""
    title = trained.say(": digits that are moved", "：平移后的数字")
    figure = style.new_figure(trained.title + title, figsize=(7.4, 5.4))
    digits, axes = figure.subplots(2, 1, sharex=True, height_ratios=[1, 4])
    pixels = np.arange(LARGEST_SHIFT + 1)
    image = trained.data.evaluation[0][:1]
    for right in pixels:
        moved = shift(image, down=0, right=int(right))[0, ..., 0]
        digits.imshow(moved, vmin=0, vmax=255, extent=(right - 0.45, right + 0.45, 0, 0.9))
    digits.set(xlim=(-0.5, LARGEST_SHIFT + 0.5), ylim=(0, 0.9))
    digits.axis("off")
    for name, other, label, look in (
        ("cnn", trained, trained.say("Convolutional", "卷积网络"), "o-"),
        ("dense", trained.companions["dense"], trained.say("Dense", "全连接网络"), "s--"),
    ):
        accuracies = [trained.measures[f"{name}_shifted_{shift}"] for shift in pixels]
        size = f"{other.model.count_params():,}"
        label += trained.say(f", {size} parameters", f"，{size} 个参数")
        axes.plot(pixels, accuracies, look, label=label)
    axes.axhline(0.1, color=style.GREY, ls=":", label=trained.say("Guessing", "随机猜测"))
    style.count_axis(
        axes, trained.say("Shift (pixels, mean of 4 directions)", "平移（像素，四个方向的平均）")
    )
    axes.set_ylabel(trained.say("Accuracy (% of digits)", "准确率（占数字的 %）"))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    axes.set_ylim(0, 1.02)
    axes.legend()
    return figure


def shallow_and_deep(trained: Trained) -> Figure:
    """A table of all the networks: depth, shared weights, parameters and test accuracy."""
    figure = style.new_figure(
        trained.title + trained.say(": depth and shared weights", "：深度与权重共享"),
        figsize=(9.4, 3.6),
    )
    axes = figure.subplots()
    axes.axis("off")
    heads = (
        trained.say("Network (size of hidden layers)", "网络（隐藏层的大小）"),
        trained.say("Layers with weights", "带权重的层数"),
        trained.say("Shared weights", "权重共享"),
        trained.say("Parameters", "参数量"),
        trained.say("Test accuracy (%)", "测试准确率 (%)"),
    )
    own = trained.say("Convolutions 32-64, dense 64", "卷积 32-64，全连接 64")
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
        one.say("yes", "是") if shares else one.say("no", "否"),
        f"{one.model.count_params():,}",
        f"{100 * one.history['val_accuracy'][-1]:.1f}",
    )


def _rival(name: str, en: str, zh: str, build: Callable[..., keras.Model], *sizes: int) -> Example:
    written = "-".join(map(str, sizes))
    return Example(
        name=name,
        title={"en": f"{en} {written}", "zh": f"{zh} {written}"},
        article="002",
        load_data=mnist_cnn.load_data,
        build_model=partial(build, *sizes),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        figures=(),
    )


EXAMPLE = Example(
    name="inductive-bias",
    title={"en": "Inductive bias", "zh": "归纳偏置"},
    article="002",
    load_data=mnist_cnn.load_data,
    build_model=build_model,
    epochs=EPOCHS,
    batch_size=BATCH_SIZE,
    figures=(shifted, shallow_and_deep),
    companions={
        one.name: one
        for one in (
            _rival("dense-shallow", "Dense", "全连接", build_dense, 15),
            _rival("dense-deep", "Dense", "全连接", build_dense, 14, 14, 14),
            _rival("cnn-shallow", "Convolution", "卷积", build_convolutional, 7),
            _rival("cnn-deep", "Convolutions", "卷积", build_convolutional, 16, 28),
            _rival("dense", "Dense", "全连接", build_dense, 153),
        )
    },
    measure=measure,
    classes=datasets.CLASS_NAMES["mnist"],
    picture=pictures.prepare_digit,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
