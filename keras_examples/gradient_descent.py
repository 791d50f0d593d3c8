"""Gradient descent by hand: logistic regression with one weight and one bias (2 parameters).

With ŷ = σ(x w + b) and the mean cross-entropy as the cost, the gradient over m samples is
dw = xᵀ(ŷ − y)/m and db = mean(ŷ − y). The page finds it in NumPy, sample by sample and all at once,
and follows it down for three learning rates. From article 003, 梯度下降.

Data: 200 numbers x, computed: 100 around 0 of class 0 and 100 around 2 of class 1. The classes
overlap, so the cost is lowest at a finite w and b. Nothing is held out.

Example:
    >>> from keras_examples.gradient_descent import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=200, epochs=40)
    >>> w, b = model.get_weights()
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from keras_examples.core import Example, Rate, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import gradient_descent, loss

LEARNING_RATES = (0.1, 2.0, 9.0)
STEPS = 40


def load_data(points: int = 100) -> Dataset:
    """Computes x and the class of each, both `float32`, shape `(2 * points, 1)`.

    Args:
        points: How many of either class.
    """
    random = np.random.default_rng(0)
    y = np.repeat(np.array([0, 1], np.float32), points)[:, None]
    x = random.normal(2 * y, 1).astype(np.float32)
    return Dataset.computed("two bells", (x, y), class_names=(Text("0", "0"), Text("1", "1")))


@builder
def build_model(*, learning_rate: Rate = 2.0) -> keras.Model:
    """Builds and compiles one sigmoid unit.

    Args:
        learning_rate: Step of gradient descent, above 0.

    Returns:
        A compiled model from x, shape `(batch, 1)`, to the probability of class 1, shape
        `(batch, 1)`. Its weight and bias start at 0.
    """
    model = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(1, activation="sigmoid", kernel_initializer="zeros"),
        ]
    )
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Returns σ(z)."""
    return np.asarray(1 / (1 + np.exp(-z)))


def cost(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray) -> float:
    """Returns the mean cross-entropy over all samples, in nats."""
    y_hat = sigmoid(x @ w + b)
    return float(-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)).mean())


def gradient(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the gradient of the cost over all samples at once.

    Args:
        x: Samples, shape `(m, n)`.
        y: Their classes, 0 or 1, shape `(m, 1)`.
        w: Weights, shape `(n, 1)`.
        b: Bias, shape `(1,)`.

    Returns:
        dw and db, in the shapes of w and b.
    """
    y_hat = sigmoid(x @ w + b)
    dw = x.T @ (y_hat - y) / len(x)
    db = (y_hat - y).mean(axis=0)
    return dw, db


def gradient_by_loop(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the same as `gradient` one sample after the other, from the same arguments."""
    dw, db = np.zeros_like(w), np.zeros_like(b)
    for sample, truth in zip(x, y, strict=True):
        y_hat = sigmoid(sample @ w + b)
        dw += sample[:, None] * (y_hat - truth)
        db += y_hat - truth
    return dw / len(x), db / len(x)


def descend(x: np.ndarray, y: np.ndarray, learning_rate: float, steps: int = STEPS) -> np.ndarray:
    """Goes down the cost by hand, from w = 0 and b = 0.

    Args:
        x: Samples, shape `(m, 1)`.
        y: Their classes, shape `(m, 1)`.
        learning_rate: Length of a step, as a multiple of the gradient.
        steps: Number of steps.

    Returns:
        w and b at the start and after each step, shape `(steps + 1, 2)`.
    """
    w, b = np.zeros((1, 1)), np.zeros(1)
    path = [(w.item(), b.item())]
    for _ in range(steps):
        dw, db = gradient(x, y, w, b)
        w, b = w - learning_rate * dw, b - learning_rate * db
        path.append((w.item(), b.item()))
    return np.array(path)


def measure(trained: Trained) -> dict[str, Any]:
    """Returns the weight and the bias found, and for the figure three descents and the cost."""
    x, y = (array.astype(float) for array in trained.data.evaluation)
    paths = {rate: descend(x, y, rate) for rate in LEARNING_RATES}
    ws, bs = np.linspace(-1, 5, 61), np.linspace(-5, 2, 71)
    costs = [[cost(x, y, np.array([[w]]), np.array([b])) for w in ws] for b in bs]
    w, b = (float(array.item()) for array in trained.model.get_weights())
    return {"w": w, "b": b, "paths": paths, "surface": (ws, bs, np.array(costs))}


EXAMPLE = Example(
    title=Text("Gradient descent by hand", "手算梯度下降"),
    article="003",
    epochs=STEPS,
    batch_size=200,
    figures=(gradient_descent.descent, loss),
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
