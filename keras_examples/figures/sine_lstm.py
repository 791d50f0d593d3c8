"""The figures of the LSTM beside the simple recurrent network."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import style


def _pair(trained: Trained) -> tuple[tuple[str, str, Trained], ...]:
    return (
        ("LSTM", style.VERMILION, trained),
        ("SimpleRNN", style.BLUE, trained.companions["rnn"]),
    )


def forecast(trained: Trained) -> Figure:
    """Both networks' forecasts: one step ahead on the data, then free after its end."""
    figure = style.new_figure(
        f"{trained.title}{trained.text(': forecasts', '：预测')}", figsize=(9.6, 7.6)
    )
    ahead, *free = figure.subplots(3, 1)
    windows = trained.data.x_train
    points, window = len(windows) + windows.shape[1], windows.shape[1]
    t = np.linspace(0, 100, points)[window:]
    truth = trained.text("True sine", "真实的正弦")
    ahead.plot(t, trained.data.y_train[:, 0], color=style.GREY, alpha=0.5, lw=4, label=truth)
    for name, colour, one in _pair(trained):
        dashes = "--" if one is trained else ":"
        ahead.plot(t, one.outputs[:, 0], dashes, color=colour, label=name)
    errors = ", ".join(
        f"{name} {np.mean((one.outputs - one.data.y_train) ** 2):.2g}"
        for name, _, one in _pair(trained)
    )
    ahead.set_title(
        trained.text(
            f"One step ahead, from ten true values: mean squared error {errors}",
            f"单步预测（由十个真实值预测下一个值）：均方误差 {errors}",
        )
    )
    t, wave = trained.measures["continuation"]
    for axes, (name, colour, _) in zip(free, _pair(trained), strict=True):
        forecasts = trained.measures["free_runs"][name]
        axes.plot(t, wave, color=style.GREY, alpha=0.5, lw=4)
        axes.plot(t, forecasts, color=colour)
        error = f"{trained.measures[f'{name.lower()}_free_running_mse']:.2g}"
        axes.set_title(
            trained.text(
                f"{name} running freely on its own forecasts: mean squared error {error}",
                f"{name} 以自身预测为输入自由运行：均方误差 {error}",
            )
        )
    for axes in (ahead, *free):
        axes.set_ylabel("sin(t)")
        axes.margins(x=0.01)
        axes.grid(visible=True)
    free[-1].set_xlabel(trained.text("Time t (radians)", "时间 t（弧度）"))
    figure.legend(loc="outside lower left", ncols=3)
    return figure


def vanishing_gradient(trained: Trained) -> Figure:
    """The gradient of the last state with respect to the input k steps back, over several seeds.

    For both networks, the seed of the run and the band of all.
    """
    figure = style.new_figure(
        trained.title
        + trained.text(": gradient through time after training", "：训练后沿时间反向传播的梯度")
    )
    axes = figure.subplots()
    axes.set_yscale("log")
    for name, colour, _ in _pair(trained):
        norms = trained.measures["gradient_norms"][name]
        back = np.arange(norms.shape[1])
        each = trained.text(f"{name}, each of {len(norms)} seeds", f"{name}，{len(norms)} 个种子")
        own = trained.text(f"{name}, seed {trained.seed}", f"{name}，种子 {trained.seed}")
        axes.fill_between(
            back, norms.min(axis=0), norms.max(axis=0), color=colour, alpha=0.15, lw=0
        )
        axes.plot(
            back,
            norms[1:].T,
            color=colour,
            lw=0.7,
            alpha=0.7,
            label=[each, *[""] * (len(norms) - 2)],
        )
        axes.plot(back, norms[0], color=colour, label=own)
    window = axes.axvspan(0, trained.data.x_train.shape[1] - 1, color=style.GREY, alpha=0.15, lw=0)
    window.set_label(trained.text("Window seen in training", "训练时所见的窗口"))
    style.count_axis(axes, trained.text("Steps back k", "向前回溯的步数 k"))
    axes.set_ylabel(
        trained.text("Size of the gradient ‖∂h(T) / ∂x(T−k)‖", "梯度大小 ‖∂h(T) / ∂x(T−k)‖")
    )
    axes.margins(x=0)
    axes.legend()
    return figure
