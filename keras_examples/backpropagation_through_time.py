"""Backpropagation through time by hand, and why gradients vanish or explode (131 parameters).

A recurrent network computes hₜ = tanh(xₜ Wx + hₜ₋₁ Wh + b) with the same weights at every step. Its
gradient goes back through the same steps: each multiplies it by tanh′ and by Whᵀ. A product of many
factors below 1 vanishes, of many above 1 explodes. From article 003, 循环神经网络.

Data: the sine of `sine_rnn` in 50 windows of 50 values, each with the value that follows. There is
nothing to train: the gradients are those at the start of training.

Example:
    >>> from keras_examples.backpropagation_through_time import build_model, gradients, load_data
    >>> data, model = load_data(), build_model()
    >>> by_hand, dh = gradients(model.get_weights(), data.x_train, data.y_train)
    >>> by_hand[1].shape, dh.shape
    ((10, 10), (50, 50, 10))
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_examples import sine_rnn
from keras_examples.core import Example, Rate, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import backpropagation_through_time

WINDOW = 50
SCALES = (0.5, 1.0, 2.0)
SEEDS = 5


def load_data() -> Dataset:
    """Cuts the sine into windows, `float32`, shape `(50, 50, 1)`, each with the value after it."""
    return sine_rnn.load_data(window=WINDOW)


@builder
def build_model(*, scale: Rate = 1.0) -> keras.Model:
    """Builds and compiles the recurrent network of `sine_rnn`, for longer windows.

    Args:
        scale: What the recurrent weights Wh are multiplied by, above 0. They start as an orthogonal
            matrix, which changes no vector's length.

    Returns:
        A compiled model from windows, shape `(batch, 50, 1)`, to the next value of each, shape
        `(batch, 1)`.
    """
    model = sine_rnn.build_model(window=WINDOW)
    wx, wh, *rest = model.get_weights()
    model.set_weights([wx, scale * wh, *rest])
    model.compile("sgd", "mean_squared_error")  # nothing is trained, so Adam has nothing to keep
    return model


def gradients(
    weights: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Finds the gradients of the mean squared error by the chain rule, from the last step back.

    Args:
        weights: The model's Wx, Wh, b, and its output's Wy, by.
        x: Windows, shape `(m, steps, 1)`.
        y: The values that follow them, shape `(m, 1)`.

    Returns:
        The gradient of each of the weights, and dh: the gradient of the state after each step,
        shape `(steps, m, units)`.
    """
    wx, wh, b, wy, by = (array.astype(float) for array in weights)
    m, steps, _ = x.shape
    h = np.zeros((steps + 1, m, len(b)))  # h[0] is the state before the first step
    for t in range(steps):
        h[t + 1] = np.tanh(x[:, t] @ wx + h[t] @ wh + b)
    y_hat = h[steps] @ wy + by

    dy = 2 * (y_hat - y) / m
    dwy, dby = h[steps].T @ dy, dy.sum(axis=0)
    dwx, dwh, db, dh = (np.zeros_like(array) for array in (wx, wh, b, h[1:]))
    back = dy @ wy.T
    for t in reversed(range(steps)):
        dh[t] = back
        da = dh[t] * (1 - h[t + 1] ** 2)
        dwx += x[:, t].T @ da
        dwh += h[t].T @ da
        db += da.sum(axis=0)
        back = da @ wh.T
    return [dwx, dwh, db, dwy, dby], dh


def sizes(scale: float, seed: int) -> np.ndarray:
    """Returns how long the gradient of the state is after each step, relative to the last one.

    Args:
        scale: As in `build_model`.
        seed: The seed of the weights.

    Returns:
        Mean lengths over the windows, shape `(steps,)`, 1 at the last.
    """
    keras.utils.set_random_seed(seed)
    data = load_data()
    _, dh = gradients(build_model(scale=scale).get_weights(), data.x_train, data.y_train)
    lengths = np.linalg.norm(dh, axis=2).mean(axis=1)
    return np.asarray(lengths / lengths[-1])


def measure(trained: Trained) -> dict[str, Any]:
    """Returns the gradient's size at the first step, and for the figure at each, for five seeds."""
    found = {scale: np.array([sizes(scale, seed) for seed in range(SEEDS)]) for scale in SCALES}
    first = {
        f"first_step_{100 * scale:g}": float(np.median(of[:, 0])) for scale, of in found.items()
    }
    return {**first, "sizes": found}


EXAMPLE = Example(
    title=Text("Backpropagation through time", "随时间反向传播"),
    article="003",
    epochs=0,
    batch_size=1,
    figures=(backpropagation_through_time.sizes,),
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
