"""Perceptron that computes AND, OR and NOT, learns them, and fails on XOR (3 parameters).

One neuron with a threshold: y = 1 where w1·x1 + w2·x2 − θ ≥ 0, and 0 elsewhere. It divides the
plane by a straight line, which is enough for AND, OR and NOT. No line divides XOR.

- Data: the four inputs (0, 0), (0, 1), (1, 0), (1, 1) and what the gate makes of each; NOT looks at
  x1 alone.
- Network: one unit whose step fires at its threshold too, as AND at (1, 1) needs it with the
  article's numbers. The threshold is learned as the weight of a constant input −1. Rosenblatt's
  rule corrects the weights by η (y − ŷ) x after each sample: 20 epochs, η = 1, weights from 0.
- Article 003: 【深度学习】含神经网络、CNN、RNN推理, 单层感知器.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from keras_examples import datasets
from keras_examples.core import Example, Trained
from keras_examples.figures import style

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
TRUTH = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "not": (1, 1, 0, 0), "xor": (0, 1, 1, 0)}


class Gate(NamedTuple):
    """A perceptron's numbers: it fires where `w1 * x1 + w2 * x2 >= threshold`."""

    w1: float
    w2: float
    threshold: float


ARTICLE_GATES = {"and": Gate(1, 1, 2), "or": Gate(1, 1, 0.5), "not": Gate(-0.6, 0, -0.5)}


@keras.saving.register_keras_serializable("keras_examples")
class Perceptron(keras.Model):
    """A perceptron of two inputs that learns by Rosenblatt's rule.

    Its `kernel`, shape `(3, 1)`, holds w1, w2 and θ.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights, all 0."""
        self.kernel = self.add_weight((3, 1), initializer="zeros", name="kernel")
        self.built = True

    def call(self, x: Any) -> Any:
        """Returns 0 or 1 for inputs of shape `(batch, 2)`; shape `(batch, 1)`."""
        return ops.cast(ops.matmul(_with_constant(x), self.kernel) >= 0, "float32")

    def train_step(self, data: tuple[Any, Any]) -> dict[str, Any]:
        """Corrects the weights by η (y − ŷ) x, summed over the batch."""
        x, y = data
        outputs = self(x)
        # A step has no slope to follow, so the rule takes the place of the gradient.
        rule = ops.matmul(ops.transpose(_with_constant(x)), outputs - y)
        self.optimizer.apply([rule], [self.kernel])
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(ops.abs(outputs - y))
        return dict(self.compute_metrics(x, y, outputs))


def _with_constant(x: Any) -> Any:
    return ops.concatenate([x, -ops.ones_like(x[:, :1])], axis=1)


def build_model(*, learning_rate: float = 1.0) -> keras.Model:
    """Builds and compiles a perceptron whose weights and threshold are 0.

    Args:
        learning_rate: Rosenblatt's η, above 0. From weights of 0 it only scales them; a power of
            two keeps them free of rounding, which matters at the threshold.

    Returns:
        A compiled `Perceptron` from points, shape `(batch, 2)`, to 0 or 1, shape `(batch, 1)`. Its
        loss is the share of points that it gets wrong.
    """
    model = Perceptron(name="perceptron")
    model.build((None, 2))
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="mean_absolute_error",
        metrics=["accuracy"],
    )
    return model


def build_gate(gate: str) -> keras.Model:
    """Builds the perceptron of a gate with the article's weights and threshold.

    Args:
        gate: `"and"`, `"or"` or `"not"`.

    Returns:
        A `Perceptron` as `build_model()` makes it, with nothing left to learn.
    """
    model = build_model()
    model.set_weights([np.array(ARTICLE_GATES[gate], np.float32)[:, None]])
    return model


def load_data(gate: str = "and") -> datasets.Dataset:
    """Returns the truth table of a gate.

    Args:
        gate: `"and"`, `"or"`, `"not"` (of x1) or `"xor"`.

    Returns:
        The data set; inputs `float32`, shape `(4, 2)`, outputs `float32`, shape `(4, 1)`, all 0 or
        1. Nothing is held out, for there are no other inputs.
    """
    return datasets.Dataset.computed(
        gate, (INPUTS.copy(), np.array(TRUTH[gate], np.float32)[:, None])
    )


def _all_gates(trained: Trained) -> dict[str, Trained]:
    return {one.data.name: one for one in (trained, *trained.companions.values())}


def errors(trained: Trained) -> dict[str, float]:
    """Counts the inputs, of four, that the learned perceptron of each gate gets wrong."""
    return {
        f"{gate}_errors": float((one.outputs != one.data.y_train).sum())
        for gate, one in _all_gates(trained).items()
    }


