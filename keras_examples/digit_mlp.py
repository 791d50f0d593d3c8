"""Sigmoid network that reads digits, the "Hello World" of deep learning (13,002 parameters).

The article's first network: the brightness of 784 pixels lights up 16 neurons, these light up 16
more, and the brightest of ten output neurons is the digit. How it learns is Michael Nielsen's way,
whom the article follows ("Neural Networks and Deep Learning", chapter 1).

- Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black)
  to 255 (white), which the network divides by 255: a pixel is an activation between 0 and 1. The
  targets are ten activations, 1 for the digit and 0 for the others.
- Network: 784 → 16 → 16 → 10, each layer sigmoid(W·a + b): 12,960 weights, which say what a neuron
  looks for, and 42 biases, which say how much of it the neuron wants before it fires.
- Training: mean squared error, plain stochastic gradient descent, 30 epochs of batches of 10. η is
  15.0, which is Nielsen's 3.0: his cost is ½‖y − a‖², five times Keras's mean over ten outputs.
- Article 000: 深度学习基础(一).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from keras_examples import datasets, figures
from keras_examples.core import Example, Trained
from keras_examples.figures import style
from keras_examples.inference import pictures

SIZES = (16, 16, 10)
STRONGEST = 32  # connections drawn between two layers


def build_model(*, learning_rate: float = 15.0) -> keras.Model:
    """Builds and compiles the network.

    Args:
        learning_rate: Nielsen's η for Keras's mean over the ten outputs, above 0.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the activations
        of the ten output neurons, shape `(batch, 10)`, each between 0 and 1. Its targets are
        one-hot, shape `(batch, 10)`.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            *(
                layers.Dense(
                    units,
                    activation="sigmoid",
                    # Nielsen's start, for weights and biases alike.
                    kernel_initializer=keras.initializers.RandomNormal(stddev=1.0),
                    bias_initializer=keras.initializers.RandomNormal(stddev=1.0),
                )
                for units in SIZES
            ),
        ],
        name="digit_mlp",
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="mean_squared_error",
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
    )
    return model


def load_data(
    data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> datasets.Dataset:
    """Loads MNIST, with each label as the ten activations that it asks for.

    Args:
        data: `"auto"`, `"real"` or `"stand-in"`, see `keras_examples.datasets.load`.
        data_dir: Folder that holds the real data, if not the usual places.

    Returns:
        The data set; images `uint8`, shape `(n, 28, 28)`, one-hot targets `float32`, shape
        `(n, 10)`.
    """
    mnist = datasets.load("mnist", data=data, data_dir=data_dir)
    one_hot = np.eye(10, dtype=np.float32)
    return dataclasses.replace(mnist, y_train=one_hot[mnist.y_train], y_test=one_hot[mnist.y_test])


def activations(model: keras.Model, image: np.ndarray) -> list[np.ndarray]:
    """Returns how strongly each neuron fires at one image, layer by layer.

    Args:
        model: A model of `build_model()`.
        image: One image, shape `(28, 28)`, pixels 0 to 255.

    Returns:
        The activations, each between 0 and 1: of the 784 pixels, of both hidden layers and of the
        output layer, shapes `(784,)`, `(16,)`, `(16,)` and `(10,)`.
    """
    # Layer by layer: a model made for each image would stay in memory, and the demo asks often.
    values, fired = image[None], []
    for layer in model.layers:
        values = layer(values)
        fired.append(np.asarray(values)[0])
    return fired[1:]  # the first layer only rescales


def lit_network(trained: Trained) -> Figure:
    """A digit, the neurons that it lights up, and the connections that carry most."""
    x, y = trained.data.evaluation
    nine = int(y[:, 9].argmax())  # the article's digit
    fired = activations(trained.model, x[nine])
    answer = int(fired[-1].argmax())
    title = trained.say(
        f": what a 9 lights up (answer: {answer})", f"：数字 9 点亮的神经元（回答：{answer}）"
    )
    figure = style.new_figure(trained.title + title, figsize=(10.0, 4.5))
    axes = figure.subplots()
    lit = light_up(axes, trained.model, fired, trained.say)
    figure.colorbar(lit, ax=axes, shrink=0.7, pad=0.01).set_label(
        trained.say("Activation (0 to 1)", "激活值（0 到 1）")
    )
    return figure


def light_up(
    axes: Axes,
    model: keras.Model,
    fired: list[np.ndarray],
    say: Callable[[str, str], str],
    *,
    size: float = 95,
) -> AxesImage:
    """Draws the network with its neurons lit.

    Args:
        axes: What to draw on.
        model: A model of `build_model()`.
        fired: What `activations()` returned of it.
        say: Picks the English or the Chinese of two texts.
        size: Area of a neuron, in square points.

    Returns:
        The image of the pixels, for a colour bar.
    """
    axes.set(xlim=(-1, 89), ylim=(30, -4), facecolor="#202020", xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    pixels = fired[0].reshape(28, 28)
    lit = axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, extent=(0, 28, 28, 0))
    places = _places(fired)
    for number, layer in enumerate(_dense(model)):
        _connect(axes, fired[number], layer, places[number], places[number + 1])
    shade: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 1, "ec": "white"}
    for neurons, where in zip(fired[1:], places[1:], strict=True):
        axes.scatter(where[:, 0], where[:, 1], s=size, c=neurons, zorder=3, **shade)
    answer = int(fired[-1].argmax())
    for digit, (left, top) in enumerate(places[-1]):
        text = f"{digit}   {fired[-1][digit]:.2f}"
        axes.text(left + 2, top, text, color="white" if digit == answer else "#A0A0A0", va="center")
    _name_layers(axes, say, places)
    return lit


