"""Feed-forward network on Fashion-MNIST: pieces of clothing (101,770 parameters).

The article's first network: information flows one way, from the pixels through one hidden layer to
ten classes. The article leaves the pixels as they are; divided by 255 (`rescale`), the same network
does better. From article 004, 前馈神经网络.

Data: Fashion-MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0
(background) to 255, as in the article; labels from 0 (T-shirt/top) to 9 (ankle boot).

Example:
    >>> from keras_examples.fashion_mnist_ffn import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=32, epochs=10, validation_data=data.test)
    >>> loss, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

import keras
from keras import layers

from keras_examples.core import GARMENTS, Example, Rate, Recipe, Size, Text, builder
from keras_examples.datasets import Dataset, PathLike, fashion_mnist
from keras_examples.figures import accuracy, article_loss, confusion, fashion_mnist_ffn, predictions


def load_data(data: str = "auto", data_dir: PathLike | None = None) -> Dataset:
    """Loads Fashion-MNIST: images `uint8`, shape `(n, 28, 28)`, labels `uint8`, shape `(n,)`."""
    return fashion_mnist(data, data_dir)


@builder
def build_model(
    *, units: Size = 128, learning_rate: Rate = 0.001, rescale: bool = False, classes: Size = 10
) -> keras.Model:
    """Builds and compiles the feed-forward network.

    Args:
        units: Neurons in the hidden layer.
        learning_rate: Adam's learning rate, above 0.
        rescale: Whether to divide pixels by 255 first.
        classes: Number of outputs.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the probabilities
        of the classes, shape `(batch, classes)`.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            *([layers.Rescaling(1 / 255)] if rescale else []),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


EXAMPLE = Example(
    title=Text("Feed-forward network on Fashion-MNIST", "前馈神经网络（Fashion-MNIST）"),
    article="004",
    epochs=10,
    batch_size=32,
    figures=(fashion_mnist_ffn.loss, article_loss, accuracy, predictions, confusion),
    reads=GARMENTS,
    companions={
        "rescaled": Recipe(
            title=Text("Feed-forward network, pixels from 0 to 1", "前馈神经网络（像素 0 到 1）"),
            rescale=True,
        )
    },
)

if __name__ == "__main__":
    EXAMPLE.main()
