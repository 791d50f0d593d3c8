"""The figures: those that examples share, and a module for each example that has its own.

A figure is a function from a `Trained` example; its file is named after the function.
"""

from keras_examples.core.backend import load_matplotlib

load_matplotlib()  # before anything else does

from keras_examples.figures.article import (  # noqa: E402
    article_accuracy,
    article_forecast,
    article_loss,
)
from keras_examples.figures.shared import accuracy, confusion, loss, predictions  # noqa: E402

__all__ = [
    "accuracy",
    "article_accuracy",
    "article_forecast",
    "article_loss",
    "confusion",
    "loss",
    "predictions",
]
