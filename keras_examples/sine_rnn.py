"""Recurrent network that forecasts a sine, one step ahead (131 parameters).

A state carries what was seen so far from step to step, so ten values of a wave are enough to tell
the eleventh. From article 004, 循环神经网络.

Data: sin(t) at 100 evenly spaced points t of [0, 100]; 90 windows of 10 values, each with the value
that follows. Nothing is held out: the article looks at the fit to what was learned.

Example:
    >>> from keras_examples.sine_rnn import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=16, epochs=100)
    >>> forecasts = model.predict(data.x_train)
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from keras_examples.core import Example, Rate, Size, Text, builder
from keras_examples.datasets import Dataset
from keras_examples.figures import article_forecast, loss, sine_rnn

WINDOW = 10


def wave(points: int = 100) -> np.ndarray:
    """Returns the sine at evenly spaced points of [0, 100], shape `(points,)`."""
    return np.asarray(np.sin(np.linspace(0, 100, points)))


def load_data(points: int = 100, window: int = WINDOW) -> Dataset:
    """Cuts the sine into windows, `float32`, shape `(n, window, 1)`, each with the value after it.

    Args:
        points: How many values of the sine.
        window: How many values a window holds.
    """
    values = wave(points).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(values[:-1], window)
    return Dataset.computed("sine", (windows[..., None], values[window:, None]))


@builder
def build_model(
    *, units: Size = 10, window: Size = WINDOW, learning_rate: Rate = 0.001
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
    model = keras.Sequential([keras.Input((window, 1)), layers.SimpleRNN(units), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), loss="mean_squared_error")
    return model


EXAMPLE = Example(
    title=Text("Recurrent network on a sine", "循环神经网络（正弦波）"),
    article="004",
    epochs=100,
    batch_size=16,
    figures=(sine_rnn.forecast, loss, article_forecast),
    animation=sine_rnn.learning,
    frame=sine_rnn.frame,
    series=wave,
)

if __name__ == "__main__":
    EXAMPLE.main()
