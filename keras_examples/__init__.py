"""Every network of five Chinese deep-learning articles: compiled Keras models and one runner.

Each example is a module with a `build_model()` that returns a compiled model; `run()` trains any of
them and saves its figures, its record and its model. Importing this package imports no TensorFlow.

Example:
    >>> from keras_examples import mnist_cnn, run
    >>> mnist_cnn.build_model().count_params()
    121930
    >>> run("sine-rnn", epochs=5).history["loss"]
"""

from __future__ import annotations

from keras_examples.core import InputError, RunError
from keras_examples.core import backend as _backend
from keras_examples.core import catalogue as _catalogue
from keras_examples.core import console as _console
from keras_examples.core import language as _language
from keras_examples.core import text as _text
from keras_examples.core import threads as _threads
from keras_examples.inference import Prediction, forecast, predict
from keras_examples.runner import Run, run

__version__ = "0.2.0"
__all__ = ["InputError", "Prediction", "Run", "RunError", "forecast", "predict", "run"]

if _started := _console.started_module(__name__):
    # `python -m keras_examples.mnist_cnn`: the page imports Keras before the command that it
    # becomes can ask for quiet, or say why Keras cannot be imported. The command restores stderr.
    _console.hold_stderr()
    if _started.rpartition(".")[2] in _catalogue.MODULES:
        _threads.prepare()
        _lang = "en"
        try:
            _lang = _language.preferred()
            _backend.load_keras()
        except InputError as _error:
            _console.release_stderr()
            with _text.speaking(_lang):
                _console.announce_error(_error.text)
            raise SystemExit(_error.exit_code) from None
