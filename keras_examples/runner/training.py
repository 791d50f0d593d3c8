"""Trains a compiled model, the fast way or plainly, with the same mathematics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.datasets import Dataset
from keras_examples.runner import state
from keras_examples.runner.callbacks import (
    Progress,
    Snapshots,
    StopOnInterrupt,
    StopWhenNotFinite,
    loss_first,
)
from keras_examples.runner.checkpoints import Checkpoints
from keras_examples.runner.clock import Clock
from keras_examples.runner.steps import Steps, epoch_order, xla_pays

# For looking at samples without learning from them, the more at once the better, within memory.
EVALUATION_BATCH = 500


@dataclass(frozen=True)
class Outcome:
    """How training ended.

    Args:
        history: Keras's metrics, one number an epoch each.
        status: `"complete"`, `"interrupted"` (by Ctrl-C) or `"diverged"` (the loss is no number).
        snapshots: What the example's `snapshot` returned, one entry an epoch.
        begun: The epoch, from 0, that training went on from.
    """

    history: Mapping[str, list[float]]
    status: str
    snapshots: tuple[np.ndarray, ...]
    begun: int = 0


def train(
    model: keras.Model,
    data: Dataset,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    plain: bool = False,
    show: str | None = None,
    snapshot: Callable[[Any], np.ndarray] | None = None,
    clock: Clock | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoints: Checkpoints | None = None,
) -> Outcome:
    """Trains a compiled model in place.

    Args:
        model: The model.
        data: What it learns from; it is validated on the test set where there is one.
        epochs: How often to go over the training data.
        batch_size: Samples a step.
        seed: Seed of the order of the batches.
        plain: Whether to call Keras's `fit` on NumPy arrays instead of the fast way.
        show: Name under which progress is shown on stderr; None shows none.
        snapshot: Called with the model after each epoch; what it returns is kept.
        clock: Counts the seconds, of the first step (with tracing and compiling) apart.
        callbacks: Keras callbacks that watch, besides the runner's own.
        checkpoints: Where training goes on from the newest, and writes one after each epoch; none
            if plain.

    Raises:
        InputError: The newest checkpoint is of another network.
        RunError: A checkpoint cannot be written.
    """
    finite, interrupt = StopWhenNotFinite(), StopOnInterrupt()
    snapshots = Snapshots(snapshot)
    watching = [finite, interrupt, snapshots, *callbacks]
    if show is not None:
        watching.append(Progress(show, epochs, -(-len(data.x_train) // batch_size)))
    clock = clock or Clock()
    backup = _Backup(checkpoints, model, snapshots)
    with interrupt.listening(), clock("train"):
        if plain:
            history = _fit_plainly(model, data, epochs, batch_size, watching)
        else:
            history = _fit(model, data, epochs, batch_size, seed, watching, clock, backup)
    history = {name: history[name] for name in sorted(history, key=loss_first)}
    status = "interrupted" if interrupt.interrupted else "complete"
    if finite.diverged:
        status = "diverged"
    return Outcome(history, status, tuple(snapshots.taken), backup.begun)


def _fit_plainly(
    model: keras.Model,
    data: Dataset,
    epochs: int,
    batch_size: int,
    callbacks: list[keras.callbacks.Callback],
) -> Mapping[str, list[float]]:
    history = model.fit(
        data.x_train,
        data.y_train,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=data.test,
        callbacks=callbacks,
        verbose=0,
    )
    return dict(history.history)


class _Backup:
    """Keeps the checkpoints of a training, and goes on from them.

    Args:
        checkpoints: Where they are; None keeps none.
        model: What is trained; all its variables are made before anything is called.
        snapshots: What is remembered of each epoch.
    """

    begun = 0

    def __init__(
        self, checkpoints: Checkpoints | None, model: keras.Model, snapshots: Snapshots
    ) -> None:
        self._checkpoints, self._model, self._snapshots = checkpoints, model, snapshots

    def restore(self, history: keras.callbacks.History) -> int:
        """Puts everything back as it was in the newest checkpoint; returns its epoch, or 0."""
        found = self._checkpoints.newest() if self._checkpoints else None
        if not found:
            return 0
        state.write(self._model, found.state)
        history.history = {name: list(values) for name, values in found.history.items()}
        self._snapshots.taken[:] = found.snapshots
        self.begun = found.epoch
        return found.epoch

    def save(self, epochs: int, history: keras.callbacks.History) -> None:
        """Writes a checkpoint after that many epochs."""
        if not self._checkpoints:
            return
        now = state.read(self._model)
        self._checkpoints.save(epochs, now, history.history, self._snapshots.taken)


def _fit(
    model: keras.Model,
    data: Dataset,
    epochs: int,
    batch_size: int,
    seed: int,
    callbacks: list[keras.callbacks.Callback],
    clock: Clock,
    backup: _Backup,
) -> Mapping[str, list[float]]:
    """Keras's `fit`, as callbacks see it, around `Steps`."""
    # No epochs train nothing, but make the variables of the metrics.
    model.fit(data.x_train[:1], data.y_train[:1], epochs=0, verbose=0)
    if model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)
    size = len(data.x_train)
    xla = xla_pays(model, epochs * -(-size // batch_size))
    steps = Steps(model, model.train_step, data.x_train, data.y_train, batch_size, xla=xla)
    held_out = data.test and Steps(model, model.test_step, *data.test, EVALUATION_BATCH)
    history = keras.callbacks.History()
    begin = backup.restore(history)
    watchers = keras.callbacks.CallbackList([history, *callbacks], model=model)
    watchers.set_params({"epochs": epochs, "steps": steps.count, "verbose": 0})
    model.stop_training = False
    watchers.on_train_begin()
    logs: dict[str, float] = {}
    for epoch in range(begin, epochs):
        watchers.on_epoch_begin(epoch)
        model.reset_metrics()
        order = epoch_order(size, seed, epoch)
        for start, stop in _calls(steps.count, first=epoch == begin):
            with clock("compile") if (epoch, start) == (begin, 0) else nullcontext():
                metrics = steps(order, start, stop)
            logs = _floats(metrics)
            watchers.on_train_batch_end(stop - 1, logs)
            if model.stop_training:
                break
        broken = model.stop_training
        if held_out:
            with clock("validate"):
                logs |= _validate(model, held_out, len(data.x_test))
        watchers.on_epoch_end(epoch, logs)
        if not broken:
            with clock("checkpoint"):
                backup.save(epoch + 1, history)
        if model.stop_training:
            break
    if model.optimizer is not None:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    watchers.on_train_end(logs)
    return dict(history.history)


def _validate(model: keras.Model, held_out: Steps, size: int) -> dict[str, float]:
    model.reset_metrics()
    metrics = _floats(held_out(tf.range(size), 0, held_out.count))
    return {f"val_{name}": value for name, value in metrics.items()}


def _calls(steps: int, *, first: bool) -> Iterator[tuple[int, int]]:
    """Yields the steps of an epoch as `(start, stop)`, in as many calls as keep progress moving.

    The first step of all is by itself, because it is the one that traces and compiles.
    """
    calls = min(10, max(1, steps // 50))
    edges = [round(steps * call / calls) for call in range(calls + 1)]
    if first and steps > 1:
        edges.insert(1, 1)
    yield from itertools.pairwise(edges)


def _floats(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
