"""Continues series with a trained recurrent network."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from keras_examples.core import InputError, catalogue
from keras_examples.core.options import whole_number
from keras_examples.inference.series import check_series, run_freely
from keras_examples.inference.trained import Model, load_trained, require

if TYPE_CHECKING:
    import keras

LARGEST_STEPS = 10_000


def forecast(
    name: str,
    *,
    steps: int = 200,
    series: np.ndarray | None = None,
    model: Model = None,
    runs: str | os.PathLike[str] = "runs",
) -> np.ndarray:
    """Continues a series with a trained network, which sees its own forecasts after the first.

    Args:
        name: An example that forecasts, such as `"sine-rnn"`.
        steps: How many values to forecast, from 1 to 10000.
        series: The values so far, shape `(n,)`, at least as many as the network's window. The
            networks learned a wave from −1 to 1, so the series is scaled to that range, and the
            forecasts are scaled back. The series of the example, a sine, by default.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.

    Returns:
        The forecasts, shape `(steps,)`.

    Raises:
        InputError: There is no trained model, or the series cannot be used.
    """
    name = require(name, "series")
    whole_number("steps", steps, 1, LARGEST_STEPS)
    values = None if series is None else check_series(series)
    network = load_trained(name, model=model, runs=runs)
    if values is None:
        return run_freely(network, _window(own_series(name), network), steps)
    window = _window(values, network)
    centre, scale = (values.max() + values.min()) / 2, (values.max() - values.min()) / 2
    scale = scale or 1.0  # a constant series
    forecasts: np.ndarray = centre + scale * run_freely(network, (window - centre) / scale, steps)
    return forecasts


def own_series(name: str) -> np.ndarray:
    """Returns the series that an example continues by default, shape `(n,)`."""
    example = catalogue.load(name)
    assert example.series  # noqa: S101 (`require` has checked it)
    return example.series()


def _window(series: np.ndarray, network: keras.Model) -> np.ndarray:
    size = network.input_shape[1]
    if len(series) < size:
        raise InputError(
            f"the series has too few values: got {len(series)}, expected at least {size}, the "
            "window from which the network forecasts the next; give a longer one.",
            f"序列的值太少：得到 {len(series)} 个，应至少有 {size} 个，"
            "即网络预测下一个值时所看的窗口；请给出更长的序列。",
        )
    return series[-size:]
