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
from keras_examples.runner.callbacks import (
    Progress,
    Snapshots,
    StopOnInterrupt,
    StopWhenNotFinite,
    loss_first,
)
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
    """

    history: Mapping[str, list[float]]
    status: str
    snapshots: tuple[np.ndarray, ...]


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
    """
    finite, interrupt = StopWhenNotFinite(), StopOnInterrupt()
    snapshots = [Snapshots(snapshot)] if snapshot else []
    watching = [finite, interrupt, *snapshots, *callbacks]
    if show is not None:
        watching.append(Progress(show, epochs, -(-len(data.x_train) // batch_size)))
    clock = clock or Clock()
    with interrupt.listening(), clock("train"):
        if plain:
            history = _fit_plainly(model, data, epochs, batch_size, watching)
        else:
            history = _fit(model, data, epochs, batch_size, seed, watching, clock)
    history = {name: history[name] for name in sorted(history, key=loss_first)}
    status = "interrupted" if interrupt.interrupted else "complete"
    if finite.diverged:
        status = "diverged"
    return Outcome(history, status, tuple(snapshots[0].taken) if snapshots else ())


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


def _fit(
    model: keras.Model,
    data: Dataset,
    epochs: int,
    batch_size: int,
    seed: int,
    callbacks: list[keras.callbacks.Callback],
    clock: Clock,
) -> Mapping[str, list[float]]:
    """Keras's `fit`, as callbacks see it, around `Steps`."""
    # No epochs train nothing, but make the variables of the metrics and the optimizer.
    model.fit(data.x_train[:1], data.y_train[:1], epochs=0, verbose=0)
    size = len(data.x_train)
    xla = xla_pays(model, epochs * -(-size // batch_size))
    steps = Steps(model, model.train_step, data.x_train, data.y_train, batch_size, xla=xla)
    held_out = data.test and Steps(model, model.test_step, *data.test, EVALUATION_BATCH)
    history = keras.callbacks.History()
    watchers = keras.callbacks.CallbackList([history, *callbacks], model=model)
    watchers.set_params({"epochs": epochs, "steps": steps.count, "verbose": 0})
    model.stop_training = False
    watchers.on_train_begin()
    for epoch in range(epochs):
        watchers.on_epoch_begin(epoch)
        model.reset_metrics()
        order = epoch_order(size, seed, epoch)
        for start, stop in _calls(steps.count, first=epoch == 0):
            with clock("compile") if epoch == start == 0 else nullcontext():
                metrics = steps(order, start, stop)
            logs = _floats(metrics)
            watchers.on_train_batch_end(stop - 1, logs)
            if model.stop_training:
                break
        if held_out:
            with clock("validate"):
                logs |= _validate(model, held_out, len(data.x_test))
        watchers.on_epoch_end(epoch, logs)
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
