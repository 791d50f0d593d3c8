"""The figures of logistic regression: its cost, and what it weighs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def cost(trained: Trained) -> Figure:
    """The cost over the steps of gradient descent, on both sets of images at the same weights.

    In an iteration the cost of the training set is taken before its step, that of the test set
    after it.
    """
    figure = style.new_figure(f"{trained.title}{trained.text(': cost', '：代价')}")
    axes = figure.subplots()
    for key, first, dashes, colour, label in (
        ("loss", 0, "-", style.BLUE, trained.text("Training set", "训练集")),
        ("val_loss", 1, "--", style.VERMILION, trained.text("Test set", "测试集")),
    ):
        values = trained.history[key]
        steps = first + np.arange(len(values))
        axes.plot(steps, values, dashes, color=colour, label=label)
    style.count_axis(axes, trained.text("Steps of gradient descent taken", "已走的梯度下降步数"))
    axes.set_ylabel(trained.text("Cost (mean cross-entropy, nats)", "代价（平均交叉熵，奈特）"))
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


def weights(trained: Trained) -> Figure:
    """The weights as an image, beside the average of either class."""
    x, y = trained.data.evaluation
    kernel = trained.model.get_weights()[0].reshape(28, 28)
    figure = style.new_figure(
        f"{trained.title}{trained.text(': weights', '：权重')}", figsize=(9.6, 3.6)
    )
    boots, others, learned = figure.subplots(1, 3)
    boots.imshow(x[y[:, 0] == 1].mean(axis=0), vmin=0, vmax=255)
    boots.set_title(trained.text("Average ankle boot", "短靴的平均图像"))
    others.imshow(x[y[:, 0] == 0].mean(axis=0), vmin=0, vmax=255)
    others.set_title(trained.text("Average of all else", "其余类别的平均图像"))
    largest = np.abs(kernel).max()
    image = learned.imshow(kernel, cmap="RdBu", vmin=-largest, vmax=largest)
    learned.set_title(trained.text("Learned weight of each pixel", "学到的每个像素的权重"))
    bar = figure.colorbar(image, ax=learned)
    bar.set_label(trained.text("against  |  for an ankle boot", "不支持  |  支持“短靴”"))
    bar.outline.set_visible(False)
    for axes in (boots, others, learned):
        axes.axis("off")
    return figure
