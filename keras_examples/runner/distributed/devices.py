"""Several devices that train together, with the interface of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import keras
import numpy as np

from keras_examples.runner import state
from keras_examples.runner.devices import Devices, Step
from keras_examples.runner.distributed.group import WorkerGroup
from keras_examples.runner.distributed.private import make_variables
from keras_examples.runner.distributed.steps import ReplicatedSteps


class ReplicatedDevices(Devices):
    """The replicas of a group of workers.

    Keras's `fit` does not work under `MultiWorkerMirroredStrategy`, and under `MirroredStrategy`
    only if the replicas' shares of the first batch are equal. Once it does, with losses and
    gradients that count every sample alike, this and `ReplicatedSteps` can go.

    Args:
        group: The workers.
    """

    def __init__(self, group: WorkerGroup) -> None:
        self._group = group
        self.replicas = group.strategy.num_replicas_in_sync

    def learner(
        self, model: keras.Model, build: Callable[[], keras.Model], x: np.ndarray, y: np.ndarray
    ) -> keras.Model:
        """Returns another model with the same state, shared by all replicas."""
        super().learner(model, build, x, y)
        with self._group.strategy.scope():
            learner = build()
        make_variables(learner, x, y)
        state.write(learner, state.read(model))
        return learner

    def steps(
        self,
        model: keras.Model,
        step: Step,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        epochs: int = 0,
    ) -> ReplicatedSteps:
        """Returns a model's steps, each replica with its share of a batch."""
        return ReplicatedSteps(self._group.strategy, model, step, x, y, batch_size)

    def copy_back(self, learner: keras.Model, model: keras.Model) -> None:
        """Copies the learner's state to the model that callbacks get."""
        state.write(model, state.read(learner))

    def broadcast(self, arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        """Returns the chief's arrays on every worker."""
        return self._group.broadcast(arrays)

    def any(self, flag: bool) -> bool:
        """Returns whether the flag of any worker is set."""
        return self._group.any(flag)

    def watching(self) -> AbstractContextManager[None]:
        """Raises a `RunError` if another worker is lost within the block."""
        return self._group.watching()
