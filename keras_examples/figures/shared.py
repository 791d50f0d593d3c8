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
# Characters of a class's name that have room above an image.
_NAME_LENGTH = 12


def loss(trained: Trained) -> Figure:
    """Training and validation loss over the epochs."""
    figure = new_figure(f"{trained.title}{trained.text(': loss', '：损失')}")
    draw_loss(figure.subplots(), trained)
    return figure


def draw_loss(axes: Axes, trained: Trained) -> None:
    """Draws the training and the validation loss over the epochs."""
    _curves(axes, trained, "loss", Text("loss", "损失"))
    axes.set_ylabel(loss_label(getattr(trained.model, "loss", None), trained.lang))
    scale_to(axes, trained.history["loss"])


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
        f"{trained.title}{trained.text(': predictions', '：预测')}", figsize=(9.6, 7.2)
    )
    first, last = cast(Any, figure.subfigures(2, 1, height_ratios=[rows, 1.35]))
    first.suptitle(
        trained.text(
            "The first test images: predicted class and its probability",
            "前几张测试图像：预测的类别及其概率",
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
    for part, height, chosen in ((first, rows, range(len(y))), (last, 1, mistakes)):
        grid = list(part.subplots(height, columns).flat)
        for axes in grid:
            axes.axis("off")
        for axes, index in zip(grid, chosen, strict=False):  # there may be fewer, or more
            axes.imshow(x[index].reshape(x.shape[1:3]), vmin=0, vmax=255)
            text, colour = f"{_short(trained, guess[index])} ({confidence[index]:.0%})", GREY
            if guess[index] != y[index]:
                truth = _short(trained, y[index])
                text += "\n" + trained.text(f"true: {truth}", f"实为：{truth}")
                colour = VERMILION
            axes.set_title(text, fontsize=8, color=colour)
    return figure


def _short(trained: Trained, label: int) -> str:
    """Returns the name of a class, cut off where it would reach the next image."""
    name = trained.class_names[int(label)]
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"


def _truth(trained: Trained) -> np.ndarray:
    """Returns the labels of the test set, also where they are one-hot."""
    _, y = trained.data.evaluation
    return y.argmax(axis=1) if y.ndim == 2 else y


def confusion(trained: Trained) -> Figure:
    """Confusion matrix over the test set: true classes down, predicted classes across.

    Right answers and mistakes have a colour scale each: beside the right answers, any mistake is
    rare.
    """
    names = trained.class_names
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (_truth(trained).astype(int), trained.outputs.argmax(axis=1)), 1)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = new_figure(
        f"{trained.title}{trained.text(': confusion matrix', '：混淆矩阵')}", figsize=(8.6, 6.6)
    )
    axes = figure.subplots()
    right = np.eye(len(names), dtype=bool)
    for chosen, colours, label in (
        (~right, "Oranges", Text("Mistakes (% of the true class)", "错误（占该真实类别的 %）")),
        (right, "Blues", Text("Right (% of the true class)", "正确（占该真实类别的 %）")),
    ):
        shown = np.where(chosen & (counts > 0), shares, np.nan)
        most = 100 if chosen is right else float(np.nanmax(shown, initial=0)) or 100
        image = axes.imshow(shown, cmap=colours, vmin=0, vmax=most)
        for row, column in zip(*np.nonzero(np.isfinite(shown)), strict=True):
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                fontsize=min(8, 80 / len(names)),
                color="white" if shown[row, column] > most / 2 else "black",
            )
        bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02)
        bar.set_label(label[trained.lang])
        bar.outline.set_visible(False)
    slanted = max(map(len, names)) > 4
    axes.set_xticks(
        range(len(names)),
        names,
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(labelsize=min(10, 160 / len(names)))
    axes.set_xlabel(trained.text("Predicted class", "预测类别"))
    axes.set_ylabel(trained.text("True class", "真实类别"))
    axes.spines[:].set_visible(False)
    return figure
