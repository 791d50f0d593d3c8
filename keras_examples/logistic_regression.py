"""Logistic regression on Fashion-MNIST: is it an ankle boot or not? (785 parameters).

One sigmoid unit answers a yes-or-no question with a probability ŷ = σ(w·x + b). The loss of a
sample is its binary cross-entropy, the cost the mean over all samples, and each iteration of
gradient descent takes one step down the cost of the whole training set.

- Data: Fashion-MNIST, 60,000 training and 10,000 test images of 28×28 pixels, 0 to 255; 1 for an
  ankle boot, 0 for anything else. One image in ten is a boot, so answering "no" to all is right
  for 0.90 of them: precision and recall say more than accuracy does.
- Network: pixels divided by 255, Flatten, Dense 1 sigmoid. Gradient descent with learning rate 0.1,
  200 iterations over all 60,000 samples at once. Pixels up to 255 would need a learning rate 65,025
  times smaller for the same steps of the weights, and the bias would hardly move.
- Article 003: 【深度学习】含神经网络、CNN、RNN推理, logistic 回归. (Its own question, cat or not,
  has no data set.)
"""

from __future__ import annotations

import dataclasses
import os

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

from keras_examples import datasets
from keras_examples.core import Example, Trained
from keras_examples.figures import style
from keras_examples.inference import pictures

ANKLE_BOOT = 9
CLASSES = {"en": ("other", "ankle boot"), "zh": ("其他", "短靴")}


def build_model(*, learning_rate: float = 0.1) -> keras.Model:
    """Builds and compiles one sigmoid unit.

    Args:
        learning_rate: Step of gradient descent, above 0.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the probability
        of "yes", shape `(batch, 1)`. Its weights and bias start at 0.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid", kernel_initializer="zeros"),
        ],
        name="logistic_regression",
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def load_data(
    data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> datasets.Dataset:
    """Loads Fashion-MNIST as a yes-or-no question.

    Args:
        data: `"auto"`, `"real"` or `"stand-in"`, see `keras_examples.datasets.load`.
        data_dir: Folder that holds the real data, if not the usual places.

    Returns:
        The data set; images `uint8`, shape `(n, 28, 28)`, labels `uint8`, shape `(n, 1)`, 1 for an
        ankle boot and 0 for anything else.
    """
    fashion = datasets.load("fashion-mnist", data=data, data_dir=data_dir)
    return dataclasses.replace(
        fashion,
        y_train=_is_boot(fashion.y_train),
        y_test=_is_boot(fashion.y_test),
        class_names=CLASSES,
    )


def _is_boot(labels: np.ndarray) -> np.ndarray:
    return np.asarray(labels == ANKLE_BOOT, np.uint8)[:, None]


def precision_and_recall(trained: Trained) -> dict[str, float]:
    """Measures, on the test set, which share of the "yes" is right and of the boots is found."""
    _, y = trained.data.evaluation
    yes = trained.outputs > 0.5
    found = float((yes & (y == 1)).sum())
    return {"precision": found / max(yes.sum(), 1), "recall": found / max((y == 1).sum(), 1)}


def cost(trained: Trained) -> Figure:
    """The cost over the iterations of gradient descent."""
    figure = style.new_figure(f"{trained.title}{trained.say(': cost', '：代价')}")
    axes = figure.subplots()
    for key, colour, label in (
        ("loss", style.BLUE, trained.say("Training set", "训练集")),
        ("val_loss", style.VERMILION, trained.say("Test set", "测试集")),
    ):
        values = trained.history[key]
        axes.plot(
            np.arange(1, len(values) + 1),
            values,
            "-" if key == "loss" else "--",
            color=colour,
            label=label,
        )
    style.count_axis(axes, trained.say("Iteration of gradient descent", "梯度下降的迭代次数"))
    axes.set_ylabel(trained.say("Cost (mean cross-entropy, nats)", "代价（平均交叉熵，奈特）"))
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


def weights(trained: Trained) -> Figure:
    """The weights as an image, beside the average of either class."""
    x, y = trained.data.evaluation
    kernel = trained.model.get_weights()[0].reshape(28, 28)
    figure = style.new_figure(
        f"{trained.title}{trained.say(': weights', '：权重')}", figsize=(9.6, 3.6)
    )
    boots, others, learned = figure.subplots(1, 3)
    boots.imshow(x[y[:, 0] == 1].mean(axis=0), vmin=0, vmax=255)
    boots.set_title(trained.say("Average ankle boot", "短靴的平均图像"))
    others.imshow(x[y[:, 0] == 0].mean(axis=0), vmin=0, vmax=255)
    others.set_title(trained.say("Average of all else", "其余类别的平均图像"))
    largest = np.abs(kernel).max()
    image = learned.imshow(kernel, cmap="RdBu", vmin=-largest, vmax=largest)
    learned.set_title(trained.say("Weight of each pixel (0 to 1)", "每个像素（0 到 1）的权重"))
    bar = figure.colorbar(image, ax=learned)
    bar.set_label(trained.say("against  |  for an ankle boot", "不支持  |  支持“短靴”"))
    bar.outline.set_visible(False)
    for axes in (boots, others, learned):
        axes.axis("off")
    return figure


EXAMPLE = Example(
    name="logistic-regression",
    title={"en": "Logistic regression (ankle boot or not)", "zh": "Logistic 回归（是不是短靴）"},
    article="003",
    load_data=load_data,
    build_model=build_model,
    epochs=200,
    batch_size=60_000,
    figures=(cost, weights),
    measure=precision_and_recall,
    classes=CLASSES,
    picture=pictures.prepare_garment,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
