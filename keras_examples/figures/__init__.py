"""The figures: those that examples share, and a module for each example that has its own.

A figure is a function from a `Trained` example; its file is named after the function.
"""

from keras_examples.core import InputError

try:
    import matplotlib as _matplotlib  # noqa: F401 (before anything else imports it)
except ValueError as error:
    raise InputError(
        f"Matplotlib cannot be imported with its settings ({error}), expected valid ones; correct "
        "or unset the environment variable MPLBACKEND."
    ) from None

from keras_examples.figures.shared import accuracy, confusion, loss, predictions

__all__ = ["accuracy", "confusion", "loss", "predictions"]
