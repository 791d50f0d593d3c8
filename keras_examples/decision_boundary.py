"""Decision boundary with and without an activation: a disc inside a ring (33 parameters).

However many layers there are, without an activation the boundary between two classes is a straight
line. With ReLU between the layers it bends, and closes around the disc.

- Data: points of the plane, computed: a disc of radius 1 (class 0) inside a ring from 1.5 to 2.5
  (class 1), each evenly covered; 500 training and 500 test points of either class.
- Network: Dense 8, with ReLU or no activation, Dense 1 sigmoid. Adam with learning rate 0.01,
  binary cross-entropy, 30 epochs of batches of 32.
- Article 003: 【深度学习】含神经网络、CNN、RNN推理, 激活函数.
"""

from __future__ import annotations

import dataclasses
import functools

import keras
import numpy as np
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_examples import datasets, figures
from keras_examples.core import Example, Trained
from keras_examples.figures import style

EDGE = 2.8


def build_model(
    *, activation: str | None = "relu", units: int = 8, learning_rate: float = 0.01
) -> keras.Model:
    """Builds and compiles the network of two layers.

    Args:
        activation: Keras's name of the hidden layer's activation; None for none.
        units: Neurons in the hidden layer.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from points, shape `(batch, 2)`, to the probability of class 1, shape
        `(batch, 1)`.
    """
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(units, activation=activation),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="decision_boundary",
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def load_data(points: int = 500) -> datasets.Dataset:
    """Computes the disc and the ring.

    Args:
        points: How many points of either class to train on, and as many to test on.

    Returns:
        The data set; points `float32`, shape `(2 * points, 2)`, from −2.5 to 2.5; classes
        `float32`, shape `(2 * points, 1)`: 0 in the disc, 1 in the ring.
    """
    random = np.random.default_rng(0)
    return datasets.Dataset.computed(
        "disc and ring",
        _disc_and_ring(points, random),
        _disc_and_ring(points, random),
        {"en": ("disc", "ring"), "zh": ("圆盘", "圆环")},
    )


def _disc_and_ring(points: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    angle = random.uniform(0, 2 * np.pi, 2 * points)
    # Area grows with the square of the radius, so it is the square that is spread evenly.
    radius = np.sqrt(
        np.append(random.uniform(0, 1, points), random.uniform(1.5**2, 2.5**2, points))
    )
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x.astype(np.float32), np.repeat(np.array([0, 1], np.float32), points)[:, None]


def accuracy_without_activation(trained: Trained) -> dict[str, float]:
    """Measures the companion's accuracy on the test set, to set beside the example's own."""
    return {"linear_val_accuracy": trained.companions["linear"].history["val_accuracy"][-1]}


def boundaries(trained: Trained) -> Figure:
    """The test points and the boundary between the classes, without and with an activation."""
    figure = style.new_figure(
        trained.say(
            "Without an activation a boundary is straight, with ReLU it bends",
            "没有激活函数，边界是直线；有 ReLU，边界可以弯曲",
        ),
        figsize=(9.6, 5.2),
    )
    left, right = figure.subplots(1, 2, sharey=True)
    _boundary(left, trained.companions["linear"], trained.say("No activation", "无激活函数"))
    _boundary(right, trained, "ReLU")
    left.set_ylabel("x2")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


def _boundary(axes: Axes, one: Trained, title: str) -> None:
    side = np.linspace(-EDGE, EDGE, 201, dtype=np.float32)
    x1, x2 = np.meshgrid(side, side)
    plane = np.stack([x1.ravel(), x2.ravel()], axis=1)
    ring = one.model.predict(plane, batch_size=len(plane), verbose=0).reshape(x1.shape)
    axes.contourf(x1, x2, ring, levels=[0, 0.5, 1], colors=[style.ORANGE, style.SKY], alpha=0.3)
    if ring.min() < 0.5 < ring.max():  # else all is one class, and matplotlib warns of no line
        axes.contour(x1, x2, ring, levels=[0.5], colors=[style.BLACK])
    x, y = one.data.evaluation
    names = one.data.class_names[one.lang]
    for label, colour, marker in ((0, style.VERMILION, "o"), (1, style.BLUE, "x")):
        chosen = x[y[:, 0] == label]
        axes.plot(
            *chosen.T, marker, color=colour, markersize=3, markeredgewidth=1, label=names[label]
        )
    for label, colour in ((0, style.ORANGE), (1, style.SKY)):
        text = one.say(f"taken for {names[label]}", f"判为{names[label]}")
        axes.fill([], [], color=colour, alpha=0.3, label=text)
    right = one.history["val_accuracy"][-1]
    axes.set_title(title + one.say(f": {right:.1%} right", f"：{right:.1%} 正确"))
    axes.set(xlabel="x1", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")


LINEAR = Example(
    name="decision-boundary-linear",
    title={"en": "Decision boundary without an activation", "zh": "无激活函数的决策边界"},
    article="003",
    load_data=load_data,
    build_model=functools.partial(build_model, activation=None),
    epochs=30,
    batch_size=32,
    figures=(),
)
EXAMPLE = dataclasses.replace(
    LINEAR,
    name="decision-boundary",
    title={"en": "Decision boundary with ReLU", "zh": "有 ReLU 的决策边界"},
    build_model=build_model,
    figures=(boundaries, figures.loss),
    companions={"linear": LINEAR},
    measure=accuracy_without_activation,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
