"""Activation functions and their derivatives: step, sigmoid, tanh, ReLU, softplus, softmax.

What a neuron makes of its weighted sum. The derivative says how much of an error comes back through
it: where it is about 0 the function is saturated, and what lies before it hardly learns anything.
The network is an activation and nothing else, without parameters: there is nothing to train. The
step is 1 above 0; the perceptron's, of article 003, is 1 at 0 too. From article 001, 激活函数, and
article 002, 深度学习常用的激活函数.

Data: the scores 1010, 1000 and 990, for which softmax overflows when it is computed as it is
written, and the probabilities that the article prints for them.

Example:
    >>> from keras_examples.activations import build_model, load_data, naive_softmax
    >>> data, model = load_data(), build_model()
    >>> naive_softmax(data.x_train)
    array([[nan, nan, nan]])
    >>> model.predict(data.x_train, verbose=0).round(5)
    array([[9.9995e-01, 5.0000e-05, 0.0000e+00]], dtype=float32)
"""

from __future__ import annotations

from typing import Annotated, Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from keras_examples.core import Bounds, Example, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import activations

ACTIVATIONS = ("step", "sigmoid", "tanh", "relu", "softplus", "softmax")


def load_data() -> Dataset:
    """Returns the article's scores and their probabilities, both `float64`, shape `(1, 3)`."""
    scores = np.array([[1010.0, 1000.0, 990.0]])
    probabilities = np.array([[9.99954600e-01, 4.53978686e-05, 2.06106005e-09]])
    return Dataset.computed("three scores", (scores, probabilities))


def step(x: Any) -> Any:
    """Returns 1 where `x > 0` and 0 elsewhere."""
    return ops.cast(x > 0, x.dtype)


keras.saving.register_keras_serializable("keras_examples")(step)


@builder
def build_model(
    *,
    activation: Annotated[str, Bounds(choices=ACTIVATIONS)] = "softmax",
    dtype: Annotated[str, Bounds(choices=("float32", "float64"))] = "float32",
) -> keras.Model:
    """Builds and compiles a model that is an activation and nothing else.

    Args:
        activation: `"step"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"softplus"` or `"softmax"`.
        dtype: What to compute in, `"float32"` or `"float64"`.

    Returns:
        A compiled model from sums, shape `(batch, n)` for any `n`, to what the activation makes of
        them, of the same shape. Softmax goes over the last axis, the others by element.
    """
    function = step if activation == "step" else activation
    model = keras.Sequential(
        [keras.Input((None,), dtype=dtype), layers.Activation(function, dtype=dtype)]
    )
    model.compile("sgd", "mean_squared_error")
    return model


def curve(activation: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes an activation and its derivative, by automatic differentiation.

    Needs TensorFlow as the backend of Keras, to differentiate.

    Args:
        activation: As for `build_model()`. Softmax is that of (x, 1, −1), and its first output.
        x: Where, shape `(n,)`.

    Returns:
        Its values and its derivative with respect to `x`, both `float64`, shape `(n,)`.
    """
    model = build_model(activation=activation, dtype="float64")
    points = tf.constant(x[:, None], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(points)
        inputs = points
        if activation == "softmax":
            inputs = tf.concat([points, tf.ones_like(points), -tf.ones_like(points)], axis=1)
        values = model(inputs)[:, :1]
    # The step is flat wherever it has a derivative, so nothing connects it to its input.
    slope = tape.gradient(values, points, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return values.numpy()[:, 0], slope.numpy()[:, 0]


def naive_softmax(scores: np.ndarray) -> np.ndarray:
    """Computes softmax as it is written, without care for overflow.

    Args:
        scores: Shape `(batch, n)`.

    Returns:
        The probabilities, of the same shape; NaN where the exponential of a score is infinite,
        which it is above 709 in `float64`.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        exponentials = np.exp(scores)
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def measure(trained: Trained) -> dict[str, Any]:
    """Computes the curves from −6 to 6, and softmax in both forms as the scores grow.

    The largest derivative of the functions that squash is the most of an error that comes back.
    """
    x = np.linspace(-6, 6, 1201)
    curves = {name: curve(name, x) for name in ACTIVATIONS}
    scores, _ = trained.data.evaluation
    largest = np.arange(0, scores.max() + 1, 10)
    shifted = scores - scores.max() + largest[:, None]
    return {
        "sigmoid_largest_derivative": float(curves["sigmoid"][1].max()),
        "tanh_largest_derivative": float(curves["tanh"][1].max()),
        "x": x,
        "curves": curves,
        "largest_scores": largest,
        "naive_softmax": naive_softmax(shifted),
        "stable_softmax": np.asarray(build_model(dtype="float64")(ops.convert_to_tensor(shifted))),
    }


EXAMPLE = Example(
    title=Text("Activation functions", "激活函数"),
    article="001",
    epochs=0,
    batch_size=1,
    figures=(activations.curves, activations.overflow),
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