def _dense(model: keras.Model) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, layers.Dense)]


def _places(fired: list[np.ndarray]) -> list[np.ndarray]:
    """Returns where each neuron is drawn, shape `(neurons, 2)` a layer; a pixel is 1×1."""
    down, across = np.divmod(np.arange(784), 28)
    pixels = np.column_stack([across, down]) + 0.5
    columns = [
        np.column_stack(
            [np.full(len(neurons), left), 28 * (np.arange(len(neurons)) + 0.5) / len(neurons)]
        )
        for neurons, left in zip(fired[1:], (46.0, 63.0, 80.0), strict=True)
    ]
    return [pixels, *columns]


def _connect(axes: Axes, fired: np.ndarray, layer: Any, start: np.ndarray, end: np.ndarray) -> None:
    """Draws the connections that add or take away most: weight times activation."""
    carried = fired[:, None] * np.asarray(layer.kernel)
    picked = np.argsort(-np.abs(carried), axis=None)[:STRONGEST]
    sources, targets = np.unravel_index(picked, carried.shape)
    share = carried[sources, targets] / np.abs(carried).max()
    axes.add_collection(
        LineCollection(
            list(np.stack([start[sources], end[targets]], axis=1)),
            colors=np.where(share > 0, style.SKY, style.ORANGE).tolist(),
            linewidths=2 * np.abs(share),
            alpha=0.8,
        )
    )


def _name_layers(axes: Axes, say: Callable[[str, str], str], places: list[np.ndarray]) -> None:
    names = (
        say("784 pixels", "784 个像素"),
        say("Hidden, 16", "隐藏层，16"),
        say("Hidden, 16", "隐藏层，16"),
        say("Output, 10", "输出层，10"),
    )
    for name, where in zip(names, places, strict=True):
        axes.text(where[:, 0].mean(), -2, name, color="white", ha="center", va="center")
    for colour, name in (
        (style.SKY, say("excites (weight × activation > 0)", "兴奋（权重 × 激活值 > 0）")),
        (style.ORANGE, say("inhibits (< 0)", "抑制（< 0）")),
    ):
        axes.plot([], [], color=colour, label=name)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)


def first_weights(trained: Trained) -> Figure:
    """The weights of each neuron of the first layer, as an image of what it looks for.

    Pixels that no training image lights, near the border, keep the weights that they began with.
    """
    title = trained.say(": what the first 16 neurons look for", "：第一层 16 个神经元寻找的图案")
    figure = style.new_figure(trained.title + title, figsize=(7.4, 6.6))
    images = np.asarray(_dense(trained.model)[0].kernel).T.reshape(-1, 28, 28)
    most = float(np.abs(images).max())
    grid = figure.subplots(4, 4)
    for number, (axes, image) in enumerate(zip(grid.flat, images, strict=True), start=1):
        drawn = axes.imshow(image, cmap="RdBu", vmin=-most, vmax=most)
        axes.set_title(str(number), fontsize=9)
        axes.axis("off")
    figure.colorbar(drawn, ax=grid, shrink=0.8).set_label(
        trained.say(
            "Weight of the pixel (blue excites, red inhibits)", "像素的权重（蓝色兴奋，红色抑制）"
        )
    )
    return figure


EXAMPLE = Example(
    name="digit-mlp",
    title={"en": "Sigmoid network on MNIST", "zh": "Sigmoid 神经网络（MNIST）"},
    article="000",
    load_data=load_data,
    build_model=build_model,
    epochs=30,
    batch_size=10,
    figures=(figures.loss, figures.accuracy, lit_network, first_weights),
    classes=datasets.CLASS_NAMES["mnist"],
    picture=pictures.prepare_digit,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
