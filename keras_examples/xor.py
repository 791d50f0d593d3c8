"""XOR by two layers: by weights set by hand, then by learned ones (9 parameters).

One neuron draws one straight line, and no line divides XOR. Two hidden neurons draw two: one fires
for "at least one input", OR, the other for "both", AND; XOR is the first without the second.
From article 003, 单层感知器, whose single neuron cannot do it.

Data: the four inputs (0, 0), (0, 1), (1, 0), (1, 1), and 1 where just one of the two is 1. Nothing
is held out, for there are no other inputs.

Example:
    >>> from keras_examples.xor import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=4, epochs=300)
    >>> outputs = model.predict(data.x_train)
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from keras_examples import perceptron
from keras_examples.core import Example, Rate, Recipe, Size, Text, Trained, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import loss, xor

# A sum times 20 makes the sigmoid almost a step. The columns of W1 are the OR and the AND neuron.
W1, B1 = 20 * np.array([[1.0, 1.0], [1.0, 1.0]]), 20 * np.array([-0.5, -1.5])
W2, B2 = 20 * np.array([[1.0], [-1.0]]), 20 * np.array([-0.5])


def load_data() -> Dataset:
    """Returns the truth table of XOR: inputs, shape `(4, 2)`, outputs, shape `(4, 1)`."""
    return perceptron.load_data("xor")


@builder
def build_model(*, units: Size = 2, learning_rate: Rate = 0.1) -> keras.Model:
    """Builds and compiles the network of two layers.

    Args:
        units: Neurons in the hidden layer.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from inputs, shape `(batch, 2)`, to the probability of 1, shape
        `(batch, 1)`.
    """
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(units, activation="sigmoid"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def build_by_hand() -> keras.Model:
    """Builds the same network with weights that solve XOR: OR and not AND."""
    model = build_model()
    model.set_weights([W1, B1, W2, B2])
    return model


def accuracy(trained: Trained) -> dict[str, float]:
    """Measures how many of the four answers are right, by hand-set and by learned weights."""
    _, y = trained.data.evaluation
    by_hand = trained.companions["by-hand"].outputs
    return {
        "right": int(((trained.outputs > 0.5) == y).sum()),
        "by_hand_right": int(((by_hand > 0.5) == y).sum()),
    }


EXAMPLE = Example(
    title=Text("XOR by two layers", "用两层网络实现异或"),
    article="003",
    epochs=300,
    batch_size=4,
    figures=(xor.regions, loss),
    companions={
        "by-hand": Recipe(
            title=Text("XOR by hand-set weights", "手工设定权重的异或"),
            build_model=build_by_hand,
            epochs=0,
        )
    },
    measure=accuracy,
)

if __name__ == "__main__":
    EXAMPLE.main()
