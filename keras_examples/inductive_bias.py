"""Inductive bias: a convolution expects the same pattern anywhere, a dense layer does not.

A network learns more from less if what it assumes of the data is true. The convolutional network of
`mnist_cnn` (121,930 parameters) and a dense one with as many (121,645) learn the same digits; then
the digits are moved, turned and scaled. And four networks of 11,000 to 12,000 parameters, shallow
and deep, with shared weights (convolutions) and without, show what either is worth, and a fifth of
3,000. Two epochs are enough to tell them apart. From article 002, 归纳偏置.

Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black) to
255 (white), divided by 255 in all the networks, since the dense ones learn poorly from pixels as
they are; labels from 0 to 9.

Example:
    >>> from keras_examples.inductive_bias import accuracy_when_shifted, build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=64, epochs=2, validation_data=data.test)
    >>> accuracy = accuracy_when_shifted(model, *data.test, pixels=3)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_examples import mnist_cnn
from keras_examples.core import DIGITS, Example, Rate, Recipe, Size, Text, Trained, builder
from keras_examples.datasets.distortion import sample
from keras_examples.figures import inductive_bias

SHIFTS = range(7)  # pixels
ANGLES = range(0, 91, 10)  # degrees
SIZES = range(50, 151, 10)  # percent
RECORDED = {"shifted": SHIFTS, "turned": (30, 90), "scaled": (50, 150)}
SEEDS = range(3)  # of the small networks
EVERY = 5  # of the test images, to be done in seconds

load_data = mnist_cnn.load_data


@builder
def build_model(*, learning_rate: Rate = 0.001) -> keras.Model:
    """Builds and compiles the convolutional network of `mnist_cnn`, for pixels divided by 255.

    Args:
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model, as `mnist_cnn.build_model()` returns it.
    """
    return mnist_cnn.build_model(learning_rate=learning_rate, rescale=True)


@builder
def build_dense(*units: Size) -> keras.Model:
    """Builds and compiles a dense network.

    Args:
        *units: Size of each hidden layer; they are ReLU.

    Returns:
        A compiled model of the same inputs and outputs as that of `build_model()`.
    """
    hidden = [layers.Dense(size, activation="relu") for size in units]
    return _classifier([layers.Flatten(), *hidden])


@builder
def build_convolutional(*filters: Size) -> keras.Model:
    """Builds and compiles a small convolutional network.

    Args:
        *filters: Kernels of each 3×3 convolution; they are ReLU, and 2×2 pooling follows each.

    Returns:
        A compiled model of the same inputs and outputs as that of `build_model()`.
    """
    hidden = []
    for kernels in filters:
        hidden += [layers.Conv2D(kernels, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2))]
    return _classifier([*hidden, layers.Flatten()])


def _classifier(hidden: list[keras.Layer]) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *hidden,
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def shift(images: np.ndarray, *, down: int, right: int) -> np.ndarray:
    """Moves images; what leaves them is lost, and what comes in is black.

    Args:
        images: Images, shape `(n, height, width, 1)`.
        down: By how many pixels, fewer than the height; up if negative.
        right: By how many pixels, fewer than the width; to the left if negative.

    Returns:
        The moved images, in the shape and dtype of the others.
    """
    _, height, width, _ = images.shape
    far = max(abs(down), abs(right))
    around = np.pad(images, ((0, 0), (far, far), (far, far), (0, 0)))
    return around[:, far - down : far - down + height, far - right : far - right + width]


def turn(images: np.ndarray, *, degrees: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Turns images about their centre, and makes them larger or smaller.

    Args:
        images: Images, shape `(n, side, side, 1)`, whole numbers, with a black border.
        degrees: By how much, counter-clockwise.
        scale: Their size, 1 as it is.

    Returns:
        The images, interpolated between pixels, in the shape and dtype of the others.
    """
    side, angle = images.shape[1], np.radians(degrees)
    axis = ((np.arange(side) + 0.5) / side * 2 - 1) / scale
    y, x = np.meshgrid(axis, axis, indexing="ij")
    turned = sample(
        images[..., 0].astype(np.float32),
        np.arange(len(images)),
        (np.cos(angle) * x - np.sin(angle) * y)[None].astype(np.float32),
        (np.sin(angle) * x + np.cos(angle) * y)[None].astype(np.float32),
    )
    return np.rint(turned[..., None]).astype(images.dtype)


