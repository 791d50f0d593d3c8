"""The figure of the recurrent network's forecast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style

if TYPE_CHECKING:
    import keras

    from keras_examples.datasets import Dataset


def forecast(trained: Trained) -> Figure:
    """The true and the predicted value of the sine over time, and how far apart they are."""
    windows, following = trained.data.evaluation
    points, window = len(windows) + windows.shape[1], windows.shape[1]
    t = np.linspace(0, 100, points)[window:]
    figure = style.new_figure(
        f"{trained.title}{trained.text(': forecast', '：预测')}", figsize=(9.6, 5.6)
    )
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    # Six points a period leave corners: the curve behind them shows what they are points of.
    fine = np.linspace(t[0], t[-1], 2000)
    sine = trained.text("sin(t)", "sin(t)")
    axes.plot(fine, np.sin(fine), color=style.GREY, alpha=0.4, lw=3, label=sine)
    true = trained.text("True value (accuracy_data)", "真实值 (accuracy_data)")
    predicted = trained.text("Predicted value (predict_data)", "预测值 (predict_data)")
    axes.plot(t, following[:, 0], "o", color=style.BLUE, label=true)
    axes.plot(t, trained.outputs[:, 0], "x", color=style.VERMILION, label=predicted, mew=1.5)
    axes.set_ylabel(trained.text("Value", "值"))
    residual = trained.outputs[:, 0] - following[:, 0]
    below.vlines(t, 0, residual, color=style.VERMILION)
    below.axhline(0, color=style.GREY, lw=0.8)
    below.set_xlabel(trained.text("Time t (radians)", "时间 t（弧度）"))
    below.set_ylabel(trained.text("Predicted\n− true", "预测值\n− 真实值"))
    for each in (axes, below):
        each.margins(x=0.01)
        each.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def frame(model: keras.Model, data: Dataset) -> np.ndarray:
    """Returns the forecasts for all windows, for `learning()`."""
    return np.asarray(model(data.x_train))[:, 0]


def learning(trained: Trained) -> Iterator[Figure]:
    """The forecast after each of the first epochs, then after fewer and fewer of them."""
    windows, following = trained.data.evaluation
    points, window = len(windows) + windows.shape[1], windows.shape[1]
    t, epochs = np.linspace(0, 100, points)[window:], len(trained.snapshots)
    fine = np.linspace(t[0], t[-1], 1000)
    figure = style.new_figure("", figsize=(8.0, 3.6))
    axes = figure.subplots()
    for epoch in sorted({round(epochs ** (step / 40)) for step in range(41)}):
        found = trained.snapshots[epoch - 1]
        error = float(np.mean((found - following[:, 0]) ** 2))
        axes.clear()
        axes.plot(fine, np.sin(fine), color=style.GREY, alpha=0.4, lw=3)
        axes.plot(t, following[:, 0], "o", color=style.BLUE)
        axes.plot(t, found, "x", color=style.VERMILION, mew=1.5)
        axes.set(ylim=(-1.3, 1.3), xlabel=trained.text("Time t (radians)", "时间 t（弧度）"))
        figure.suptitle(
            trained.text(
                f"The sine is learned: epoch {epoch}, mean squared error {error:.1e}",
                f"学习正弦波：第 {epoch} 轮，均方误差 {error:.1e}",
            )
        )
        yield figure
