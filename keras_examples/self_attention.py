"""Self-attention over the rows of a digit (37,706 parameters).

The article's table of contents promises a self-attention model; its text is lost, so the design is
ours. An image is read as a sequence of 28 rows. Each row asks a question (a query), offers a key
and holds a value, and takes the mean of all rows' values, weighted by how well their keys answer
its query: softmax(QKᵀ/√d)·V. A weighted mean knows nothing of order, so each row is told where it
stands by a position embedding, learned like any weight.

- Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black)
  to 255 (white), scaled to 0 to 1 in the network, for a softmax of large products would saturate;
  labels 0 to 9.
- Network: each row of 28 pixels to 64 features, plus its position; self-attention with 4 heads of
  d = 16; a feed-forward layer of 128 ReLU; both with a residual connection and layer
  normalisation; mean over the rows, Dense 10 softmax. Adam, cross-entropy, 6 epochs of batches of
  128.
- Article 004: 机器学习中的神经网络重难点!纯干货(上篇), 自注意力模型 (in its table of contents).
"""

from __future__ import annotations

import os

import keras
import numpy as np
from keras import layers
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from keras_examples import datasets, figures
from keras_examples.core import Example, Trained
from keras_examples.figures import style
from keras_examples.inference import pictures


def build_model(
    *, features: int = 64, heads: int = 4, position: bool = True, learning_rate: float = 0.002
) -> keras.Model:
    """Builds and compiles the self-attention network.

    Args:
        features: Size of a row's embedding, a multiple of `heads`.
        heads: How many attentions look at the rows side by side.
        position: Whether a row is told where it stands. If not, the order of the rows makes no
            difference to the prediction.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from images, shape `(batch, 28, 28)`, pixels 0 to 255, to the
        probabilities of the ten classes, shape `(batch, 10)`.

    Raises:
        ValueError: `features` is no multiple of `heads`.
    """
    if features % heads:
        raise ValueError(f"features is {features}, expected a multiple of heads, {heads}")
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
    outputs = layers.Dense(10, activation="softmax")(pooled)
    model = keras.Model(image, outputs, name="self_attention")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def load_data(
    data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> datasets.Dataset:
    """Loads MNIST.

    Args:
        data: `"auto"`, `"real"` or `"stand-in"`, see `keras_examples.datasets.load`.
        data_dir: Folder that holds the real data, if not the usual places.

    Returns:
        The data set; images `uint8`, shape `(n, 28, 28)`, labels `uint8`, shape `(n,)`.
    """
    return datasets.load("mnist", data=data, data_dir=data_dir)


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


def attention(trained: Trained) -> Figure:
    """Which rows each row attends to: for one row over the image, and for all as a matrix."""
    count, looking, ticks = 4, 14, (0, 9, 18, 27)
    # One image of each class 0, 1, 2, …: digits that differ, whatever stands first.
    x, y = trained.data.evaluation
    images = x[[int(np.flatnonzero(y == digit)[0]) for digit in range(count)]]
    weights = attention_weights(trained.model, images).mean(axis=1)
    figure = style.new_figure(
        trained.title
        + trained.say(": rows attended to (mean over the heads)", "：各行所关注的行（各头的平均）"),
        figsize=(9.6, 5.2),
    )
    grid = figure.subplots(2, count, sharey=True)
    for over, matrix, image, weight in zip(*grid, images, weights, strict=True):
        over.imshow(image, vmin=0, vmax=255)
        bands = np.empty((28, 28, 4))
        bands[..., :3] = to_rgb(style.ORANGE)
        bands[..., 3] = 0.8 * weight[looking, :, None] / weight[looking].max()
        over.imshow(bands)
        over.annotate(
            "",
            (-0.5, looking),
            (-5, looking),
            annotation_clip=False,
            arrowprops={"arrowstyle": "-|>", "color": style.BLUE},
        )
        shown = matrix.imshow(weight, cmap="Oranges", vmin=0, vmax=weights.max())
        matrix.set_xlabel(trained.say("Row looked at", "被关注的行"))
        over.set_xticks([])
        matrix.set_xticks(ticks)
    grid[0, 0].set_yticks(ticks)
    grid[0, 0].set_ylabel(
        trained.say(
            f"Row {looking} (arrow) looks\nat the orange rows",
            f"第 {looking} 行（箭头）\n关注橙色的行",
        )
    )
    grid[1, 0].set_ylabel(trained.say("Row that looks", "发起关注的行"))
    bar = figure.colorbar(shown, ax=grid[1], shrink=0.9)
    bar.set_label(trained.say("Weight (each row sums to 1)", "权重（每行之和为 1）"))
    bar.outline.set_visible(False)
    return figure


EXAMPLE = Example(
    name="self-attention",
    title={"en": "Self-attention on MNIST", "zh": "自注意力模型（MNIST）"},
    article="004",
    load_data=load_data,
    build_model=build_model,
    epochs=6,
    batch_size=128,
    figures=(figures.loss, figures.accuracy, attention),
    classes=datasets.CLASS_NAMES["mnist"],
    picture=pictures.prepare_digit,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
