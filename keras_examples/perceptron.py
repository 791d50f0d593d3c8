"""Perceptron that computes AND, OR and NOT, learns them, and fails on XOR (3 parameters).

One neuron with a threshold: y = 1 where w1·x1 + w2·x2 − θ ≥ 0, and 0 elsewhere. It divides the
plane by a straight line, which is enough for AND, OR and NOT; no line divides XOR. Rosenblatt's
rule learns from mistakes: after each sample the weights, 0 at first, change by η (y − ŷ) x, with
the threshold as the weight of a constant input −1. From article 003, 单层感知器.

Data: the four inputs (0, 0), (0, 1), (1, 0), (1, 1), and what the gate makes of each, 0 or 1; NOT
looks at x1 alone. Nothing is held out, for there are no other inputs.

Example:
    >>> from keras_examples.perceptron import build_model, load_data
    >>> data, model = load_data("and"), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=1, epochs=20)
    >>> outputs = model.predict(data.x_train)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_examples.core import Example, Rate, Recipe, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import perceptron

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
TRUTH = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "not": (1, 1, 0, 0), "xor": (0, 1, 1, 0)}


class Gate(NamedTuple):
    """A perceptron's numbers: it fires where `w1 * x1 + w2 * x2 >= threshold`."""

    w1: float
    w2: float
    threshold: float


ARTICLE_GATES = {"and": Gate(1, 1, 2), "or": Gate(1, 1, 0.5), "not": Gate(-0.6, 0, -0.5)}


def load_data(gate: str = "and") -> Dataset:
    """Returns the truth table of a gate: inputs, shape `(4, 2)`, outputs, shape `(4, 1)`.

    Args:
        gate: `"and"`, `"or"`, `"not"` (of x1) or `"xor"`.
    """
    return Dataset.computed(gate, (INPUTS.copy(), np.array(TRUTH[gate], np.float32)[:, None]))


@keras.saving.register_keras_serializable("keras_examples")
class Perceptron(keras.Model):
    """A perceptron of two inputs that learns by Rosenblatt's rule.

    Its `kernel`, shape `(3, 1)`, holds w1, w2 and θ. It fires at its threshold too, as AND at
    (1, 1) needs it with the article's numbers.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights, all 0."""
        self.kernel = self.add_weight((3, 1), initializer="zeros", name="kernel")
        self.built = True

    def call(self, x: Any) -> Any:
        """Returns 0 or 1 for inputs of shape `(batch, 2)`; shape `(batch, 1)`."""
        sums = ops.matmul(_with_constant(x), self.kernel)
        # A step has no slope to follow. With the sum's in its place, the gradient of the mean
        # absolute error is (ŷ − y) x, averaged over the batch: gradient descent is the rule.
        return ops.cast(sums >= 0, "float32") + (sums - ops.stop_gradient(sums))


def _with_constant(x: Any) -> Any:
    return ops.concatenate([x, -ops.ones_like(x[:, :1])], axis=1)


@builder
def build_model(*, learning_rate: Rate = 1.0) -> keras.Model:
    """Builds and compiles a perceptron whose weights and threshold are 0.

    Args:
        learning_rate: Rosenblatt's η, above 0. From weights of 0 it only scales them; a power of
            two keeps them free of rounding, which matters at the threshold.

    Returns:
        A compiled `Perceptron` from points, shape `(batch, 2)`, to 0 or 1, shape `(batch, 1)`. Its
        loss is the share of points that it gets wrong.
    """
    model = Perceptron(name="perceptron")
    model.build((None, 2))
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, "mean_absolute_error", metrics=["accuracy"])
    return model


def build_gate(gate: str) -> keras.Model:
    """Builds the perceptron of a gate with the article's weights and threshold.

    Args:
        gate: `"and"`, `"or"` or `"not"`.

    Returns:
        A `Perceptron` as `build_model()` makes it, with nothing left to learn.
    """
    model = build_model()
    model.set_weights([np.array(ARTICLE_GATES[gate], np.float32)[:, None]])
    return model


def snapshot(model: keras.Model, data: Any = None) -> np.ndarray:
    """Returns w1, w2 and θ, shape `(3,)`."""
    return np.asarray(model.get_weights()[0][:, 0])


def measure(trained: Trained) -> dict[str, Any]:
    """Counts the inputs, of four, that the learned perceptron of each gate gets wrong."""
    errors = {
        f"{one.data.name}_errors": float((one.outputs != one.data.y_train).sum())
        for one in (trained, *trained.companions.values())
    }
    return {**errors, "article": ARTICLE_GATES}


EXAMPLE = Example(
    title=Text("Perceptron: logic gates", "感知器：逻辑门"),
    article="003",
    epochs=20,
    batch_size=1,
    figures=(perceptron.gates, perceptron.errors_per_epoch),
    companions={
        gate: Recipe(
            title=Text(f"Perceptron: {gate.upper()}", f"感知器：{gate.upper()}"),
            data={"gate": gate},
        )
        for gate in ("or", "not", "xor")
    },
    measure=measure,
    snapshot=snapshot,
)

if __name__ == "__main__":
    EXAMPLE.main()
