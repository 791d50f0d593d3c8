"""Trains one network as Keras's `fit` does, callbacks included, in few calls of TensorFlow."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.core import Example, InputError
from keras_examples.core.signals import on_interrupt
from keras_examples.datasets import Dataset
from keras_examples.runner import state
from keras_examples.runner.callbacks import (
    ProgressBar,
    Snapshots,
    StopOnInterrupt,
    StopOnNaN,
    loss_first,
)
from keras_examples.runner.checkpoints import CheckpointManager
from keras_examples.runner.clock import Clock
from keras_examples.runner.devices import Devices, StepLoop
from keras_examples.runner.overrides import spell
from keras_examples.runner.plain import epoch_order, fit

# Validation needs no small batches: larger ones are faster, within the limits of memory.
EVALUATION_BATCH = 250

# Writing a checkpoint takes as long as a short epoch: where epochs are short, one is written after
# as many of them as take this many seconds.
CHECKPOINT_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network, what it learns from, and how.

    Args:
        example: The example, or the companion of one, whose network it is.
        data: What it learns from; it is validated on the test set where there is one.
        epochs: Number of passes over the training data.
        batch_size: Samples per step.
        seed: Determines the initial weights and the order of the batches.
        plain: Whether to call Keras's `fit`, on the same batches.
        rescale: Whether to divide pixels by 255, where there is a choice.
        overrides: Arguments of `build_model` that differ from their defaults.
    """

    example: Example
    data: Dataset
    epochs: int
    batch_size: int
    seed: int = 0
    plain: bool = False
    rescale: bool = False
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Training steps per epoch."""
        return -(-len(self.data.x_train) // self.batch_size)

    def build(self) -> keras.Model:
        """Builds and compiles the model, with the initial weights of its seed.

        Raises:
            InputError: It cannot be built with these overrides.
        """
        keras.utils.set_random_seed(self.seed)
        try:
            return self.example.build(
                steps=self.epochs * self.steps, rescale=self.rescale, **self.overrides
            )
        except (TypeError, ValueError) as error:
            if not self.overrides:
                raise
            why = str(error).partition("\n")[0]
            raise InputError(
                f"{self.example.name} cannot be built with {spell(self.overrides)}: {why}",
                f"无法用 {spell(self.overrides)} 构建 {self.example.name}：{why}",
            ) from None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of training.

    Args:
        model: The trained model.
        history: Keras's metrics, one value per epoch each; empty where nothing was trained.
        status: `"complete"`, `"interrupted"` (by Ctrl-C) or `"diverged"` (the loss is NaN).
        snapshots: What the example's `snapshot` returned, one entry per epoch.
        resumed_from: The epoch, from 0, that training was resumed from.
    """

    model: keras.Model
    history: Mapping[str, list[float]]
    status: str = "complete"
    snapshots: tuple[np.ndarray, ...] = ()
    resumed_from: int = 0