def accuracy_when_shifted(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, pixels: int
) -> float:
    """Tests a model on images that are moved up, down, to the left and to the right.

    Args:
        model: A model of one of the builders here.
        images: Images, shape `(n, 28, 28, 1)`.
        labels: Their classes, shape `(n,)`.
        pixels: By how much they are moved, 0 to 27.

    Returns:
        The accuracy, averaged over the four directions.
    """
    directions = ((-pixels, 0), (pixels, 0), (0, -pixels), (0, pixels))
    moved = [shift(images, down=down, right=right) for down, right in directions]
    return _accuracy(model, moved, labels)


def accuracy_when_turned(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    degrees: float = 0.0,
    scale: float = 1.0,
) -> float:
    """Tests a model on images that are turned in either direction, and scaled.

    Args:
        model: A model of one of the builders here.
        images: Images, shape `(n, 28, 28, 1)`.
        labels: Their classes, shape `(n,)`.
        degrees: By how much they are turned.
        scale: Their size, 1 as it is.

    Returns:
        The accuracy, averaged over the two directions.
    """
    turned = [turn(images, degrees=angle, scale=scale) for angle in {degrees, -degrees}]
    return _accuracy(model, turned, labels)


def _accuracy(model: keras.Model, changed: Sequence[np.ndarray], labels: np.ndarray) -> float:
    guesses = model.predict(np.concatenate(changed), batch_size=500, verbose=0).argmax(axis=1)
    return float((guesses == np.tile(labels, len(changed))).mean())


def measure(trained: Trained) -> Mapping[str, Any]:
    """Measures the accuracy of both networks for each shift, angle and size.

    On every fifth test image. Most digits are drawn within the middle 20×20 pixels: what moves
    further than 4, or becomes larger than 140%, may lose a part. The figures show all of it,
    and what becomes of the first image; the record has what the pages name.
    """
    images, labels = (array[::EVERY] for array in trained.data.evaluation)
    models = {"cnn": trained.model, "dense": trained.companions["dense"].model}
    measures: dict[str, Any] = {}
    for name, model in models.items():
        test = partial(accuracy_when_turned, model, images, labels)
        found = {
            "shifted": {n: accuracy_when_shifted(model, images, labels, n) for n in SHIFTS},
            "turned": {angle: test(degrees=angle) for angle in ANGLES},
            "scaled": {size: test(scale=size / 100) for size in SIZES},
        }
        for change, accuracies in found.items():
            measures[f"{name}_{change}"] = accuracies
            measures |= {f"{name}_{change}_{n}": accuracies[n] for n in RECORDED[change]}
    first = images[:1]
    return {
        **measures,
        "shifted": [shift(first, down=0, right=pixels)[0, ..., 0] for pixels in SHIFTS],
        "turned": [turn(first, degrees=angle)[0, ..., 0] for angle in ANGLES],
        "scaled": [turn(first, scale=size / 100)[0, ..., 0] for size in SIZES],
    }


def _small(en: str, zh: str, build: Callable[..., keras.Model], *sizes: int) -> dict[str, Recipe]:
    """Returns a recipe for each seed."""
    words = "-".join(map(str, sizes))
    title = Text(f"{en} {words}", f"{zh} {words}")
    return {
        f"{en.lower()}-{words}-{seed}": Recipe(
            title=title, build_model=partial(build, *sizes), seed=seed
        )
        for seed in SEEDS
    }


EXAMPLE = Example(
    title=Text("Inductive bias", "归纳偏置"),
    article="002",
    epochs=2,
    batch_size=64,
    figures=(
        inductive_bias.shifted,
        inductive_bias.turned_and_scaled,
        inductive_bias.shallow_and_deep,
    ),
    reads=DIGITS,
    companions={
        **_small("Dense", "全连接", build_dense, 15),
        **_small("Dense", "全连接", build_dense, 14, 14, 14),
        **_small("Convolution", "卷积", build_convolutional, 7),
        **_small("Convolutions", "卷积", build_convolutional, 16, 28),
        **_small("Convolutions", "卷积", build_convolutional, 6, 10),
        "dense": Recipe(
            title=Text("Dense 153", "全连接 153"), build_model=partial(build_dense, 153)
        ),
    },
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
