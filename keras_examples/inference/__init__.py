"""What a trained network is for: it classifies pictures and continues series."""

from __future__ import annotations

from keras_examples.inference.classification import Prediction, predict
from keras_examples.inference.forecasting import LARGEST_STEPS, forecast, own_series
from keras_examples.inference.trained import load_trained, require

__all__ = [
    "LARGEST_STEPS",
    "Prediction",
    "forecast",
    "load_trained",
    "own_series",
    "predict",
    "require",
]
