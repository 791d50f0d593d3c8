"""Trains a compiled model, by the fast pipeline or plainly, with the same mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_examples.datasets import Dataset
from keras_examples.runner import pipeline
from keras_examples.runner.callbacks import (
    Progress,
    Snapshots,
    StopOnInterrupt,
    StopWhenNotFinite,
)


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
) -> Outcome:
    """Trains a compiled model in place.

    Args:
        model: The model.
        data: What it learns from; it is validated on the test set where there is one.
        epochs: How often to go over the training data.
        batch_size: Samples a step.
        seed: Seed of the order of the batches.
        plain: Whether to call `fit` on NumPy arrays instead of the pipeline.
        show: Name under which progress is shown on stderr; None shows none.
        snapshot: Called with the model after each epoch; what it returns is kept.
    """
    steps = -(-len(data.x_train) // batch_size)
    finite, interrupt = StopWhenNotFinite(), StopOnInterrupt()
    snapshots = [Snapshots(snapshot)] if snapshot else []
    callbacks = [finite, interrupt, *snapshots]
    if show is not None:
        callbacks.append(Progress(show, epochs, steps))
    with interrupt.listening():
        fit = _fit_plainly if plain else _fit
        history = fit(model, data, epochs, batch_size, seed, callbacks)
    history = {name: history[name] for name in sorted(history, key=_keras_order)}
    status = "diverged" if finite.diverged else "complete"
    if interrupt.interrupted and len(next(iter(history.values()))) < epochs:
        status = "interrupted"
    return Outcome(history, status, tuple(snapshots[0].taken) if snapshots else ())


def _keras_order(metric: str) -> tuple[bool, bool, str]:
    """Sorts metrics as Keras prints them: the loss, the others, then the same in validation."""
    held_out = metric.startswith("val_")
    return held_out, metric.removeprefix("val_") != "loss", metric


def _fit_plainly(
    model: keras.Model,
    data: Dataset,
    epochs: int,
    batch_size: int,
    seed: int,
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
) -> Mapping[str, list[float]]:
    steps = -(-len(data.x_train) // batch_size)
    speed_up(model, steps)
    history = model.fit(
        pipeline.batches(
            data.x_train, data.y_train, batch_size=batch_size, seed=seed, epochs=epochs
        ),
        epochs=epochs,
        steps_per_epoch=steps,
        shuffle=False,  # the batches come shuffled
        validation_data=pipeline.in_order(*data.test) if data.test else None,
        callbacks=callbacks,
        verbose=0,
    )
    return dict(history.history)


def speed_up(model: keras.Model, steps: int) -> None:
    """Makes a compiled model's steps cheaper without changing what they compute.

    Args:
        model: The model; its own configuration, which is saved with it, stays as it is.
        steps: Steps an epoch.
    """
    model.steps_per_execution = steps_per_execution(steps)
    # XLA fuses the many small operations of dense and recurrent layers; its convolutions on the
    # CPU are 2 to 20 times slower than TensorFlow's own.
    model.jit_compile = not has_convolutions(model)


def steps_per_execution(steps: int) -> int:
    """Returns how many steps to take before returning to Python, which costs about a millisecond.

    An execution that ran past the end of an epoch would take steps of the next one, so it has to
    divide the epoch: into at least 8 parts, to keep the progress moving, or else not at all.
    """
    parts = (count for count in range(8, 65) if steps % count == 0)
    return steps // next(parts, 1)


def has_convolutions(model: keras.Model) -> bool:
    """Returns whether any layer of a model, however deep inside, is a convolution."""
    return any("Conv" in type(layer).__name__ for layer in model._flatten_layers())