def gates(trained: Trained) -> Figure:
    """The four inputs, the article's line and the learned one for each gate."""
    figure = style.new_figure(
        trained.say(
            "A perceptron draws one straight line: enough for AND, OR and NOT, not for XOR",
            "感知器只能画一条直线：足以实现与、或、非，但不能实现异或",
        ),
        figsize=(9.6, 4.0),
    )
    row = figure.subplots(1, len(TRUTH), sharey=True)
    for axes, (gate, one) in zip(row, _all_gates(trained).items(), strict=True):
        _plane(axes, one, ARTICLE_GATES.get(gate))
        wrong = int(errors(trained)[f"{gate}_errors"])
        axes.set_title(
            _gate_name(trained, gate)
            + "\n"
            + trained.say(
                f"learned: {wrong} of 4 wrong" if wrong else "learned: all 4 right",
                f"学到的：4 个中错 {wrong} 个" if wrong else "学到的：4 个全对",
            ),
            color=style.VERMILION if wrong else style.BLACK,
        )
        axes.set_xlabel(trained.say("Input x1", "输入 x1"))
    row[0].set_ylabel(trained.say("Input x2", "输入 x2"))
    figure.legend(handles=_key(trained), loc="outside lower center", ncols=5, fontsize=9)
    return figure


def _gate_name(trained: Trained, gate: str) -> str:
    chinese = {"and": "与 (AND)", "or": "或 (OR)", "not": "非 (NOT x1)", "xor": "异或 (XOR)"}
    return trained.say("NOT x1" if gate == "not" else gate.upper(), chinese[gate])


def _plane(axes: Axes, one: Trained, article: Gate | None) -> None:
    learned = Gate(*map(float, one.model.get_weights()[0][:, 0]))
    side = np.linspace(-0.5, 1.5, 201)
    x1, x2 = np.meshgrid(side, side)
    fires = learned.w1 * x1 + learned.w2 * x2 >= learned.threshold
    axes.contourf(x1, x2, fires, levels=[0.5, 1.5], colors=[style.SKY], alpha=0.35)
    _line(axes, learned, color=style.BLUE, linestyle="--")
    if article:
        _line(axes, article, color=style.BLACK)
    for (a, b), truth in zip(one.data.x_train, one.data.y_train[:, 0], strict=True):
        face = style.ORANGE if truth else "white"
        axes.plot(a, b, "o", color=face, markeredgecolor=style.BLACK, markersize=11, zorder=3)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=(0, 1), yticks=(0, 1), aspect="equal")


def _line(axes: Axes, gate: Gate, **look: Any) -> None:
    normal = np.array([gate.w1, gate.w2])
    if not normal.any():  # weights of 0 fire everywhere or nowhere: there is no line to draw
        return
    foot = normal * gate.threshold / (normal @ normal)
    axes.axline(tuple(foot), tuple(foot + np.array([-gate.w2, gate.w1])), **look)


def _key(trained: Trained) -> list[Line2D | Patch]:
    dot: dict[str, Any] = {
        "linestyle": "",
        "marker": "o",
        "markeredgecolor": style.BLACK,
        "markersize": 9,
    }
    say = trained.say
    return [
        Line2D([], [], color=style.ORANGE, label=say("Gate gives 1", "门的输出为 1"), **dot),
        Line2D([], [], color="white", label=say("Gate gives 0", "门的输出为 0"), **dot),
        Line2D([], [], color=style.BLACK, label=say("Article's line", "文章的直线")),
        Line2D([], [], color=style.BLUE, linestyle="--", label=say("Learned line", "学到的直线")),
        Patch(
            color=style.SKY, alpha=0.35, label=say("Learned perceptron fires", "学到的感知器激活")
        ),
    ]


def errors_per_epoch(trained: Trained) -> Figure:
    """The wrong answers in each epoch of learning, for each gate."""
    figure = style.new_figure(
        trained.say(
            "Rosenblatt's rule stops making mistakes where a line can divide the points",
            "只要一条直线能划分这些点，感知器学习规则最终不再出错",
        ),
        figsize=(8.0, 5.0),
    )
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    for axes, (gate, one) in zip(grid.flat, _all_gates(trained).items(), strict=True):
        wrong = np.array(one.history["loss"]) * len(one.data.x_train)
        epochs = np.arange(1, len(wrong) + 1)
        axes.bar(epochs, wrong, color=style.VERMILION if wrong[-1] else style.BLUE)
        axes.set(title=_gate_name(trained, gate), ylim=(0, 4.2), yticks=range(5))
        axes.set_xlim(0.4, len(wrong) + 0.6)
        style.count_axis(axes, "")
        axes.grid(visible=False, axis="x")
    for axes in grid[1]:
        axes.set_xlabel(trained.say("Epoch", "轮次 (epoch)"))
    for axes in grid[:, 0]:
        axes.set_ylabel(trained.say("Wrong answers, of 4", "错误数（共 4 个）"))
    return figure


def _example(gate: str, **more: Any) -> Example:
    return Example(
        **{
            "name": f"perceptron-{gate}",
            "title": {"en": f"Perceptron: {gate.upper()}", "zh": f"感知器：{gate.upper()}"},
            "article": "003",
            "load_data": functools.partial(load_data, gate),
            "build_model": build_model,
            "epochs": 20,
            "batch_size": 1,
            "figures": (),
            **more,
        }
    )


EXAMPLE = _example(
    "and",
    name="perceptron",
    title={"en": "Perceptron: logic gates", "zh": "感知器：逻辑门"},
    figures=(gates, errors_per_epoch),
    companions={gate: _example(gate) for gate in ("or", "not", "xor")},
    measure=errors,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
