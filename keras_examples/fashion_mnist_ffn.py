"""Feed-forward network on Fashion-MNIST: pieces of clothing (101,770 parameters).

The article's first network: information flows one way, from the pixels through one hidden layer to
ten classes. Its plot shows the training and the validation loss over the epochs.

- Data: Fashion-MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0
  (background) to 255; ten classes from T-shirt to ankle boot. The article leaves the pixels as they
  are; divided by 255 (`rescale`), the same network does better.
- Network: Flatten, Dense 128 ReLU, Dense 10 softmax. Adam, cross-entropy, 10 epochs, batches of 32.
- Article 004: 机器学习中的神经网络重难点!纯干货(上篇), 前馈神经网络.
"""

from __future__ import annotations

import os

import keras
from keras import layers

from keras_examples import datasets, figures
from keras_examples.core import Example
from keras_examples.inference import pictures


def build_model(
    *, units: int = 128, learning_rate: float = 0.001, rescale: bool = False
) -> keras.Model:
    """Builds and compiles the feed-forward network.

    Args:
        units: Neurons in the hidden layer.
        learning_rate: Adam's learning rate, above 0.
        rescale: Whether to divide pixels by 255 first.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the probabilities
        of the ten classes, shape `(batch, 10)`.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            *([layers.Rescaling(1 / 255)] if rescale else []),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="fashion_mnist_ffn",
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def load_data(
    data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> datasets.Dataset:
    """Loads Fashion-MNIST.

    Args:
        data: `"auto"`, `"real"` or `"stand-in"`, see `keras_examples.datasets.load`.
        data_dir: Folder that holds the real data, if not the usual places.

    Returns:
        The data set; images `uint8`, shape `(n, 28, 28)`, labels `uint8`, shape `(n,)`.
    """
    return datasets.load("fashion-mnist", data=data, data_dir=data_dir)


EXAMPLE = Example(
    name="fashion-mnist-ffn",
    title={"en": "Feed-forward network on Fashion-MNIST", "zh": "前馈神经网络（Fashion-MNIST）"},
    article="004",
    load_data=load_data,
    build_model=build_model,
    epochs=10,
    batch_size=32,
    figures=(figures.loss, figures.accuracy, figures.predictions, figures.confusion),
    classes=datasets.CLASS_NAMES["fashion-mnist"],
    picture=pictures.prepare_garment,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
