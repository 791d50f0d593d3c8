"""The figure of gradient descent: its path over the cost, for several learning rates."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def descent(trained: Trained) -> Figure:
    """The way from w = 0, b = 0 down the cost, for three learning rates."""
    ws, bs, costs = trained.measures["surface"]
    paths = trained.measures["paths"]
    steps = len(next(iter(paths.values()))) - 1
    figure = style.new_figure(
        trained.text(
            f"Down the cost in {steps} steps: too small, right and too large a learning rate",
            f"沿代价曲面走 {steps} 步：学习率太小、合适与太大",
        ),
        figsize=(10.5, 4.6),
    )
    levels = np.geomspace(costs.min(), costs.max(), 17)
    lowest = np.unravel_index(costs.argmin(), costs.shape)
    grid = figure.subplots(1, len(paths), sharey=True)
    for axes, (rate, path) in zip(grid, paths.items(), strict=True):
        surface = axes.contourf(ws, bs, costs, levels=levels, cmap="Blues")
        axes.plot(*path.T, "o-", color=style.VERMILION, markersize=3, linewidth=1)
        axes.plot(*path[0], "o", color=style.BLACK, label=trained.text("start", "起点"))
        axes.plot(
            ws[lowest[1]],
            bs[lowest[0]],
            "*",
            color=style.ORANGE,
            markersize=12,
            label=trained.text("lowest cost", "代价最低处"),
        )
        axes.set(xlim=(ws[0], ws[-1]), ylim=(bs[0], bs[-1]), xlabel="w")
        axes.set_title(trained.text(f"learning rate {rate:g}", f"学习率 {rate:g}"))
    grid[0].set_ylabel("b")
    bar = figure.colorbar(surface, ax=grid, format="%.2g")
    bar.set_label(trained.text("Cost (mean cross-entropy, nats)", "代价（平均交叉熵，奈特）"))
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
