"""The figures of training curves: the first epochs, overfitting, and what helps."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style
from keras_examples.figures.shared import loss_label

_FIRST = 8


def first_epochs(trained: Trained) -> Figure:
    """Training loss as Keras prints it and at the end of each epoch, and validation loss."""
    figure = style.new_figure(
        trained.text(
            "Why validation can look better than training: the first epochs",
            "为什么验证损失会比训练损失低：最初几轮",
        )
    )
    axes = figure.subplots()
    mean, ends = trained.history["loss"][:_FIRST], trained.measures["losses_at_ends"][:_FIRST]
    epochs = np.arange(1, len(mean) + 1)
    for x, values, look, colour, label in (
        (epochs, mean, "o-", style.BLUE, _printed(trained)),
        (epochs, ends, "^--", style.GREEN, _at_the_end(trained)),
        (epochs, trained.history["val_loss"][:_FIRST], "s-", style.VERMILION, _validation(trained)),
    ):
        axes.plot(x, values, look, color=colour, label=label)
    axes.set_ylim(bottom=0)
    _label(axes, trained)
    return figure


def overfitting(trained: Trained) -> Figure:
    """Loss and accuracy over all epochs, with the epoch at which the validation loss is lowest."""
    title = trained.text(
        f": {len(trained.data.x_train)} images learned by heart",
        f"：死记 {len(trained.data.x_train)} 张图像",
    )
    figure = style.new_figure(trained.title + title, figsize=(9.6, 4.4))
    left, right = figure.subplots(1, 2)
    best = trained.measures["best_epoch"]
    epochs = np.arange(1, len(trained.history["loss"]) + 1)
    for axes, metric in ((left, "loss"), (right, "accuracy")):
        axes.plot(
            epochs,
            trained.history[metric],
            color=style.BLUE,
            label=trained.text("Training", "训练"),
        )
        values = trained.history[f"val_{metric}"]
        axes.plot(epochs, values, color=style.VERMILION, label=trained.text("Validation", "验证"))
        axes.axvline(best, color=style.GREY, ls=":")
    text = trained.text(f"lowest validation loss,\nepoch {best}", f"验证损失最低，\n第 {best} 轮")
    left.annotate(text, (best, 0.97), (6, 0), ("data", "axes fraction"), "offset points", va="top")
    left.set_ylim(bottom=0)
    _label(left, trained)
    style.count_axis(right, trained.text("Epoch", "轮次 (epoch)"))
    right.set_ylabel(trained.text("Accuracy (% of images)", "准确率（占图像的 %）"))
    right.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    right.legend()
    return figure


def remedies(trained: Trained) -> Figure:
    """Validation loss with dropout, and with more images, beside the network itself."""
    figure = style.new_figure(trained.title + trained.text(": what helps", "：怎样改善"))
    axes = figure.subplots()
    own = trained.text(f"{len(trained.data.x_train)} images", f"{len(trained.data.x_train)} 张图像")
    looks = ((style.VERMILION, "-"), (style.BLUE, "--"), (style.GREEN, "-."))
    networks = [(own, trained), *((one.title, one) for one in trained.companions.values())]
    for (label, one), (colour, look) in zip(networks, looks, strict=True):
        losses = one.history["val_loss"]
        best = int(np.argmin(losses))
        axes.plot(np.arange(1, len(losses) + 1), losses, look, color=colour, label=label)
        axes.plot(best + 1, losses[best], "o", color=colour)
    axes.plot(
        [], [], "o", color=style.GREY, label=trained.text("lowest: stop here", "最低点：在此停止")
    )
    axes.set_ylim(bottom=0)
    _label(axes, trained)
    axes.set_ylabel(trained.text("Validation loss (nats)", "验证损失（奈特）"))
    return figure


def _printed(trained: Trained) -> str:
    return trained.text("Training, mean over the epoch (printed)", "训练：整轮的平均（打印值）")


def _at_the_end(trained: Trained) -> str:
    return trained.text("Training, at the end of the epoch", "训练：该轮结束时")


def _validation(trained: Trained) -> str:
    return trained.text("Validation, at the end of the epoch", "验证：该轮结束时")


def _label(axes: Axes, trained: Trained) -> None:
    style.count_axis(axes, trained.text("Epoch", "轮次 (epoch)"))
    axes.set_ylabel(loss_label(getattr(trained.model, "loss", None), trained.lang))
    axes.legend()
