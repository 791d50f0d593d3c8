"""Activation functions and their derivatives: step, sigmoid, tanh, ReLU, softplus, softmax.

What a neuron makes of its weighted sum. The derivative says how much of an error comes back through
it: where it is about 0 the function is saturated, and what lies before it learns hardly anything.

- Data: the scores 1010, 1000 and 990, for which softmax overflows when it is computed as it is
  written; the curves are drawn from −6 to 6.
- Network: an activation and nothing else, no parameters, nothing to train. The step is this
  article's, 1 above 0; the perceptron's, of article 003, is 1 at 0 too.
- Article 001: 深度学习入门2 —— 神经网络的组成和3层神经网络的实现, 激活函数; article 002:
  深度学习基础回顾, 深度学习常用的激活函数.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_examples import datasets
from keras_examples.core import Example, Trained
from keras_examples.figures import style


class Facts(NamedTuple):
    """What the figure writes about an activation: name, formula, range and the range's limits."""

    name: str
    formula: str
    range: str
    limits: tuple[float, ...]


FACTS = {
    "step": Facts("step", r"$1$ if $x > 0$, else $0$", r"$\{0, 1\}$", (0, 1)),
    "sigmoid": Facts("sigmoid", r"$1\,/\,(1 + e^{-x})$", "$(0, 1)$", (0, 1)),
    "tanh": Facts("tanh", r"$(e^x - e^{-x})\,/\,(e^x + e^{-x})$", "$(-1, 1)$", (-1, 1)),
    "relu": Facts("ReLU", r"$\max(0, x)$", r"$[0, \infty)$", (0,)),
    "softplus": Facts("softplus", r"$\log(1 + e^x)$", r"$(0, \infty)$", (0,)),
    "softmax": Facts("softmax($x, 1, -1$)", r"$e^x\,/\,(e^x + e^1 + e^{-1})$", "$(0, 1)$", (0, 1)),
}
# Below this slope, a twentieth of ReLU's, we call a function saturated.
SATURATED = 0.05


def step(x: Any) -> Any:
    """Returns 1 where `x > 0` and 0 elsewhere."""
    return ops.cast(x > 0, x.dtype)


keras.saving.register_keras_serializable("keras_examples")(step)


