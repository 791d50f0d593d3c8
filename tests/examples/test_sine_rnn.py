from __future__ import annotations

import io
from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_examples import Run, sine_rnn
from keras_examples.core import Trained
from keras_examples.figures import fonts, style
from keras_examples.figures import sine_rnn as figures


def test_the_network_is_the_articles() -> None:
    model = sine_rnn.build_model()
    recurrent, output = model.layers
    assert isinstance(recurrent, keras.layers.SimpleRNN)
    assert (recurrent.units, recurrent.activation) == (10, keras.activations.tanh)
    assert isinstance(output, keras.layers.Dense)
    assert (output.units, output.activation) == (1, keras.activations.linear)
    assert model.input_shape == (None, 10, 1)
    assert model.count_params() == 131


def test_it_is_compiled_as_the_article_says() -> None:
    model = sine_rnn.build_model()
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "mean_squared_error"
    assert (sine_rnn.EXAMPLE.epochs, sine_rnn.EXAMPLE.batch_size) == (100, 16)


def test_the_data_are_windows_of_the_articles_sine_each_with_what_follows() -> None:
    data = sine_rnn.load_data()
    wave = np.sin(np.linspace(0, 100, 100)).astype(np.float32)
    assert data.x_train.shape == (90, 10, 1)
    assert data.y_train.shape == (90, 1)
    for place in (0, 41, 89):
        np.testing.assert_array_equal(data.x_train[place, :, 0], wave[place : place + 10])
        assert data.y_train[place, 0] == wave[place + 10]
    assert data.test is None
    assert data.source == "computed"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_forecast_shows_true_and_predicted_value_over_time(
    quick_run: Callable[..., Run], lang: str
) -> None:
    if lang == "zh" and fonts.chinese() is None:
        pytest.skip("no Chinese font on this machine")
    done = quick_run("sine-rnn")
    data = sine_rnn.load_data()
    trained = Trained(
        example=sine_rnn.EXAMPLE, model=done.model, data=data, history=done.history, lang=lang
    )
    with style.style(lang):
        figure = figures.forecast(trained)
        figure.savefig(io.BytesIO())
    axes, below = figure.axes
    curve, true, predicted = axes.lines
    t = np.asarray(curve.get_xdata())
    assert len(t) > 1000
    np.testing.assert_allclose(np.asarray(curve.get_ydata()), np.sin(t))
    (residual,) = below.collections
    ends = np.array([np.asarray(path.vertices)[1] for path in residual.get_paths()])
    np.testing.assert_allclose(ends[:, 1], trained.outputs[:, 0] - data.y_train[:, 0], atol=1e-7)
    for line in (true, predicted):
        np.testing.assert_allclose(np.asarray(line.get_xdata()), np.linspace(0, 100, 100)[10:])
    np.testing.assert_array_equal(true.get_ydata(), data.y_train[:, 0])
    np.testing.assert_array_equal(predicted.get_ydata(), trained.outputs[:, 0])
    labels = " ".join(str(line.get_label()) for line in axes.lines)
    assert "accuracy_data" in labels
    assert "predict_data" in labels


def test_its_figures_are_the_forecast_and_the_loss(quick_run: Callable[..., Run]) -> None:
    done = quick_run("sine-rnn")
    assert done.record["figures"] == [
        "sine-rnn-forecast.png",
        "sine-rnn-loss.png",
        "sine-rnn-article-forecast.png",
    ]


@pytest.mark.real
def test_after_the_articles_hundred_epochs_it_follows_the_sine(
    real_run: Callable[..., Run],
) -> None:
    done = real_run("sine-rnn")
    assert len(done.history["loss"]) == 100
    assert done.metrics["final_loss"] < 1e-3