class Training:
    """The training of a network, from its initial weights or from a checkpoint.

    Args:
        network: The network.
        devices: Where it is trained; one device by default.
        clock: Measures the seconds; those of the first step, which compiles, separately.
        callbacks: Keras callbacks, besides the runner's own.
        checkpoints: Where to resume from, and where to save a checkpoint after each epoch, but no
            more than one a second; None for neither.
        verbose: Whether to show progress on stderr.
    """

    def __init__(
        self,
        network: Network,
        *,
        devices: Devices | None = None,
        clock: Clock | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoints: CheckpointManager | None = None,
        verbose: bool = False,
    ) -> None:
        self._network, self._devices = network, devices or Devices()
        self._clock, self._checkpoints = clock or Clock(), checkpoints
        with self._clock("build"):
            self._model = network.build()
        self._history = keras.callbacks.History()
        self._nan, self._interrupt = StopOnNaN(), StopOnInterrupt()
        self._snapshots = Snapshots(network.example.snapshot, network.data)
        self._callbacks = [self._nan, self._interrupt, self._snapshots, *callbacks]
        if verbose:
            bar = ProgressBar(network.example.name, network.epochs, network.steps)
            self._callbacks.append(bar)
        self._first_epoch = 0

    def run(self) -> Outcome:
        """Trains the network.

        Raises:
            InputError: The latest checkpoint is of another network.
            RunError: A checkpoint cannot be written, or another machine is lost.
        """
        if not self._network.epochs:
            return Outcome(model=self._model, history={})
        with (
            on_interrupt(self._interrupt.note),
            self._devices.watching(),
            self._clock("train"),
        ):
            if self._network.plain:
                return self._fit_plainly()
            self._begin()
            logs: dict[str, float] = {}
            for epoch in range(self._first_epoch, self._network.epochs):
                order = self._begin_epoch(epoch)
                for start, stop in self._calls(epoch):
                    first = (epoch, start) == (self._first_epoch, 0)
                    with self._clock("compile") if first else nullcontext():
                        metrics = self._steps(order, start, stop)
                    logs = _floats(metrics)
                    self._watchers.on_train_batch_end(stop - 1, logs)
                    if self._model.stop_training:  # the loss is NaN
                        break
                if self._end_epoch(epoch, logs):
                    break
            return self._end(logs)

    def _fit_plainly(self) -> Outcome:
        network, data = self._network, self._network.data
        self._history = fit(
            self._model,
            data.x_train,
            data.y_train,
            epochs=network.epochs,
            batch_size=network.batch_size,
            seed=network.seed,
            validation_data=data.test,
            callbacks=self._callbacks,
            verbose=0,
        )
        return self._outcome()

    def _begin(self) -> None:
        network, data = self._network, self._network.data
        with self._clock("build"):
            # On several devices this is another model than the one that callbacks get.
            self._learner = learner = self._devices.learner(
                self._model, network.build, data.x_train, data.y_train
            )
            self._steps = self._devices.steps(
                learner,
                learner.train_step,
                data.x_train,
                data.y_train,
                network.batch_size,
                network.epochs,
            )
            self._validation: StepLoop | None = None
            if data.test:
                self._validation = self._devices.steps(
                    learner, learner.test_step, *data.test, EVALUATION_BATCH
                )
        self._restore()
        self._watchers = keras.callbacks.CallbackList(
            [self._history, *self._callbacks], model=self._model
        )
        self._watchers.set_params(
            {"epochs": network.epochs, "steps": self._steps.count, "verbose": 0}
        )
        self._model.stop_training = False
        self._saved = time.monotonic()
        self._watchers.on_train_begin()

    def _restore(self) -> None:
        """Restores the state of the latest checkpoint, if there is one."""
        checkpoint = self._checkpoints.latest() if self._checkpoints else None
        values = self._devices.broadcast(
            [np.array(checkpoint.epoch), *checkpoint.state] if checkpoint else [np.array(0)]
        )
        self._first_epoch = int(values[0])
        if self._first_epoch:
            try:
                state.write(self._learner, values[1:])
            except ValueError:
                raise InputError(
                    "cannot resume: the checkpoint is of another network, its variables have other "
                    "shapes. Use the code that it was started with, or leave out --resume to start "
                    "afresh.",
                    "无法继续：检查点属于另一个网络，各变量的形状不同。"
                    "请使用开始训练时的代码，或去掉 --resume 从头开始。",
                ) from None
        if checkpoint:
            history = checkpoint.history
            self._history.history = {name: list(values) for name, values in history.items()}
            self._snapshots.taken[:] = checkpoint.snapshots

    def _begin_epoch(self, epoch: int) -> tf.Tensor:
        self._watchers.on_epoch_begin(epoch)
        self._learner.reset_metrics()
        return epoch_order(len(self._network.data.x_train), self._network.seed, epoch)

    def _calls(self, epoch: int) -> Iterator[tuple[int, int]]:
        """Yields the steps of an epoch as `(start, stop)`, in few calls that still show progress.

        The very first step is a call of its own, because it traces and compiles.
        """
        steps = self._steps.count
        calls = min(10, max(1, steps // 50))
        edges = [round(steps * call / calls) for call in range(calls + 1)]
        if epoch == self._first_epoch and steps > 1:
            edges.insert(1, 1)
        yield from itertools.pairwise(edges)

    def _end_epoch(self, epoch: int, logs: dict[str, float]) -> bool:
        """Validates and saves a checkpoint; returns whether training stops here."""
        diverged = self._model.stop_training
        if self._validation:
            with self._clock("validate"):
                logs |= self._validate(self._validation)
        self._devices.copy_back(self._learner, self._model)
        self._watchers.on_epoch_end(epoch, logs)
        self._model.stop_training = self._devices.any(self._model.stop_training)
        due = time.monotonic() - self._saved >= CHECKPOINT_SECONDS
        last = self._model.stop_training or epoch + 1 == self._network.epochs
        if self._checkpoints and not diverged and (due or last):
            with self._clock("checkpoint"):
                self._checkpoints.save(
                    epoch + 1,
                    state.read(self._learner),
                    self._history.history,
                    self._snapshots.taken,
                )
            self._saved = time.monotonic()
        return bool(self._model.stop_training)

    def _validate(self, steps: StepLoop) -> dict[str, float]:
        self._learner.reset_metrics()
        samples = tf.range(len(self._network.data.x_test))
        metrics = _floats(steps(samples, 0, steps.count))
        return {f"val_{name}": value for name, value in metrics.items()}

    def _end(self, logs: dict[str, float]) -> Outcome:
        learner = self._learner
        if learner.optimizer is not None:
            learner.optimizer.finalize_variable_values(learner.trainable_variables)
        self._devices.copy_back(learner, self._model)
        self._watchers.on_train_end(logs)
        return self._outcome()

    def _outcome(self) -> Outcome:
        # Ctrl-C in the last epoch ends what was to follow; all machines have to agree on it.
        interrupted = self._devices.any(self._interrupt.interrupted or self._model.stop_training)
        history = self._history.history
        return Outcome(
            model=self._model,
            history={name: list(history[name]) for name in sorted(history, key=loss_first)},
            status="diverged" if self._nan.epoch else "interrupted" if interrupted else "complete",
            snapshots=tuple(self._snapshots.taken),
            resumed_from=self._first_epoch,
        )


def _floats(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
