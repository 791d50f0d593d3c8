"""Callbacks of training: progress, Ctrl-C, a loss that is NaN, snapshots."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from keras_examples.core import Text
from keras_examples.core.console import announce, progress_bar
from keras_examples.core.text import say
from keras_examples.datasets import Dataset

# Training for many short epochs prints about this many lines.
LINES = 10


def loss_first(metric: str) -> tuple[bool, bool, str]:
    """Sort key for names of metrics: the loss, the others, then the same of validation."""
    held_out = metric.startswith("val_")
    return held_out, metric.removeprefix("val_") != "loss", metric


class ProgressBar(keras.callbacks.Callback):
    """Shows the progress of training on stderr: a bar on a terminal, and lines for the epochs.

    Args:
        name: The example's name.
        epochs: Number of epochs.
        steps: Steps per epoch.
    """

    def __init__(self, name: str, epochs: int, steps: int) -> None:
        super().__init__()
        self._name, self._epochs, self._steps = name, epochs, steps
        self._every = max(1, round(epochs / LINES))
        self._first: int | None = None

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Starts the clock and the bar."""
        self._start, self._done = time.perf_counter(), 0
        self._bar = progress_bar(self._epochs * self._steps, self._name, say("step", "步"))

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Moves the bar to the epoch, which is not the first one when training resumes."""
        self._done = epoch * self._steps
        self._bar.update(self._done - self._bar.n)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Moves the bar to a step."""
        if self._first is None:  # this step compiles: timing it would overestimate all others
            self._start, self._first = time.perf_counter(), self._done + batch + 1
        self._bar.update(self._done + batch + 1 - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Writes a line about an epoch."""
        self._done = (epoch + 1) * self._steps
        self._bar.update(self._done - self._bar.n)
        if (epoch + 1) % self._every and epoch + 1 != self._epochs:
            return
        logs = logs or {}
        metrics = "  ".join(f"{key} {logs[key]:.4g}" for key in sorted(logs, key=loss_first))
        reached, time_left = f"{epoch + 1}/{self._epochs}", self._time_left()
        announce(
            f"{self._name}  epoch {reached}  {metrics}{time_left.en}",
            f"{self._name}  第 {reached} 轮  {metrics}{time_left.zh}",
        )

    def _time_left(self) -> Text:
        left = self._epochs * self._steps - self._done
        timed = self._done - (self._first or 0)
        if not left or not timed:
            return Text("", "")
        seconds = f"{(time.perf_counter() - self._start) * left / timed:.0f}"
        return Text(f"  {seconds} s left", f"  还需 {seconds} 秒")

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Removes the bar."""
        self._bar.close()


class StopOnNaN(keras.callbacks.Callback):
    """Stops training when a loss is NaN or infinite; `epoch` is then the epoch, from 1."""

    epoch: int | None = None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Remembers the epoch."""
        self._current = epoch + 1

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Checks the losses and metrics so far."""
        if self.epoch is None and not all(map(math.isfinite, (logs or {}).values())):
            self.epoch = self._current
            self.model.stop_training = True


class StopOnInterrupt(keras.callbacks.Callback):
    """Lets Ctrl-C end training after the current epoch; `interrupted` is then true.

    A second Ctrl-C stops at once, as Python does by default.
    """

    interrupted = False

    def note(self) -> None:
        """Notes that Ctrl-C was pressed, as `on_interrupt()` wants it."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        announce(
            "Interrupted: saving after this epoch; press Ctrl-C again to stop at once.",
            "已中断：本轮结束后保存；再按一次 Ctrl-C 立即停止。",
        )

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Stops if Ctrl-C was pressed."""
        if self.interrupted:
            self.model.stop_training = True


class Snapshots(keras.callbacks.Callback):
    """Keeps what an example's `snapshot` returns after each epoch.

    Args:
        take: Called with the model and its data; returns an array. None for no snapshots.
        data: The data.
    """

    def __init__(self, take: Callable[[Any, Dataset], np.ndarray] | None, data: Dataset) -> None:
        super().__init__()
        self._take, self._data = take, data
        self.taken: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Takes a snapshot."""
        if self._take:
            self.taken.append(self._take(self.model, self._data))