def naive_softmax(scores: np.ndarray) -> np.ndarray:
    """Computes softmax as it is written, without care for overflow.

    Args:
        scores: Shape `(batch, n)`.

    Returns:
        The probabilities, of the same shape; NaN where the exponential of a score is infinite,
        which it is above 709 in `float64`.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        exponentials = np.exp(scores)
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def build_model(*, activation: str = "softmax", dtype: str = "float32") -> keras.Model:
    """Builds and compiles a model that is an activation and nothing else.

    Args:
        activation: `"step"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"softplus"` or `"softmax"`.
        dtype: What to compute in, `"float32"` or `"float64"`.

    Returns:
        A compiled model from sums, shape `(batch, n)` for any `n`, to what the activation makes of
        them, of the same shape. Softmax goes over the last axis, the others by element.
    """
    function = step if activation == "step" else activation
    model = keras.Sequential(
        [keras.Input((None,), dtype=dtype), layers.Activation(function, dtype=dtype)],
        name=activation,
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def load_data() -> datasets.Dataset:
    """Returns the article's three scores and the probabilities that it prints for them.

    Returns:
        The data set; scores `float64`, shape `(1, 3)`, and probabilities `float64`, of the same
        shape.
    """
    scores = np.array([[1010.0, 1000.0, 990.0]])
    probabilities = np.array([[9.99954600e-01, 4.53978686e-05, 2.06106005e-09]])
    return datasets.Dataset.computed("three scores", (scores, probabilities))


def curve(activation: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes an activation and, by automatic differentiation, its derivative.

    Args:
        activation: As for `build_model()`. Softmax is that of (x, 1, −1), and its first output.
        x: Where, shape `(n,)`.

    Returns:
        Its values and its derivative with respect to `x`, both `float64`, shape `(n,)`.
    """
    model = build_model(activation=activation, dtype="float64")
    points = tf.constant(x[:, None], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(points)
        inputs = points
        if activation == "softmax":
            inputs = tf.concat([points, tf.ones_like(points), -tf.ones_like(points)], axis=1)
        values = model(inputs)[:, :1]
    # The step is flat wherever it has a derivative, so nothing connects it to its input.
    slope = tape.gradient(values, points, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return values.numpy()[:, 0], slope.numpy()[:, 0]


def largest_derivatives(trained: Trained) -> dict[str, float]:
    """Finds the largest derivative of the functions that squash, the most that comes back."""
    x = np.linspace(-6, 6, 1201)
    return {
        f"{name}_largest_derivative": float(curve(name, x)[1].max()) for name in ("sigmoid", "tanh")
    }


def curves(trained: Trained) -> Figure:
    """Each activation with its derivative, its range, and where it is saturated."""
    figure = style.new_figure(
        trained.say("Activation functions and their derivatives", "激活函数及其导数"),
        figsize=(10.2, 7.0),
    )
    grid = figure.subplots(2, 3, sharex=True, sharey=True)
    for axes, (name, facts) in zip(grid.flat, FACTS.items(), strict=True):
        _curve(axes, name, facts.limits)
        what = trained.say("range", "值域")
        formula = facts.formula
        if name == "step":
            formula = trained.say(formula, "$x > 0$ 时为 $1$，否则为 $0$")
        axes.set_title(f"{facts.name}: {formula}\n{what} {facts.range}", fontsize=10.5)
    for axes in grid[1]:
        axes.set_xlabel(trained.say("Weighted sum x", "加权和 x"))
    for axes in grid[:, 0]:
        axes.set_ylabel(trained.say("Activation and derivative", "激活值与导数"))
    figure.legend(handles=_key(trained), loc="outside lower center", ncols=4)
    return figure


def _curve(axes: Axes, name: str, limits: tuple[float, ...]) -> None:
    x = np.linspace(-6, 6, 1201)
    values, slope = curve(name, x)
    axes.fill_between(
        x, -1.3, 2.3, where=np.abs(slope) < SATURATED, color=style.GREY, alpha=0.15, linewidth=0
    )
    for limit in limits:
        axes.axhline(limit, color=style.GREY, linestyle=":", linewidth=1.2)
    for part in (x <= 0, x > 0) if name == "step" else (np.isfinite(x),):
        axes.plot(x[part], values[part], color=style.BLUE)
    axes.plot(x, slope, "--", color=style.VERMILION)
    axes.set(xlim=(-6, 6), ylim=(-1.3, 2.3))


def _key(trained: Trained) -> list[Line2D | Patch]:
    say = trained.say
    flat = say(f"Saturated: derivative below {SATURATED}", f"饱和：导数小于 {SATURATED}")
    return [
        Line2D([], [], color=style.BLUE, label=say("Activation", "激活函数")),
        Line2D([], [], color=style.VERMILION, linestyle="--", label=say("Derivative", "导数")),
        Line2D(
            [], [], color=style.GREY, linestyle=":", label=say("Limit of the range", "值域边界")
        ),
        Patch(color=style.GREY, alpha=0.15, linewidth=0, label=flat),
    ]


def overflow(trained: Trained) -> Figure:
    """Softmax as it is written and without its largest score, as the scores grow."""
    scores, _ = trained.data.evaluation
    largest = np.arange(0, scores.max() + 1, 10)
    shifted = scores - scores.max() + largest[:, None]
    stable = np.asarray(build_model(dtype="float64")(ops.convert_to_tensor(shifted)))
    naive = naive_softmax(shifted)
    figure = style.new_figure(
        trained.say(
            "Softmax overflows unless the largest score is subtracted first",
            "不先减去最大值，softmax 就会溢出",
        ),
        figsize=(8.4, 4.4),
    )
    axes = figure.subplots()
    for index, name in enumerate(("a", "a − 10", "a − 20")):
        label = trained.say(f"score {name}", f"得分 {name}")
        axes.plot(largest, stable[:, index], color=style.PALETTE[index], label=label)
        axes.plot(largest[5::5], naive[5::5, index], "o", color=style.PALETTE[index])
    axes.plot([], [], "k-", label=trained.say("largest score subtracted", "先减去最大值"))
    axes.plot([], [], "ko", label=trained.say("computed as written", "按公式直接计算"))
    overflown = largest[np.isnan(naive).any(axis=1)]
    axes.axvspan(overflown[0], largest[-1], color=style.GREY, alpha=0.15, linewidth=0)
    text = trained.say("computed as written:\nNaN", "按公式直接计算：\nNaN")
    axes.text(overflown.mean(), 1e-3, text, ha="center", va="center")
    axes.set(yscale="log", xlim=(0, largest[-1]))
    axes.set_xlabel(trained.say("Largest of the three scores, a", "三个得分中最大的一个 a"))
    axes.set_ylabel(trained.say("Probability (log scale)", "概率（对数坐标）"))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


EXAMPLE = Example(
    name="activations",
    title={"en": "Activation functions", "zh": "激活函数"},
    article="001",
    load_data=load_data,
    build_model=build_model,
    epochs=0,
    batch_size=1,
    figures=(curves, overflow),
    measure=largest_derivatives,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
