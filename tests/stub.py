"""An example that trains in a blink, for the tests of what surrounds training."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_examples.core import Example, Recipe, Text, Trained, catalogue
from keras_examples.datasets import Dataset
from keras_examples.figures.style import new_figure

Declare = Callable[..., Example]


def load_data() -> Dataset:
    """Loads twelve points of y = 2x, four of them held out."""
    x = np.linspace(-1, 1, 12, dtype=np.float32)[:, None]
    return Dataset.computed("line", (x[:8], 2 * x[:8]), (x[8:], 2 * x[8:]))


def build_model(*, learning_rate: float = 0.1) -> Any:
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mean_squared_error")
    return model


def fit(trained: Trained) -> Figure:
    """The points, true and predicted."""
    figure = new_figure(trained.title, figsize=(2, 2))
    figure.subplots().plot(trained.data.evaluation[1][:, 0], trained.outputs[:, 0], "o")
    return figure


LINE = Example(
    name="line",
    title=Text("A line", "直线"),
    article="000",
    load_data=load_data,
    build_model=build_model,
    epochs=2,
    batch_size=4,
    figures=(fit,),
)


def declarer(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Returns a function that adds `LINE`, with changes, to the catalogue for one test."""

    def declare(**changes: Any) -> Example:
        companions = changes.get("companions", {})
        changes["companions"] = {
            name: one if isinstance(one, Recipe) else Recipe(of=one)
            for name, one in companions.items()
        }
        example = dataclasses.replace(LINE, **changes)
        module = ModuleType(example.name.replace("-", "_"))
        module.EXAMPLE = example  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"keras_examples.{module.__name__}", module)
        if module.__name__ not in catalogue.MODULES:
            monkeypatch.setattr(catalogue, "MODULES", (*catalogue.MODULES, module.__name__))
        return example

    return declare
