"""Self-attention over the rows of a digit (37,706 parameters).

An image is read as a sequence of 28 rows. Each row asks a question (a query), offers a key and
holds a value, and takes the mean of all rows' values, weighted by how well their keys answer its
query: softmax(QKᵀ/√d)·V. A weighted mean knows nothing of order, so each row is told where it
stands by a position embedding, learned like any weight.

From article 004, 自注意力模型: a heading in its table of contents, whose text is lost, so the
design is ours.

Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black) to
255 (white), scaled to 0 to 1 in the network, for a softmax of large products would saturate; labels
from 0 to 9.

Example:
    >>> from keras_examples.self_attention import attention_weights, build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=128, epochs=6, validation_data=data.test)
    >>> weights = attention_weights(model, data.x_test[:4])
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers

from keras_examples.core import DIGITS, Example, Rate, Size, Text, Trained, builder
from keras_examples.datasets import Dataset, PathLike, mnist
from keras_examples.figures import accuracy, loss, self_attention


def load_data(data: str = "auto", data_dir: PathLike | None = None) -> Dataset:
    """Loads MNIST: images `uint8`, shape `(n, 28, 28)`, labels `uint8`, shape `(n,)`."""
    return mnist(data, data_dir)


@builder
def build_model(
    *,
    features: Size = 64,
    heads: Size = 4,
    position: bool = True,
    learning_rate: Rate = 0.002,
    classes: Size = 10,
) -> keras.Model:
    """Builds and compiles the self-attention network.

    Args:
        features: Size of a row's embedding, a multiple of `heads`.
        heads: How many attentions look at the rows side by side.
        position: Whether a row is told where it stands. If not, the order of the rows makes no
            difference to the prediction.
        learning_rate: Adam's learning rate, above 0.
        classes: Number of outputs.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the
        probabilities of the classes, shape `(batch, classes)`.

    Raises:
        ValueError: `features` is no multiple of `heads`.
    """
    if features % heads:
        raise ValueError(
            Text(
                f"features is {features}, expected a multiple of heads, {heads}",
                f"features 是 {features}，应为 heads（{heads}）的倍数",
            )
        )
    image = keras.Input((28, 28))
    # A bias that differs from row to row is a learned embedding of the row's position.
    rows = layers.EinsumDense(
        "bij,jk->bik",
        output_shape=(28, features),
        bias_axes="ik" if position else "k",
        bias_initializer="random_uniform",
        name="rows",
    )(layers.Rescaling(1 / 255)(image))
    attended = layers.MultiHeadAttention(heads, features // heads, name="attention")(rows, rows)
    x = layers.LayerNormalization()(rows + attended)
    hidden = layers.Dense(2 * features, activation="relu")(x)
    x = layers.LayerNormalization()(x + layers.Dense(features)(hidden))
    pooled = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(classes, activation="softmax")(pooled)
    model = keras.Model(image, outputs, name="self_attention")
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def attention_weights(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Returns how much each row of some images attends to each other row.

    Args:
        model: A model of `build_model()`.
        images: Images, shape `(batch, 28, 28)`, pixels 0 to 255.

    Returns:
        Weights from 0 to 1, shape `(batch, heads, 28, 28)`: the second to last axis is the row that
        looks, the last one the row that is looked at, over which they sum to 1.
    """
    rows = keras.Model(model.inputs[0], model.get_layer("rows").output)(images)
    _, weights = model.get_layer("attention")(rows, rows, return_attention_scores=True)
    return np.asarray(keras.ops.convert_to_numpy(weights))


def measure(trained: Trained) -> Mapping[str, np.ndarray]:
    """Keeps for the figure a test image of each digit from 0 to 3, and what its rows attend to."""
    x, y = trained.data.evaluation
    images = x[[int(np.flatnonzero(y == digit)[0]) for digit in range(4)]]
    return {"images": images, "attention": attention_weights(trained.model, images)}


EXAMPLE = Example(
    title=Text("Self-attention on MNIST", "自注意力模型（MNIST）"),
    article="004",
    epochs=6,
    batch_size=128,
    figures=(loss, accuracy, self_attention.attention),
    reads=DIGITS,
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
