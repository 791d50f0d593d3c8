"""The state of training: weights, the optimizer's moments, random states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


def variables(model: keras.Model) -> list[Any]:
    """Returns the variables of a compiled model that training changes, always in the same order.

    Besides the weights these are the states of `SeedGenerator`s, which a `.keras` file leaves out,
    and the optimizer's. Metrics are not among them: every epoch resets them.
    """
    optimizer = getattr(model, "optimizer", None)
    return [*model.variables, *(optimizer.variables if optimizer else ())]


def read(model: keras.Model) -> list[np.ndarray]:
    """Returns the values of `variables()`."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables(model)]


def write(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Sets `variables()` to values that `read()` returned.

    Raises:
        ValueError: They are those of another network.
    """
    targets = variables(model)
    if [(value.shape, value.dtype) for value in state] != [
        (tuple(target.shape), np.dtype(target.dtype)) for target in targets
    ]:
        raise ValueError("its variables have other shapes")
    for variable, value in zip(targets, state, strict=True):
        variable.assign(value)
