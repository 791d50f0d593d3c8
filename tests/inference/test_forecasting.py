from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_examples import InputError, forecast
from keras_examples.inference import load_trained
from tests.inference.conftest import FORECASTERS


@pytest.mark.parametrize("name", FORECASTERS)
def test_every_forecaster_continues_its_sine(name: str, runs: Path) -> None:
    values = forecast(name, steps=7, runs=runs)
    assert values.shape == (7,)
    assert np.isfinite(values).all()


def test_a_series_of_any_scale_is_continued_in_its_own(runs: Path) -> None:
    wave = np.sin(np.arange(30.0))
    wave[[3, 7]] = 1, -1
    model = load_trained("sine-rnn", runs=runs)
    plain = forecast("sine-rnn", steps=5, series=wave, model=model)
    large = forecast("sine-rnn", steps=5, series=500 + 100 * wave, model=model)
    np.testing.assert_allclose(large, 500 + 100 * plain, rtol=1e-4)


def test_a_series_that_never_changes_is_continued(runs: Path) -> None:
    assert np.isfinite(forecast("sine-rnn", steps=3, series=np.full(20, 5.0), runs=runs)).all()


def test_the_forecasts_are_fed_back_into_the_network() -> None:
    class Sum:
        input_shape, inputs, outputs = (None, 2, 1), [0], [0]
        output_shape = (None, 1)

        def predict_on_batch(self, windows: np.ndarray) -> np.ndarray:
            return windows.sum(axis=1) / 2

    series = np.array([-1.0, 1.0, 0.0, 1.0])
    found = forecast("sine-rnn", steps=3, series=series, model=Sum())
    np.testing.assert_allclose(found, [0.5, 0.75, 0.625])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "mnist-cnn"}, "does not forecast series; these do: sine-rnn"),
        ({"steps": 0}, "steps: got 0, expected a whole number from 1 to 10000"),
        ({"series": np.zeros(9)}, "too few values: got 9, expected at least 10"),
        ({"series": np.zeros(0)}, "too few values"),
        ({"series": np.zeros((20, 2))}, "shape"),
        ({"series": np.array([0.0] * 20 + [np.nan])}, "value 21 of the series is nan"),
        ({"series": np.array(["a", "b"])}, "not made of numbers"),
        ({"runs": "nowhere"}, "no trained model of sine-rnn"),
    ],
)
def test_what_cannot_be_continued_is_refused(
    options: dict[str, Any], said: str, runs: Path
) -> None:
    arguments = {"name": "sine-rnn", "runs": runs, **options}
    with pytest.raises(InputError, match=said):
        forecast(arguments.pop("name"), **arguments)
