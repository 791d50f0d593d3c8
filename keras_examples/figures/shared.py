"""The figures that examples share; each draws one from a `Trained` example.

A figure's file is named after its function. An example's own figures are functions like these, in
`figures/<example>.py`.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_examples.core import Trained
from keras_examples.core.text import Text
from keras_examples.figures.style import (
    BLUE,
    GREY,
    VERMILION,
    count_axis,
    new_figure,
)

__all__ = ["accuracy", "confusion", "loss", "predictions"]

_LOSS = Text("Loss", "损失")
_LOSS_NAMES = {
    "binary_crossentropy": Text(" (cross-entropy, nats)", "（交叉熵，奈特）"),
    "mean_squared_error": Text(" (mean squared error)", "（均方误差）"),
    "sparse_categorical_crossentropy": Text(" (cross-entropy, nats)", "（交叉熵，奈特）"),
}
# Beyond this ratio of the largest to the smallest loss, a linear axis shows one flat line.
_LOG_RATIO = 50


def loss(trained: Trained) -> Figure:
    """Training and validation loss over the epochs."""
    figure = new_figure(f"{trained.title}{trained.text(': loss', '：损失')}")
    axes = figure.subplots()
    _curves(axes, trained, "loss", Text("loss", "损失"))
    axes.set_ylabel(loss_label(getattr(trained.model, "loss", None), trained.lang))
    scale_to(axes, trained.history["loss"])
    return figure


def loss_label(loss: str | None, lang: str) -> str:
    """Returns the label of an axis of losses.

    Args:
        loss: Keras's name of the loss.
        lang: Language of the label, `"en"` or `"zh"`.
    """
    return (_LOSS + _LOSS_NAMES.get(loss or "", Text("", "")))[lang]


def scale_to(axes: Axes, losses: ArrayLike) -> None:
    """Makes the axis of losses logarithmic if they span a wide range."""
    values = np.asarray(losses, dtype=float)
    if (values > 0).all() and values.max() > _LOG_RATIO * values.min():
        axes.set_yscale("log")


def accuracy(trained: Trained) -> Figure:
    """Training and validation accuracy over the epochs."""
    figure = new_figure(f"{trained.title}{trained.text(': accuracy', '：准确率')}")
    axes = figure.subplots()
    _curves(axes, trained, "accuracy", Text("accuracy", "准确率"))
    axes.set_ylabel(trained.text("Accuracy (% of samples)", "准确率（占样本的 %）"))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    return figure


def _curves(axes: Axes, trained: Trained, metric: str, name: Text) -> None:
    for key, kind, colour, marker in (
        (metric, Text("Training ", "训练"), BLUE, "o"),
        (f"val_{metric}", Text("Validation ", "验证"), VERMILION, "s"),
    ):
        values = trained.history.get(key)
        if values is not None:
            epochs = np.arange(1, len(values) + 1)
            # With many epochs, markers would hide the line.
            axes.plot(
                epochs,
                values,
                marker=marker if len(values) <= 30 else "",
                color=colour,
                label=(kind + name)[trained.lang],
            )
    count_axis(axes, trained.text("Epoch", "轮次 (epoch)"))
    axes.legend()


def predictions(trained: Trained) -> Figure:
    """Test images with the predicted class: the first ones, and the most confident mistakes."""
    columns, rows = 8, 3
    x, y = trained.data.evaluation[0], _truth(trained)
    guess, confidence = trained.outputs.argmax(axis=1), trained.outputs.max(axis=1)
    wrong = np.flatnonzero(guess != y)
    mistakes = wrong[np.argsort(-confidence[wrong], kind="stable")][:columns]
    figure = new_figure(
        f"{trained.title}{trained.text(': predictions', '：预测')}", figsize=(9.6, 6.6)
    )
    first, last = cast(Any, figure.subfigures(2, 1, height_ratios=[rows, 1.16]))
    first.suptitle(
        trained.text(
            "The first test images, with the predicted class", "前几张测试图像，标题为预测的类别"
        ),
        fontsize=11,
    )
    last.suptitle(
        trained.text(
            f"The surest mistakes ({len(wrong)} of {len(y)} test images are wrong)",
            f"最有把握的错误（{len(y)} 张测试图像中错 {len(wrong)} 张）",
        ),
        fontsize=11,
    )
    names = trained.class_names
    for part, height, chosen in ((first, rows, range(len(y))), (last, 1, mistakes)):
        grid = list(part.subplots(height, columns).flat)
        for axes in grid:
            axes.axis("off")
        for axes, index in zip(grid, chosen, strict=False):  # there may be fewer, or more
            _image(axes, x[index], names, int(guess[index]), int(y[index]), trained)
    return figure


def _truth(trained: Trained) -> np.ndarray:
    """Returns the labels of the test set, also where they are one-hot."""
    _, y = trained.data.evaluation
    return y.argmax(axis=1) if y.ndim == 2 else y


def _image(
    axes: Axes, image: np.ndarray, names: tuple[str, ...], guess: int, truth: int, trained: Trained
) -> None:
    axes.imshow(image.reshape(image.shape[:2]), vmin=0, vmax=255)
    text = names[guess]
    if guess != truth:
        text += "\n" + trained.text(f"is {names[truth]}", f"实为 {names[truth]}")
    axes.set_title(text, fontsize=8, color=GREY if guess == truth else VERMILION)


def confusion(trained: Trained) -> Figure:
    """Confusion matrix over the test set: true classes down, predicted classes across."""
    names = trained.class_names
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (_truth(trained).astype(int), trained.outputs.argmax(axis=1)), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = new_figure(
        f"{trained.title}{trained.text(': confusion matrix', '：混淆矩阵')}", figsize=(7.6, 6.6)
    )
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = shares[row, column] > 0.5
            axes.text(
                column,
                row,
                str(count),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if dark else "black",
            )
    slanted = max(map(len, names)) > 4
    axes.set_xticks(
        range(len(names)),
        names,
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(trained.text("Predicted class", "预测类别"))
    axes.set_ylabel(trained.text("True class", "真实类别"))
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label(
        trained.text("Share of the true class (1 = all)", "占该真实类别的比例（1 为全部）")
    )
    bar.outline.set_visible(False)
    return figure
