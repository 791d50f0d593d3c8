"""Where a network is trained: the only interface between one device and several.

`keras_examples.runner.distributed` implements it for several devices or machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from keras_examples.runner.steps import Steps, make_variables
from keras_examples.runner.ways import choose

Step = Callable[[Any], Any]


class StepLoop(Protocol):
    """Takes many steps in one call, see `Steps`."""

    count: int

    def __call__(self, order: tf.Tensor, start: int, stop: int) -> dict[str, Any]:
        """Takes the steps from `start` up to `stop` of an epoch; returns the metrics."""


class Devices:
    """The one device that TensorFlow picks: a GPU if there is one."""

    replicas = 1

    def learner(
        self, model: keras.Model, build: Callable[[], keras.Model], x: np.ndarray, y: np.ndarray
    ) -> keras.Model:
        """Returns the model to train, with all its variables made: here the model itself.

        Args:
            model: The model that callbacks get and that is saved.
            build: Builds and compiles another like it.
            x: The training inputs.
            y: Their targets.
        """
        make_variables(model, x, y)
        return model

    def steps(
        self,
        model: keras.Model,
        step: Step,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        epochs: int = 0,
    ) -> StepLoop:
        """Returns a model's steps over samples; see `Steps` for the arguments.

        They are taken in the way that is fastest for the given number of epochs.
        """
        way = choose(model, x, y, batch_size, epochs * -(-len(x) // batch_size))
        return Steps(model, step, x, y, batch_size, way=way)

    def copy_back(self, learner: keras.Model, model: keras.Model) -> None:
        """Copies the learner's state to the model that callbacks get, if they differ."""

    def broadcast(self, arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        """Returns the chief's arrays on every machine."""
        return arrays

    def any(self, flag: bool) -> bool:
        """Returns whether the flag of any machine is set."""
        return flag

    def watching(self) -> AbstractContextManager[None]:
        """Raises a `RunError` if another machine is lost within the block."""
        return nullcontext()
