"""Recurrent network that forecasts a sine, one step ahead (131 parameters).

The article's third network: a state carries what was seen so far from step to step, so ten values
of a wave are enough to tell the eleventh.

- Data: sin(t) at 100 evenly spaced points t of [0, 100]; 90 windows of 10 values, each with the
  value that follows. Nothing is held out: the article looks at the fit to what was learned.
- Network: SimpleRNN 10, Dense 1. Adam, mean squared error, 100 epochs of batches of 16.
- Article 004: 机器学习中的神经网络重难点!纯干货(上篇), 循环神经网络.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

from keras_examples import datasets, figures
from keras_examples.core.example import Example, Trained
from keras_examples.figures import style

WINDOW = 10


def build_model(
    *, units: int = 10, window: int = WINDOW, learning_rate: float = 0.001
) -> keras.Model:
    """Builds and compiles the recurrent network.

    Args:
        units: Size of the recurrent state.
        window: How many values it sees before it forecasts.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from windows of a series, shape `(batch, window, 1)`, to the next value of
        each, shape `(batch, 1)`.
    """
    model = keras.Sequential(
        [keras.Input((window, 1)), layers.SimpleRNN(units), layers.Dense(1)], name="sine_rnn"
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mean_squared_error")
    return model


def times(points: int = 100) -> np.ndarray:
    """Returns the article's points in time: evenly spaced over [0, 100], shape `(points,)`."""
    return np.linspace(0, 100, num=points)


def wave(points: int = 100) -> np.ndarray:
    """Returns the article's sine at these points, shape `(points,)`."""
    return np.asarray(np.sin(times(points)))


def load_data(points: int = 100, window: int = WINDOW) -> datasets.Dataset:
    """Computes the sine and cuts it into windows.

    Args:
        points: How many values of the sine.
        window: How many values a window holds.

    Returns:
        The data set; windows `float32`, shape `(points - window, window, 1)`, and the value after
        each, shape `(points - window, 1)`, both from −1 to 1.
    """
    values = wave(points).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(values[:-1], window)
    return datasets.Dataset.computed("sine", (windows[..., None], values[window:, None]))


def forecast(trained: Trained) -> Figure:
    """The true and the predicted value of the sine over time."""
    t = times(len(trained.data.x_train) + WINDOW)[WINDOW:]
    figure = style.new_figure(f"{trained.title}{trained.say(': forecast', '：预测')}")
    axes = figure.subplots()
    axes.plot(
        t,
        trained.data.y_train[:, 0],
        "o-",
        color=style.BLUE,
        label=trained.say("True value (accuracy_data)", "真实值 (accuracy_data)"),
    )
    axes.plot(
        t,
        trained.outputs[:, 0],
        "x--",
        color=style.VERMILION,
        label=trained.say("Predicted value (predict_data)", "预测值 (predict_data)"),
    )
    axes.set_xlabel(trained.say("Time t (radians)", "时间 t（弧度）"))
    axes.set_ylabel(trained.say("sin(t), and what the network makes of it", "sin(t) 及网络的预测"))
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


EXAMPLE = Example(
    name="sine-rnn",
    title={"en": "Recurrent network on a sine", "zh": "循环神经网络（正弦波）"},
    article="004",
    load_data=load_data,
    build_model=build_model,
    epochs=100,
    batch_size=16,
    figures=(forecast, figures.loss),
    series=wave,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
