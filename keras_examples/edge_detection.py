"""Convolution as edge detection: three given kernels, and nothing to learn (9 parameters).

A kernel slides over the image, and what it gives is large where the image changes the way the
kernel does. That is all that a convolutional layer computes; a network only finds the kernels
itself. Padding with zeros mends two drawbacks: the result is smaller than the image, and pixels
near the border are touched by fewer windows. From article 003, 边缘检测示例.

Data: an image of 6×6 pixels, as large as the article's, which is lost, left half 10, right half 0;
and garments of Fashion-MNIST of 28×28 pixels, 0 (black) to 255 (white).

Example:
    >>> from keras_examples.edge_detection import HALF_BRIGHT, build_model, convolve, load_data
    >>> convolve(build_model(), HALF_BRIGHT)[0]
    array([ 0., 30., 30.,  0.], dtype=float32)
    >>> data = load_data()
    >>> edges = convolve(build_model(padding="same"), data.x_test[0, ..., 0])
"""

from __future__ import annotations

from typing import Annotated, Any

import keras
import numpy as np
from keras import layers

from keras_examples.core import Bounds, Example, Text, Trained, builder
from keras_examples.datasets import Dataset, PathLike, fashion_mnist
from keras_examples.figures import edge_detection

VERTICAL = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])  # the middle row counts twice
HALF_BRIGHT = np.array([[10, 10, 10, 0, 0, 0]] * 6)


def load_data(data: str = "auto", data_dir: PathLike | None = None) -> Dataset:
    """Loads Fashion-MNIST: images `uint8`, shape `(n, 28, 28, 1)`, labels `uint8`, shape `(n,)`."""
    return fashion_mnist(data, data_dir).with_channels()


@builder
def build_model(
    *,
    kernel: np.ndarray = VERTICAL,
    padding: Annotated[str, Bounds(choices=("valid", "same"))] = "valid",
) -> keras.Model:
    """Builds and compiles a convolution with a given kernel.

    Args:
        kernel: The kernel, shape `(rows, columns)`. Its transpose finds edges of the other
            direction.
        padding: `"valid"` for no padding, `"same"` for zeros around the image, as many as keep its
            size.

    Returns:
        A compiled model from images, shape `(batch, height, width, 1)`, to how much of an edge is
        at each place: the same shape with `"same"`, two rows and two columns fewer with `"valid"`
        and a 3×3 kernel. Positive is brighter on the left, for the kernels here, or above, for
        their transposes.
    """
    # The kernel is given: `fit` would have nothing to change.
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False, trainable=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[..., None, None]])
    model.compile(loss="mean_squared_error")
    return model


def convolve(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Returns what a model of `build_model()` makes of one image.

    Args:
        model: The model.
        image: One image, shape `(height, width)`.

    Returns:
        The result, shape as the model's padding has it.
    """
    result = model(image[None, ..., None].astype(np.float32))
    return np.asarray(keras.ops.convert_to_numpy(result))[0, ..., 0]


def touches(size: int, *, kernel: int = 3, padding: int = 0) -> np.ndarray:
    """Counts the windows that touch each pixel of a square image.

    Args:
        size: Width of the image in pixels.
        kernel: Width of the kernel in pixels.
        padding: How many pixels are added on each side.

    Returns:
        The counts, shape `(size, size)`, from 1 to `kernel²`.
    """
    counts = np.zeros((size + 2 * padding, size + 2 * padding), dtype=int)
    for row, column in np.ndindex(*(side - kernel + 1 for side in counts.shape)):
        counts[row : row + kernel, column : column + kernel] += 1
    return counts[padding : padding + size, padding : padding + size]


def measure(trained: Trained) -> dict[str, Any]:
    """Returns the numbers of the half-bright image, padded and not, and a garment's edges.

    The numbers are the strongest response, and how often a corner and the centre are touched.
    """
    x, _ = trained.data.evaluation
    kernels = (VERTICAL, VERTICAL.T, SOBEL, SOBEL.T)
    valid, counts = convolve(trained.model, HALF_BRIGHT), touches(len(HALF_BRIGHT))
    return {
        "strongest_response": float(np.abs(valid).max()),
        "corner_touches": float(counts[0, 0]),
        "centre_touches": float(counts.max()),
        "image": HALF_BRIGHT,
        "kernels": kernels,
        "valid": valid,
        "same": convolve(build_model(padding="same"), HALF_BRIGHT),
        "edges": [convolve(build_model(kernel=kernel), x[0, ..., 0]) for kernel in kernels],
        "touches": counts,
        "padded_touches": touches(len(HALF_BRIGHT), padding=1),
    }


EXAMPLE = Example(
    title=Text("Convolution as edge detection", "用卷积检测边缘"),
    article="003",
    epochs=0,
    batch_size=1,
    figures=(edge_detection.half_bright, edge_detection.garment, edge_detection.touched),
    measure=measure,
)

if __name__ == "__main__":
    EXAMPLE.main()
