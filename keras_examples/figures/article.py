"""The article's own figures: the same calls, in matplotlib's default size and colours.

A reader sees that they have the picture of the article; ours, with units and more, stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Trained


def article_loss(trained: Trained) -> Figure:
    """Training and validation loss, as the article plots them."""
    with _in_default_style() as figure:
        axes = figure.subplots()
        axes.plot(trained.history["loss"], label=trained.text("Training loss", "训练损失"))
        axes.plot(trained.history["val_loss"], label=trained.text("Validation loss", "验证损失"))
        axes.set(xlabel="Epochs", ylabel=trained.text("Loss", "损失"))  # "Einpochs" in the article
        axes.legend()
    return figure


def article_accuracy(trained: Trained) -> Figure:
    """Training and validation accuracy, as the article plots them."""
    with _in_default_style() as figure:
        axes = figure.subplots()
        axes.plot(trained.history["accuracy"], label="accuracy")
        axes.plot(trained.history["val_accuracy"], label="val_accuracy")
        axes.set(xlabel="Epochs", ylabel="accuracy")
        axes.legend()
    return figure


def article_forecast(trained: Trained) -> Figure:
    """The sine and its forecast, as the article plots them."""
    windows, following = trained.data.evaluation
    points, window = len(windows) + windows.shape[1], windows.shape[1]
    time_steps = np.linspace(0, 100, points)
    with _in_default_style() as figure:
        axes = figure.subplots()
        axes.plot(time_steps[window:], following, label="accuracy_data")
        axes.plot(time_steps[window:], trained.outputs, label="predict_data")
        axes.legend()
    return figure


@contextmanager
def _in_default_style() -> Iterator[Figure]:
    family = mpl.rcParams["font.family"], mpl.rcParams["axes.unicode_minus"]
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["font.family"], mpl.rcParams["axes.unicode_minus"] = family
        yield Figure()
