"""The figure of the recurrent network's forecast."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def forecast(trained: Trained) -> Figure:
    """The true and the predicted value of the sine over time."""
    windows, following = trained.data.evaluation
    points, window = len(windows) + windows.shape[1], windows.shape[1]
    t = np.linspace(0, 100, points)[window:]
    figure = style.new_figure(f"{trained.title}{trained.text(': forecast', '：预测')}")
    axes = figure.subplots()
    true = trained.text("True value (accuracy_data)", "真实值 (accuracy_data)")
    predicted = trained.text("Predicted value (predict_data)", "预测值 (predict_data)")
    axes.plot(t, following[:, 0], "o-", color=style.BLUE, label=true)
    axes.plot(t, trained.outputs[:, 0], "x--", color=style.VERMILION, label=predicted)
    axes.set_xlabel(trained.text("Time t (radians)", "时间 t（弧度）"))
    axes.set_ylabel(trained.text("sin(t), and what the network makes of it", "sin(t) 及网络的预测"))
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2)
    return figure
