"""Convolutional network on MNIST: handwritten digits (121,930 parameters).

Small kernels slide over the image and find strokes, wherever they are. Pooling halves the feature
maps twice, and a dense layer decides. From article 004, 卷积神经网络.

Data: MNIST, 60,000 training and 10,000 test images, 28×28 pixels from 0 (black) to 255 (white).

Example:
    >>> from keras_examples.mnist_cnn import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=32, epochs=5, validation_data=data.test)
    >>> loss, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

import keras
from keras import layers

from keras_examples.core import DIGITS, Example, Rate, Size, Text, builder, quick
from keras_examples.datasets import Dataset, PathLike, mnist, with_distorted
from keras_examples.figures import accuracy, article_accuracy, cnn, confusion, loss, predictions


def load_data(data: str = "auto", data_dir: PathLike | None = None, distorted: int = 0) -> Dataset:
    """Loads MNIST, `uint8`: images `(n, 28, 28, 1)` and distorted copies, labels `(n,)`."""
    return with_distorted(mnist(data, data_dir), distorted).with_channels()


@builder
def build_model(
    *, learning_rate: Rate = 0.001, rescale: bool = False, classes: Size = 10
) -> keras.Model:
    """Builds and compiles the convolutional network.

    Args:
        learning_rate: Adam's learning rate, above 0.
        rescale: Whether to divide pixels by 255 first.
        classes: Number of outputs.

    Returns:
        A compiled model from images, shape `(batch, 28, 28, 1)`, pixels 0 to 255, to the
        probabilities of the digits, shape `(batch, classes)`.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *([layers.Rescaling(1 / 255)] if rescale else []),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


EXAMPLE = Example(
    title=Text("Convolutional network on MNIST", "卷积神经网络（MNIST）"),
    article="004",
    epochs=5,
    batch_size=32,
    figures=(loss, accuracy, article_accuracy, predictions, confusion, *cnn.LEARNED),
    animation=cnn.changing_kernels,
    frame=cnn.first_kernels,
    reads=DIGITS,
    recipes={
        "fast": quick(Text("Convolutional network, fast recipe", "卷积神经网络（快速训练）")),
        "augmented": quick(Text("CNN, distorted digits", "CNN（数据增强）"), distorted=3),
    },
)

if __name__ == "__main__":
    EXAMPLE.main()
