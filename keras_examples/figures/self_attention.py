"""The figure of what the rows of an image attend to."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def attention(trained: Trained) -> Figure:
    """Which rows each row attends to: for one row over the image, and for all as a matrix."""
    looking, ticks = 14, (0, 9, 18, 27)
    images, weights = trained.measures["images"], trained.measures["attention"].mean(axis=1)
    title = trained.text(
        ": rows attended to (mean over the heads)", "：各行所关注的行（各头的平均）"
    )
    figure = style.new_figure(trained.title + title, figsize=(9.6, 5.2))
    grid = figure.subplots(2, len(images), sharey=True)
    for over, matrix, image, weight in zip(*grid, images, weights, strict=True):
        over.imshow(image, vmin=0, vmax=255)
        bands = np.empty((28, 28, 4))
        bands[..., :3] = to_rgb(style.ORANGE)
        bands[..., 3] = 0.8 * weight[looking, :, None] / weight[looking].max()
        over.imshow(bands)
        over.axhspan(looking - 0.5, looking + 0.5, fill=False, color=style.SKY, lw=1.5)
        shown = matrix.imshow(weight, cmap="Oranges", vmin=0, vmax=weights.max())
        matrix.set_xlabel(trained.text("Row looked at", "被关注的行"))
        over.set_xticks([])
        matrix.set_xticks(ticks)
    grid[0, 0].set_yticks(ticks)
    grid[0, 0].set_ylabel(
        trained.text(
            f"Row {looking} (framed) looks\nat the orange rows",
            f"第 {looking} 行（蓝框）\n关注橙色的行",
        )
    )
    grid[1, 0].set_ylabel(trained.text("Row that looks", "发起关注的行"))
    bar = figure.colorbar(shown, ax=grid[1], shrink=0.9)
    bar.set_label(trained.text("Weight (each row sums to 1)", "权重（每行之和为 1）"))
    bar.outline.set_visible(False)
    return figure
