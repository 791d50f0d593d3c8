"""Logistic regression on Fashion-MNIST: is it an ankle boot or not? (785 parameters).

One sigmoid unit answers a yes-or-no question with a probability ŷ = σ(w·x + b). The loss of a
sample is its binary cross-entropy, the cost the mean over all samples, and each iteration of
gradient descent takes one step down the cost of the whole training set. The pixels are divided by
255: as they are, they would need a learning rate 65,025 times smaller for the same steps of the
weights, and the bias would hardly move. From article 003, logistic 回归, whose own question (cat or
not) has no data set.

Data: Fashion-MNIST, 60,000 training and 10,000 test images of 28×28 pixels, 0 to 255; 1 for an
ankle boot, 0 for anything else. One image in ten is a boot, so answering "no" to all is right for
0.90 of them: precision and recall say more than accuracy does.

Example:
    >>> from keras_examples.logistic_regression import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(
    ...     data.x_train, data.y_train, batch_size=60_000, epochs=200, validation_data=data.test
    ... )
    >>> cost, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

import keras
from keras import layers

from keras_examples.core import Example, Pictures, Rate, Text, Trained, builder
from keras_examples.datasets import Dataset, PathLike, fashion_mnist
from keras_examples.figures import logistic_regression

ANKLE_BOOT = 9
CLASSES = (Text("other", "其他"), Text("ankle boot", "短靴"))


def load_data(data: str = "auto", data_dir: PathLike | None = None) -> Dataset:
    """Loads the images, `uint8`, shape `(n, 28, 28)`, and 1 for a boot, `uint8`, shape `(n, 1)`."""
    return fashion_mnist(data, data_dir).one_against_all(ANKLE_BOOT, CLASSES)


@builder
def build_model(*, learning_rate: Rate = 0.1) -> keras.Model:
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
        ]
    )
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def precision_and_recall(trained: Trained) -> dict[str, float]:
    """Measures, on the test set, which share of the "yes" is right and of the boots is found."""
    _, y = trained.data.evaluation
    yes = trained.outputs > 0.5
    found = float((yes & (y == 1)).sum())
    return {
        "precision": found / max(int(yes.sum()), 1),
        "recall": found / max(int((y == 1).sum()), 1),
    }


EXAMPLE = Example(
    title=Text("Logistic regression (ankle boot or not)", "Logistic 回归（是不是短靴）"),
    article="003",
    epochs=200,
    batch_size=60_000,
    figures=(logistic_regression.cost, logistic_regression.weights),
    reads=Pictures("garment", CLASSES),
    measure=precision_and_recall,
)

if __name__ == "__main__":
    EXAMPLE.main()
