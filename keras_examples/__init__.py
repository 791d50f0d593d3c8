"""Every network of five Chinese deep-learning articles: compiled Keras models and one runner.

Each example is a module with a `build_model()` that returns a compiled model; `run()` trains any of
them and saves its figures, its record and its model. Importing this package imports no TensorFlow.

Example:
    >>> from keras_examples import mnist_cnn
    >>> mnist_cnn.build_model().count_params()
    121930
"""

from __future__ import annotations

import sys

from keras_examples.core import InputError, RunError
from keras_examples.core import console as _quiet
from keras_examples.inference import Prediction, forecast, predict
from keras_examples.runner import Run, run

__all__ = ["InputError", "Prediction", "Run", "RunError", "forecast", "predict", "run"]

if sys.argv[:1] == ["-m"]:
    # `python -m keras_examples.mnist_cnn`: the module imports Keras before the command that it
    # becomes can ask for quiet. The command releases what is held here.
    _quiet.hold_stderr()
