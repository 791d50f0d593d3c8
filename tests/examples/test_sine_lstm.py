from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_examples import Run, sine_lstm
from keras_examples.core import Trained
from keras_examples.figures import sine_lstm as figures
from keras_examples.figures import style
from keras_examples.inference.series import run_freely

NETWORKS = ("LSTM", "SimpleRNN")
quick = pytest.fixture(scope="module")(lambda quick_run: quick_run("sine-lstm"))
full = pytest.fixture(scope="module")(lambda quick_run: quick_run("sine-lstm", epochs=None))


def backpropagate_through_time(layer: keras.layers.SimpleRNN, x: np.ndarray) -> np.ndarray:
    """The derivative of the last state by each input, shape (steps, units), by the chain rule."""
    kernel, recurrent, bias = layer.get_weights()
    states = [np.zeros(len(bias))]
    for value in x:
        states.append(np.tanh(value * kernel[0] + states[-1] @ recurrent + bias))
    gradients = np.empty((len(x), len(bias)))
    through = np.eye(len(bias))  # of the last state by the state at the step
    for step in reversed(range(len(x))):
        through = through @ np.diag(1 - states[step + 1] ** 2)
        gradients[step] = through @ kernel[0]
        through = through @ recurrent.T
    return gradients


def test_it_has_491_parameters() -> None:
    assert sine_lstm.build_model().count_params() == 491


def test_it_takes_a_window_to_one_value() -> None:
    assert sine_lstm.build_model(units=3, window=7).output_shape == (None, 1)


def test_the_gradient_through_time_is_what_the_chain_rule_gives_by_hand() -> None:
    keras.utils.set_random_seed(0)
    layer = keras.layers.SimpleRNN(4, bias_initializer="random_normal")
    x = np.sin(np.arange(20, dtype=np.float32))
    found = sine_lstm.gradient_through_time(layer, x[None, :, None])
    assert found.shape == (1, 20, 4)
    np.testing.assert_allclose(found[0], backpropagate_through_time(layer, x), atol=1e-6)


def test_the_gradient_of_a_linear_recurrence_halves_with_every_step_back() -> None:
    layer = keras.layers.SimpleRNN(
        1,
        activation="linear",
        kernel_initializer="ones",
        recurrent_initializer=keras.initializers.Constant(0.5),
    )
    np.testing.assert_allclose(sine_lstm.gradient_norms(layer, 8), 0.5 ** np.arange(8))


def test_the_free_run_feeds_forecasts_back() -> None:
    window = keras.Input((2, 1))
    model = keras.Model(window, keras.layers.Lambda(lambda x: x[:, 0] + x[:, 1])(window))
    fibonacci = run_freely(model, np.array([1.0, 1.0]), 6)
    assert fibonacci.tolist() == [2, 3, 5, 8, 13, 21]


def test_the_continuation_starts_where_the_data_ends() -> None:
    t, wave = sine_lstm.continuation(100, 3)
    np.testing.assert_allclose(t, 100 + np.array([1, 2, 3]) * 100 / 99)
    np.testing.assert_allclose(wave, np.sin(t))


@pytest.mark.slow
def test_the_trained_lstm_forecasts_one_step_ahead(full: Run) -> None:
    assert full.metrics["final_loss"] < 0.002


@pytest.mark.slow
def test_only_the_simple_network_stays_on_the_wave_when_it_runs_freely(full: Run) -> None:
    assert full.metrics["simplernn_free_running_mse"] < 0.01
    assert full.metrics["lstm_free_running_mse"] > 0.5  # a constant zero would have 0.5


def test_there_are_five_seeds_of_either_network_each_with_its_own_gradient() -> None:
    recipes = sine_lstm.EXAMPLE.companions
    lstm = [0, *(one.seed for one in recipes.values() if not one.of)]
    rnn = [one.seed for one in recipes.values() if one.of]
    assert sorted(lstm) == sorted(rnn) == [0, 1, 2, 3, 4]
    names = [one.name for one in sine_lstm.EXAMPLE.companion_examples.values()]
    assert len({sine_lstm.EXAMPLE.name, *names}) == 10  # each has checkpoints of its own


def test_the_gradient_is_drawn_as_a_band_over_the_seeds() -> None:
    norms = {name: np.geomspace(1, [[1e-1], [1e-9], [1e-3]], 20)[..., 0].T for name in NETWORKS}
    trained = Trained(
        example=sine_lstm.EXAMPLE,
        model=sine_lstm.build_model(),
        data=sine_lstm.load_data(),
        history={},
    )
    trained = replace(trained, companions={"rnn": trained})
    trained.__dict__["measures"] = {"gradient_norms": norms}
    with style.style():
        (axes,) = figures.vanishing_gradient(trained).axes
    assert [np.asarray(line.get_xdata()).size for line in axes.lines] == [20] * 6
    for band in axes.collections:
        low, high = band.get_paths()[0].get_extents().intervaly
        assert (low, high) == (pytest.approx(1e-9), pytest.approx(1))


def test_its_figures_are_drawn(quick: Run) -> None:
    assert [figure.name for figure in quick.figures] == [
        "sine-lstm-forecast.png",
        "sine-lstm-vanishing-gradient.png",
        "sine-lstm-loss.png",
    ]


def test_the_saved_model_loads_and_forecasts_the_same(quick: Run) -> None:
    loaded = keras.models.load_model(quick.folder / "model.keras")
    windows = sine_lstm.load_data().x_train
    np.testing.assert_array_equal(
        loaded.predict(windows, verbose=0), quick.model.predict(windows, verbose=0)
    )
