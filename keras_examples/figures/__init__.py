"""The figures: those that examples share, and a module for each example that has its own.

A figure is a function from a `Trained` example; its file is named after the function.
"""

from keras_examples.figures.shared import accuracy, confusion, loss, predictions

__all__ = ["accuracy", "confusion", "loss", "predictions"]
