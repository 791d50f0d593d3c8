"""Decision boundary with and without an activation: a disc inside a ring (33 parameters).

However many layers there are, without an activation the boundary between two classes is a straight
line. With ReLU between the layers it bends, where it meets a neuron's line, and closes around the
disc. The best straight line gets 68.7% of the test points right, the learned one 49.2%: the
loss is cross-entropy, and for that no line at all is better than any. From article 003, 激活函数:
its pair of pictures is lost, so the points are a design of this project.

Data: points of the plane, computed: a disc of radius 1 (class 0) inside a ring from 1.5 to 2.5
(class 1), each evenly covered; 500 training and 500 test points of either class.

Example:
    >>> from keras_examples.decision_boundary import build_model, load_data
    >>> data, model = load_data(), build_model(activation="relu")  # or None, for a straight line
    >>> model.fit(data.x_train, data.y_train, batch_size=32, epochs=30, validation_data=data.test)
    >>> loss, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from keras_examples.core import Example, Rate, Recipe, Size, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import decision_boundary, loss


def load_data(points: int = 500) -> Dataset:
    """Computes points `float32`, shape `(n, 2)`, and their classes, `float32`, shape `(n, 1)`.

    Args:
        points: How many points of either class to train on, and as many to test on.
    """
    random = np.random.default_rng(0)
    train, test = _disc_and_ring(points, random), _disc_and_ring(points, random)
    classes = (Text("disc", "圆盘"), Text("ring", "圆环"))
    return Dataset.computed("disc and ring", train, test, classes)


def _disc_and_ring(points: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    angle = random.uniform(0, 2 * np.pi, 2 * points)
    # Area grows with the square of the radius, so it is the square that is spread evenly.
    radius = np.sqrt(
        np.append(random.uniform(0, 1, points), random.uniform(1.5**2, 2.5**2, points))
    )
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x.astype(np.float32), np.repeat(np.array([0, 1], np.float32), points)[:, None]


@builder
def build_model(
    *, activation: str | None = "relu", units: Size = 8, learning_rate: Rate = 0.01
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
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def best_line(x: np.ndarray, y: np.ndarray, directions: int = 360) -> tuple[np.ndarray, float]:
    """Searches for the straight line that tells most points right, in each of many directions.

    Args:
        x: Points, shape `(n, 2)`.
        y: Their classes, 0 or 1, shape `(n, 1)`.
        directions: How many directions to try, evenly spaced.

    Returns:
        The unit vector `normal` across the line, towards class 1, and `offset`: class 1 is where
        `x @ normal > offset`.
    """
    found: tuple[int, np.ndarray, float] = (-1, np.zeros(2), 0.0)
    for angle in np.linspace(0, 2 * np.pi, directions, endpoint=False):
        normal = np.array([np.cos(angle), np.sin(angle)])
        places = x @ normal
        order = np.argsort(places)
        ring = y[order, 0]
        # With the line behind the k-th point: class 0 up to there, class 1 after it.
        right = np.cumsum(1 - ring) + ring.sum() - np.cumsum(ring)
        last = int(right[:-1].argmax())
        if right[last] > found[0]:
            found = int(right[last]), normal, float(places[order[last : last + 2]].mean())
    return found[1:]


def measure(trained: Trained) -> dict[str, Any]:
    """Measures what straight lines get right of the test set, to set beside the example's own.

    One is the companion's, learned; the other the best there is for the very points it is measured
    on.
    """
    x, y = trained.data.evaluation
    normal, offset = best_line(x, y)
    return {
        "linear_val_accuracy": trained.companions["linear"].history["val_accuracy"][-1],
        "best_line_val_accuracy": float(((x @ normal > offset) == (y[:, 0] == 1)).mean()),
        "best_line": (normal, offset),
    }


EXAMPLE = Example(
    title=Text("Decision boundary with ReLU", "有 ReLU 的决策边界"),
    article="003",
    epochs=30,
    batch_size=32,
    figures=(decision_boundary.boundaries, loss),
    companions={
        "linear": Recipe(
            title=Text("Decision boundary without an activation", "无激活函数的决策边界"),
            model={"activation": None},
        )
    },
    measure=measure,
    animation=decision_boundary.bending,
    frame=decision_boundary.frame,
)

if __name__ == "__main__":
    EXAMPLE.main()
