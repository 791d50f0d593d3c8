"""Sigmoid network that reads digits, the "Hello World" of deep learning (13,002 parameters).

The article's first network: the brightness of 784 pixels lights up 16 neurons, these light up 16
more, and the brightest of ten output neurons is the digit. Each layer is sigmoid(W·a + b): 12,960
weights say what a neuron looks for, 42 biases how much of it the neuron wants before it fires.

It learns as in Michael Nielsen's "Neural Networks and Deep Learning", chapter 1, which the article
follows: mean squared error, plain stochastic gradient descent. η is 15.0, which is Nielsen's 3.0:
his cost is ½‖y − a‖², five times Keras's mean over ten outputs. From article 000, 深度学习基础(一).

Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black) to
255 (white), which the network divides by 255: a pixel is an activation between 0 and 1. The targets
are ten activations, 1 for the digit and 0 for the others.

Example:
    >>> from keras_examples.digit_mlp import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=10, epochs=30, validation_data=data.test)
    >>> loss, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from keras_examples.core import DIGITS, Example, Rate, Size, Text, Trained, builder
from keras_examples.datasets import Dataset, PathLike, mnist
from keras_examples.figures import accuracy, digit_mlp, loss

HIDDEN = (16, 16)


def load_data(data: str = "auto", data_dir: PathLike | None = None) -> Dataset:
    """Loads MNIST: images `uint8`, shape `(n, 28, 28)`, one-hot `float32`, shape `(n, 10)`."""
    return mnist(data, data_dir).one_hot()


@builder
def build_model(*, learning_rate: Rate = 15.0, classes: Size = 10) -> keras.Model:
    """Builds and compiles the network.

    Args:
        learning_rate: Nielsen's η for Keras's mean over the ten outputs, above 0.
        classes: Number of output neurons.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the activations
        of the output neurons, shape `(batch, classes)`, each between 0 and 1. Its targets are
        one-hot, of the same shape.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            *(
                layers.Dense(
                    units,
                    activation="sigmoid",
                    # Nielsen's start, for weights and biases alike.
                    kernel_initializer=keras.initializers.RandomNormal(stddev=1.0),
                    bias_initializer=keras.initializers.RandomNormal(stddev=1.0),
                )
                for units in (*HIDDEN, classes)
            ),
        ]
    )
    right = keras.metrics.CategoricalAccuracy("accuracy")
    model.compile(keras.optimizers.SGD(learning_rate), "mean_squared_error", metrics=[right])
    return model


def activations(model: keras.Model, image: np.ndarray) -> list[np.ndarray]:
    """Returns how strongly each neuron fires at one image, layer by layer.

    Args:
        model: A model of `build_model()`.
        image: One image, shape `(28, 28)`, pixels 0 to 255.

    Returns:
        The activations, each between 0 and 1: of the 784 pixels, of both hidden layers and of the
        output layer, shapes `(784,)`, `(16,)`, `(16,)` and `(10,)`.
    """
    # Layer by layer: a model made for each image would stay in memory, call after call.
    values, fired = image[None], []
    for layer in model.layers:
        values = layer(values)
        fired.append(np.asarray(keras.ops.convert_to_numpy(values))[0])
    return fired[1:]  # the first layer only rescales


def nine(trained: Trained) -> dict[str, list[np.ndarray]]:
    """Returns what lights up at the first 9 of the test images, the article's digit."""
    x, y = trained.data.evaluation
    return {"nine": activations(trained.model, x[int(y[:, 9].argmax())])}


EXAMPLE = Example(
    title=Text("Sigmoid network on MNIST", "Sigmoid 神经网络（MNIST）"),
    article="000",
    epochs=30,
    batch_size=10,
    figures=(loss, accuracy, digit_mlp.lit_network, digit_mlp.first_weights),
    reads=DIGITS,
    measure=nine,
)

if __name__ == "__main__":
    EXAMPLE.main()
