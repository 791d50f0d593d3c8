"""Reading training curves: the feed-forward network on 500 images (101,770 parameters).

With so few pictures of clothing the network soon knows them by heart: the training loss goes to 0,
while the validation loss turns and rises. In the first epochs it is the other way round, validation
looks better than training; the page measures why. Beside it the same network learns with dropout,
and from ten times as many pictures. From article 004, whose figures are such curves.

Data: Fashion-MNIST, its first 500 training and all 10,000 test images of 28×28 pixels, whole
numbers from 0 (background) to 255, divided by 255 in the network; labels from 0 to 9.

Example:
    >>> from keras_examples.training_curves import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=10, epochs=40, validation_data=data.test)
    >>> loss, accuracy = model.evaluate(*data.test)
"""

from __future__ import annotations

from typing import Annotated, Any

import keras
import numpy as np
from keras import layers

from keras_examples.core import Bounds, Example, Rate, Recipe, Size, Text, Trained, builder
from keras_examples.datasets import Dataset, PathLike, fashion_mnist
from keras_examples.figures import training_curves


def load_data(data: str = "auto", data_dir: PathLike | None = None, images: int = 500) -> Dataset:
    """Loads the first training images and all test images of Fashion-MNIST.

    Args:
        data: Their source.
        data_dir: Folder of the real data.
        images: How many training images.
    """
    return fashion_mnist(data, data_dir).first(images)


@builder
def build_model(
    *,
    units: Size = 128,
    dropout: Annotated[float, Bounds(least=0, most=0.99)] = 0.0,
    learning_rate: Rate = 0.001,
) -> keras.Model:
    """Builds and compiles the feed-forward network.

    Args:
        units: Neurons in the hidden layer.
        dropout: Share of them that is left out in each training step, from 0 to 0.99.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the probabilities
        of the classes, shape `(batch, 10)`.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(units, activation="relu"),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def loss_at_the_end(model: keras.Model, data: Dataset) -> np.ndarray:
    """Measures the loss on the training images with the weights at the end of an epoch.

    What Keras prints as `loss` is the mean over the epoch, of the weights on the way.
    """
    return np.array(model.evaluate(data.x_train, data.y_train, batch_size=500, verbose=0)[0])


def measure(trained: Trained) -> dict[str, Any]:
    """Measures the first epoch in three ways, where each validation loss is lowest, and ends."""
    ends = [float(loss) for loss in trained.snapshots]
    found = {
        "first_loss": trained.history["loss"][0],
        "first_loss_at_end": ends[0],
        "last_loss_at_end": ends[-1],
        "first_val_loss": trained.history["val_loss"][0],
        "losses_at_ends": ends,
    }
    for prefix, one in (("", trained), *((f"{k}_", v) for k, v in trained.companions.items())):
        losses = one.history["val_loss"]
        found[f"{prefix}best_epoch"] = int(np.argmin(losses)) + 1
        found[f"{prefix}best_val_loss"] = min(losses)
        found[f"{prefix}last_val_loss"] = losses[-1]
        found[f"{prefix}last_val_accuracy"] = one.history["val_accuracy"][-1]
    return found


EXAMPLE = Example(
    title=Text("Training curves", "训练曲线"),
    article="004",
    epochs=40,
    batch_size=10,
    figures=(training_curves.first_epochs, training_curves.overfitting, training_curves.remedies),
    companions={
        "dropout": Recipe(
            title=Text("500 images, dropout 0.5", "500 张图像，dropout 0.5"),
            model={"dropout": 0.5},
        ),
        "more_images": Recipe(title=Text("5,000 images", "5,000 张图像"), data={"images": 5000}),
    },
    measure=measure,
    snapshot=loss_at_the_end,
)

if __name__ == "__main__":
    EXAMPLE.main()
