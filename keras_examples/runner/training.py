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

from keras_examples.core import InputError
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
from keras_examples.runner.distributed.group import Team
from keras_examples.runner.distributed.steps import SharedSteps, Sharing, prepare
from keras_examples.runner.steps import Steps, epoch_order, xla_pays

# For looking at samples without learning from them, the more at once the better, within memory.
EVALUATION_BATCH = 250


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
    sharing: Sharing | None = None,
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
        sharing: The devices or machines that share the work; None for none, and if plain.

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
    backup = _Backup(checkpoints, snapshots)
    with interrupt.listening(), clock("train"):
        if plain:
            history = _fit_plainly(model, data, epochs, batch_size, watching)
        else:
            history = _fit(model, data, epochs, batch_size, seed, watching, clock, backup, sharing)
    history = {name: history[name] for name in sorted(history, key=loss_first)}
    # Those who share the work have agreed on it.
    stopped = model.stop_training if sharing else interrupt.interrupted
    status = "interrupted" if stopped else "complete"
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
        snapshots: What is remembered of each epoch.
    """

    begun = 0

    def __init__(self, checkpoints: Checkpoints | None, snapshots: Snapshots) -> None:
        self._checkpoints, self._snapshots = checkpoints, snapshots

    def restore(
        self, model: keras.Model, history: keras.callbacks.History, team: Team | None
    ) -> int:
        """Puts everything back as it was in the newest checkpoint; returns its epoch, or 0.

        Args:
            model: What is trained; all its variables are made.
            history: Gets the metrics of the epochs before.
            team: Who trains it; only the chief has checkpoints.

        Raises:
            InputError: The checkpoint is of another network.
        """
        found = self._checkpoints.newest() if self._checkpoints else None
        values = [np.int64(found.epoch), *found.state] if found else [np.int64(0)]
        if team:
            values = team.share(values)
        self.begun = int(values[0])
        if self.begun:
            try:
                state.write(model, values[1:])
            except ValueError as error:
                raise InputError(
                    f"cannot resume: the checkpoint is of another network, {error}. Take the code "
                    "that it was begun with, or leave out --resume to start afresh."
                ) from None
        if found:
            history.history = {name: list(values) for name, values in found.history.items()}
            self._snapshots.taken[:] = found.snapshots
        return self.begun

    def save(self, model: keras.Model, epochs: int, history: keras.callbacks.History) -> None:
        """Writes a checkpoint after that many epochs."""
        if self._checkpoints:
            now = state.read(model)
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
    sharing: Sharing | None,
) -> Mapping[str, list[float]]:
    """Keras's `fit`, as callbacks see it, around `Steps`."""
    team = sharing.team if sharing else None
    with clock("build"):
        prepare(model, data.x_train, data.y_train)
        # What is shared can only be used by all at once, so callbacks see a model of their own.
        learner = sharing.build(model, data) if sharing else model
        steps = _steps(
            learner, learner.train_step, data.x_train, data.y_train, batch_size, epochs, sharing
        )
        held_out = data.test and _steps(
            learner, learner.test_step, *data.test, EVALUATION_BATCH, 0, sharing
        )
    history = keras.callbacks.History()
    begin = backup.restore(learner, history, team)
    watchers = keras.callbacks.CallbackList([history, *callbacks], model=model)
    watchers.set_params({"epochs": epochs, "steps": steps.count, "verbose": 0})
    model.stop_training = False
    watchers.on_train_begin()
    logs: dict[str, float] = {}
    for epoch in range(begin, epochs):
        watchers.on_epoch_begin(epoch)
        learner.reset_metrics()
        order = epoch_order(len(data.x_train), seed, epoch)
        for start, stop in _calls(steps.count, first=epoch == begin):
            with clock("compile") if (epoch, start) == (begin, 0) else nullcontext():
                metrics = steps(order, start, stop)
            logs = _floats(metrics)
            watchers.on_train_batch_end(stop - 1, logs)
            if model.stop_training:  # the loss is no number, to whoever shares the work as well
                break
        broken = model.stop_training
        if held_out:
            with clock("validate"):
                logs |= _validate(learner, held_out, len(data.x_test))
        if sharing:
            state.write(model, state.read(learner))
        watchers.on_epoch_end(epoch, logs)
        if not broken:
            with clock("checkpoint"):
                backup.save(learner, epoch + 1, history)
        if team:  # Ctrl-C reaches one of them, and all have to stop
            model.stop_training = team.any(model.stop_training)
        if model.stop_training:
            break
    if learner.optimizer is not None:
        learner.optimizer.finalize_variable_values(learner.trainable_variables)
    if sharing:
        state.write(model, state.read(learner))
    watchers.on_train_end(logs)
    return dict(history.history)


def _steps(
    model: keras.Model,
    step: Callable[[Any], Any],
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    epochs: int,
    sharing: Sharing | None,
) -> Steps | SharedSteps:
    """Returns the steps over samples; XLA compiles them if that pays over so many epochs."""
    if sharing:
        return SharedSteps(sharing.team.strategy, model, step, x, y, batch_size)
    xla = xla_pays(model, epochs * -(-len(x) // batch_size))
    return Steps(model, step, x, y, batch_size, xla=xla)


def _validate(model: keras.Model, held_out: Steps | SharedSteps, size: int) -> dict[str, float]:
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
