"""LSTM that forecasts a sine, beside the simple recurrent network (491 parameters).

The cell state is carried from step to step by a gate between 0 and 1, not through a weight matrix.
From article 004, 长短时记忆网络: a heading in its table of contents, whose text is lost. So the
design is ours: that of `sine_rnn` with an LSTM in the SimpleRNN's place, and all else alike.

Both forecast the next value. Then each runs freely: its forecast becomes its next input, 200 times,
so small errors can grow. With each of ten seeds (0 to 9) the LSTM left the wave for an oscillation
of its own, mean squared error 1.3 to 2.1; the SimpleRNN stayed on it with nine, at most 0.0015, and
drifted off with one (8), 0.15. A good forecast one step ahead promises nothing more.

Back-propagation through time shows how far back each can learn from: the gradient of the last state
with respect to an input k steps back. One seed would tell any story, so there are five of each. 99
steps back, between 5e-10 and 2e-3 is left in the LSTM, and between 3e-12 (seed 0) and 0.2 (seed 1)
in the SimpleRNN, whose recurrent kernel starts as a rotation, which by itself shrinks nothing.

Data: as in `sine_rnn`, sin(t) at 100 evenly spaced points t of [0, 100]; 90 windows of 10 values
from −1 to 1, each with the value that follows. The wave goes on after t = 100, for the free run.

Example:
    >>> from keras_examples.sine_lstm import build_model, load_data
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=16, epochs=100)
    >>> forecasts = model.predict(data.x_train)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_examples import sine_rnn
from keras_examples.core import Example, Rate, Recipe, Size, Text, Trained, builder
from keras_examples.figures import loss, sine_lstm
from keras_examples.inference.series import run_freely
from keras_examples.sine_rnn import WINDOW

SEEDS = 5
FREE_STEPS = 200
STEPS_BACK = 100

load_data = sine_rnn.load_data


@builder
def build_model(
    *, units: Size = 10, window: Size = WINDOW, learning_rate: Rate = 0.001
) -> keras.Model:
    """Builds and compiles the LSTM.

    Args:
        units: Size of the state and of the cell state.
        window: How many values it sees before it forecasts.
        learning_rate: Adam's learning rate, above 0.

    Returns:
        A compiled model from windows of a series, shape `(batch, window, 1)`, to the next value of
        each, shape `(batch, 1)`.
    """
    model = keras.Sequential([keras.Input((window, 1)), layers.LSTM(units), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), loss="mean_squared_error")
    return model


def continuation(points: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns how the sine goes on after the points that the networks learn from.

    Args:
        points: How many points of [0, 100] they learn from, at least 2.
        steps: How many more to take, at the same distance.

    Returns:
        The times and the values of sin there, both of shape `(steps,)`.
    """
    t = np.arange(points, points + steps) * 100 / (points - 1)
    return t, np.sin(t)


def gradient_through_time(layer: Any, windows: np.ndarray) -> np.ndarray:
    """Returns how strongly a recurrent layer's last state depends on each input, as it learns.

    Needs TensorFlow as the backend of Keras, to differentiate.

    Args:
        layer: A recurrent layer that returns its last state, shape `(batch, units)`.
        windows: Its inputs, shape `(batch, steps, 1)`.

    Returns:
        The derivative of every unit by every input, shape `(batch, steps, units)`.
    """
    # A copy of each window for each unit, so that one way back gives the derivatives of all.
    inputs = tf.constant(np.repeat(windows, layer.units, axis=0), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        own = layer(inputs) * tf.tile(tf.eye(layer.units), (len(windows), 1))
    gradient = tape.gradient(own, inputs).numpy()
    by_unit = gradient.reshape(len(windows), layer.units, windows.shape[1])
    return np.asarray(by_unit.transpose(0, 2, 1))


def gradient_norms(layer: Any, steps_back: int = STEPS_BACK) -> np.ndarray:
    """Returns the size of the gradient of the last state with respect to an input k steps back.

    Args:
        layer: A recurrent layer that returns its last state.
        steps_back: The largest k, plus 1.

    Returns:
        The Euclidean norm over the units for k from 0, averaged over the phases of the sine, shape
        `(steps_back,)`.
    """
    # The first half of a window lets the state, which starts at zero, settle into the wave.
    steps, phases = 2 * steps_back, 6
    wave = np.sin(np.arange(steps + phases) * 100 / 99)
    windows = np.lib.stride_tricks.sliding_window_view(wave, steps)[:phases, :, None]
    gradient = gradient_through_time(layer, windows)[:, steps - steps_back :]
    norms: np.ndarray = np.linalg.norm(gradient, axis=-1).mean(axis=0)[::-1]
    return norms


def measure(trained: Trained) -> Mapping[str, Any]:
    """Measures how far both networks' free runs are from the true sine, in mean squared error.

    For the figures it also keeps what the free runs are made of, and both gradients through time,
    for each of the seeds.
    """
    wave = trained.data.y_train[:, 0]
    t, truth = continuation(len(wave) + WINDOW, FREE_STEPS)
    models = {"LSTM": trained.model, "SimpleRNN": trained.companions["rnn"].model}
    runs = {name: run_freely(one, wave[-WINDOW:], FREE_STEPS) for name, one in models.items()}
    errors = {name: float(np.mean((run - truth) ** 2)) for name, run in runs.items()}
    others = trained.companions
    seeds = {
        "LSTM": [trained, *(others[f"seed-{seed}"] for seed in range(1, SEEDS))],
        "SimpleRNN": [others["rnn"], *(others[f"rnn-seed-{seed}"] for seed in range(1, SEEDS))],
    }
    return {
        **{f"{name.lower()}_free_running_mse": error for name, error in errors.items()},
        "continuation": (t, truth),
        "free_runs": runs,
        "gradient_norms": {
            name: np.array([gradient_norms(one.model.layers[0]) for one in alike])
            for name, alike in seeds.items()
        },
    }


EXAMPLE = Example(
    title=Text("LSTM on a sine", "长短时记忆网络（正弦波）"),
    article="004",
    epochs=100,
    batch_size=16,
    figures=(sine_lstm.forecast, sine_lstm.vanishing_gradient, loss),
    companions={
        "rnn": Recipe(of=sine_rnn.EXAMPLE),
        **{f"seed-{seed}": Recipe(seed=seed) for seed in range(1, SEEDS)},
        **{f"rnn-seed-{seed}": Recipe(of=sine_rnn.EXAMPLE, seed=seed) for seed in range(1, SEEDS)},
    },
    measure=measure,
    series=sine_rnn.wave,
)

if __name__ == "__main__":
    EXAMPLE.main()
