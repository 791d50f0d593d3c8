"""Three-layer network with given weights: signals forward, gradients back (23 parameters).

Each layer multiplies what it gets by its weights, adds its biases and applies its activation. The
sums a1 and a2 go through a sigmoid to z1 and z2; the output y is the last sum as it is. With the
article's numbers, every intermediate result can be followed by hand; there is nothing to train.
What a loss asks of each weight goes back the same way, gradient by gradient: backpropagation.
From article 001, 3层神经网络的实现; the chain rule is that of article 003.

Data: the article's one input, x = (1.0, 0.5), and the output that it prints. Computed in float64,
as the article's NumPy does.

Example:
    >>> from keras_examples.three_layer_network import build_model, load_data, signals
    >>> data, model = load_data(), build_model()
    >>> signals(model, data.x_train)["y"].round(8)
    array([[0.31682708, 0.69627909]])
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import keras
import numpy as np
from keras import layers

from keras_examples.core import Bounds, Example, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import three_layer_network

W1, B1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), np.array([0.1, 0.2, 0.3])
W2, B2 = np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]), np.array([0.1, 0.2])
W3, B3 = np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2])
TARGET = np.array(
    [[0.0, 1.0]]
)  # what the gradients shall bring y closer to; ours, not the article's


def load_data() -> Dataset:
    """Returns the article's input and the output that it prints, `float64`, shape `(1, 2)`."""
    x, y = np.array([[1.0, 0.5]]), np.array([[0.31682708, 0.69627909]])
    return Dataset.computed("one input", (x, y))


@builder
def build_model(
    *, dtype: Annotated[str, Bounds(choices=("float32", "float64"))] = "float64"
) -> keras.Model:
    """Builds and compiles the network, with the article's weights in it.

    Args:
        dtype: What to compute in.

    Returns:
        A compiled model from inputs, shape `(batch, 2)`, to outputs, shape `(batch, 2)`. Its layers
        are named after the article's symbols: a1, z1, a2, z2, y.
    """
    model = keras.Sequential(
        [
            keras.Input((2,), dtype=dtype),
            layers.Dense(3, dtype=dtype, name="a1"),
            layers.Activation("sigmoid", dtype=dtype, name="z1"),
            layers.Dense(2, dtype=dtype, name="a2"),
            layers.Activation("sigmoid", dtype=dtype, name="z2"),
            layers.Dense(2, dtype=dtype, name="y"),
        ]
    )
    model.set_weights([W1, B1, W2, B2, W3, B3])
    model.compile("sgd", "mean_squared_error")
    return model


def signals(model: keras.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    """Follows inputs through the network.

    Args:
        model: The network.
        x: Inputs, shape `(batch, 2)`.

    Returns:
        What each layer makes of them, by its name, shape `(batch, units)`.
    """
    every = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    # A call keeps the inputs' float64, where `predict` would round them to float32.
    found = every(keras.ops.convert_to_tensor(x))
    return {
        layer.name: np.asarray(keras.ops.convert_to_numpy(values))
        for layer, values in zip(model.layers, found, strict=True)
    }


class Backward(NamedTuple):
    """A loss, and its gradient with respect to every signal and every weight."""

    loss: float
    signals: dict[str, np.ndarray]
    weights: list[np.ndarray]


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Returns σ(a)."""
    return np.asarray(1 / (1 + np.exp(-a)))


def backpropagate(
    weights: list[np.ndarray], x: np.ndarray, target: np.ndarray = TARGET
) -> Backward:
    """Finds the gradients of the mean squared error by the chain rule, from the output back.

    Args:
        weights: W1, B1, W2, B2, W3, B3, as `model.get_weights()` returns them.
        x: Inputs, shape `(batch, 2)`.
        target: The outputs wanted, shape `(batch, 2)`.

    Returns:
        The loss; the gradients of y, z2, a2, z1 and a1, by name; those of the weights, in order.
    """
    w1, b1, w2, b2, w3, b3 = weights
    z1 = sigmoid(x @ w1 + b1)
    z2 = sigmoid(z1 @ w2 + b2)
    y = z2 @ w3 + b3
    loss = float(((y - target) ** 2).mean())

    dy = 2 * (y - target) / y.size
    dz2 = dy @ w3.T
    da2 = dz2 * z2 * (1 - z2)  # the sigmoid's derivative, from its own value
    dz1 = da2 @ w2.T
    da1 = dz1 * z1 * (1 - z1)
    backward = ((x, da1), (z1, da2), (z2, dy))
    found = [part for signal, d in backward for part in (signal.T @ d, d.sum(axis=0))]
    return Backward(loss, {"y": dy, "z2": dz2, "a2": da2, "z1": dz1, "a1": da1}, found)


def measure(trained: Trained) -> dict[str, Any]:
    """Returns the two outputs, the signals on the way there, and the gradients on the way back."""
    x, _ = trained.data.evaluation
    y1, y2 = map(float, trained.outputs[0])
    back = backpropagate(trained.model.get_weights(), x)
    return {"y1": y1, "y2": y2, "signals": signals(trained.model, x), "gradients": back}


EXAMPLE = Example(
    title=Text("Three-layer network", "三层神经网络"),
    article="001",
    epochs=0,
    batch_size=1,
    figures=(three_layer_network.network, three_layer_network.gradients),
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
