"""Three-layer network with given weights: how a signal goes forward (23 parameters).

Each layer multiplies what it gets by its weights, adds its biases and applies its activation. With
the article's numbers, every intermediate result can be followed by hand.

- Data: the article's one input, x = (1.0, 0.5), and the output that it prints.
- Network: 2 → 3 → 2 → 2. Sums a1 and a2 go through a sigmoid to z1 and z2; the output y is the last
  sum as it is. Nothing to train. Computed in float64, as the article's NumPy does.
- Article 001: 深度学习入门2 —— 神经网络的组成和3层神经网络的实现.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from keras_examples import datasets
from keras_examples.core import Example, Trained
from keras_examples.figures import style

W1, B1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), np.array([0.1, 0.2, 0.3])
W2, B2 = np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]), np.array([0.1, 0.2])
W3, B3 = np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2])
# Distance of the drawn layers; a neuron's radius is 0.42.
GAP = 3.2


def build_model(*, dtype: str = "float64") -> keras.Model:
    """Builds and compiles the network, with the article's weights in it.

    Args:
        dtype: What to compute in.

    Returns:
        A compiled model from inputs, shape `(batch, 2)`, to outputs, shape `(batch, 2)`. Its layers
        are named after the article's symbols: a1, z1, a2, z2, y.
    """
    model = keras.Sequential(
        [
            keras.Input((2,), dtype=dtype),
            layers.Dense(3, dtype=dtype, name="a1"),
            layers.Activation("sigmoid", dtype=dtype, name="z1"),
            layers.Dense(2, dtype=dtype, name="a2"),
            layers.Activation("sigmoid", dtype=dtype, name="z2"),
            layers.Dense(2, dtype=dtype, name="y"),
        ],
        name="three_layer_network",
    )
    model.set_weights([W1, B1, W2, B2, W3, B3])
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def load_data() -> datasets.Dataset:
    """Returns the article's input and the output that it prints.

    Returns:
        The data set; input and output `float64`, both of shape `(1, 2)`.
    """
    return datasets.Dataset.computed(
        "one input", (np.array([[1.0, 0.5]]), np.array([[0.31682708, 0.69627909]]))
    )


def signals(model: keras.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    """Follows inputs through the network.

    Args:
        model: The network.
        x: Inputs, shape `(batch, 2)`.

    Returns:
        What each layer makes of them, by its name, shape `(batch, units)`.
    """
    every = keras.Model(model.inputs, [layer.output for layer in model.layers])
    # A call keeps the inputs' float64, where `predict` would round them to float32.
    found = every(keras.ops.convert_to_tensor(x))
    return {
        layer.name: np.asarray(values) for layer, values in zip(model.layers, found, strict=True)
    }


def outputs(trained: Trained) -> dict[str, float]:
    """Returns the two outputs."""
    return {f"y{index}": float(value) for index, value in enumerate(trained.outputs[0], start=1)}


def network(trained: Trained) -> Figure:
    """The network as neurons and weights, with what each neuron sums up and what it passes on."""
    x, _ = trained.data.evaluation
    found = {name: values[0] for name, values in signals(trained.model, x[:1]).items()}
    weights = trained.model.get_weights()
    kernels, biases = weights[::2], weights[1::2]
    figure = style.new_figure(f"{trained.title}: 2 → 3 → 2 → 2", figsize=(10.5, 6.0))
    axes = figure.subplots()
    for place, kernel in enumerate(kernels):
        _edges(axes, place, kernel)
    for place, values in enumerate((x[0], found["z1"], found["z2"], found["y"])):
        _neurons(axes, place, values)
    for place, (name, bias) in enumerate(zip(("a1", "a2", "y"), biases, strict=True), start=1):
        _sums(axes, place, found[name], bias)
    for place, heading in enumerate(_headings(trained)):
        axes.text(GAP * place, 3.2, heading, ha="center", va="center", fontsize=11)
    axes.text(
        1.5 * GAP,
        -3.5,
        trained.say(
            "In a neuron: what it passes on, the darker the larger. Below it: the sum that it "
            "gets, with its bias b.\nOn a line: its weight, the thicker the larger.",
            "神经元内：输出值，颜色越深值越大；神经元下方：加权和及其中的偏置 b。\n"
            "连线上：权重，线越粗值越大。",
        ),
        ha="center",
        va="center",
        color=style.GREY,
    )
    axes.set(xlim=(-0.9, 3 * GAP + 0.9), ylim=(-3.8, 3.6), aspect="equal")
    axes.axis("off")
    return figure


def _headings(trained: Trained) -> tuple[str, ...]:
    say = trained.say
    return (
        say("Input\nx", "输入\nx"),
        say("Hidden layer 1\nz1 = sigmoid(a1)", "隐藏层 1\nz1 = sigmoid(a1)"),
        say("Hidden layer 2\nz2 = sigmoid(a2)", "隐藏层 2\nz2 = sigmoid(a2)"),
        say("Output\ny = a3, as it is", "输出\ny = a3（恒等函数）"),
    )


def _heights(count: int) -> np.ndarray:
    return np.linspace(count - 1, 1 - count, count)


def _edges(axes: Axes, place: int, kernel: np.ndarray) -> None:
    left, right = map(_heights, kernel.shape)
    for (start, end), weight in np.ndenumerate(kernel):
        from_y, to_y = left[start], right[end]
        axes.plot(
            [GAP * place, GAP * (place + 1)],
            [from_y, to_y],
            color=style.SKY,
            linewidth=1 + 5 * weight,
            zorder=1,
        )
        # Near its start, no line has crossed another yet.
        axes.text(
            GAP * (place + 0.25),
            from_y + 0.25 * (to_y - from_y),
            f"{weight:g}",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def _neurons(axes: Axes, place: int, values: np.ndarray) -> None:
    shade = colormaps["Blues"]
    for height, value in zip(_heights(len(values)), values, strict=True):
        axes.add_patch(
            Circle((GAP * place, height), 0.42, facecolor=shade(value), edgecolor=style.BLACK)
        )
        axes.text(
            GAP * place,
            height,
            f"{value:.3f}",
            ha="center",
            va="center",
            color="white" if value > 0.5 else "black",
        )


def _sums(axes: Axes, place: int, sums: np.ndarray, bias: np.ndarray) -> None:
    for height, total, own in zip(_heights(len(sums)), sums, bias, strict=True):
        axes.text(
            GAP * place,
            height - 0.52,
            f"a{place} = {total:.3f}\nb = {own:g}",
            ha="center",
            va="top",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
        )


EXAMPLE = Example(
    name="three-layer-network",
    title={"en": "Three-layer network", "zh": "三层神经网络"},
    article="001",
    load_data=load_data,
    build_model=build_model,
    epochs=0,
    batch_size=1,
    figures=(network,),
    measure=outputs,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
