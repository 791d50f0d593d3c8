"""The figure of backpropagation through time: how the gradient shrinks or grows on its way back."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def sizes(trained: Trained) -> Figure:
    """The size of the gradient over the steps back, for small, orthogonal and large weights."""
    figure = style.new_figure(
        trained.text(
            "On its way back through time, a gradient vanishes or explodes",
            "梯度沿时间往回传，或消失，或爆炸",
        )
    )
    axes = figure.subplots()
    for scale, found in trained.measures["sizes"].items():
        back = np.arange(found.shape[1])
        by_step = found[:, ::-1]
        label = trained.text(f"Wh × {scale:g}", f"Wh × {scale:g}")
        (line,) = axes.plot(back, np.median(by_step, axis=0), label=label)
        axes.fill_between(
            back, by_step.min(axis=0), by_step.max(axis=0), color=line.get_color(), alpha=0.2
        )
    style.count_axis(axes, trained.text("Steps back from the last", "从最后一步往回的步数"))
    axes.set_yscale("log")
    axes.set_ylabel(trained.text("Length of dh (last step = 1)", "dh 的长度（最后一步为 1）"))
    axes.legend(
        title=trained.text(
            "Line: median of 5 seeds; band: all", "线：5 个种子的中位数；色带：全部范围"
        )
    )
    return figure
