"""Many steps of a model in one call: what makes the runner fast.

Keras's `fit` returns to Python after every step and copies every batch from NumPy to TensorFlow,
which costs about a millisecond. Here the samples are copied to TensorFlow once, in their own type
(uint8 pixels take a quarter of float32), and a loop inside one TensorFlow function gathers each
batch and calls the model's own `train_step`. The mathematics are Keras's, without the round trips.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.runner.ways import Way, in_parts, unrolled

_BY_TENSORFLOW = Way()


class Steps:
    """Takes a model's steps over samples, many in one call.

    Args:
        model: A compiled model with all its variables made.
        step: What a step does with a batch: the model's `train_step` or `test_step`.
        x: Inputs, shape `(n, ...)`.
        y: Targets, shape `(n, ...)`.
        batch_size: Samples per step; the last step of an epoch takes what is left.
        way: How the steps are taken, see `choose()`.
    """

    def __init__(
        self,
        model: keras.Model,
        step: Callable[[tuple[tf.Tensor, tf.Tensor]], Any],
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        *,
        way: Way = _BY_TENSORFLOW,
    ) -> None:
        self._model, self._step = model, step
        self._x, self._y = constant(x), constant(y)
        self._batch_size = batch_size
        self.count = -(-len(x) // batch_size)
        # XLA and parts need a fixed batch size; a smaller last batch is taken as it is.
        self._full = len(x) // batch_size if way != _BY_TENSORFLOW else 0
        edges = [batch_size * part // way.parts for part in range(way.parts + 1)]
        self._sizes = [stop - start for start, stop in itertools.pairwise(edges)]
        self._compiled = tf.function(
            self._loop_over_full_batches, jit_compile=way.xla or None, autograph=False
        )
        self._traced = tf.function(self._loop, autograph=False)

    def __call__(self, order: tf.Tensor, start: int, stop: int) -> dict[str, Any]:
        """Takes the steps from `start` up to `stop` of an epoch.

        Args:
            order: The order of the samples in this epoch, see `plain.epoch_order()`.
            start: Number of the first step, from 0.
            stop: Number of the step after the last.

        Returns:
            The model's metrics since they were last reset, by name.
        """
        metrics: dict[str, Any] = {}
        middle = max(start, min(stop, self._full))
        if start < middle:
            metrics = self._compiled(order, tf.constant(start), tf.constant(middle))
        if middle < stop:
            metrics = self._traced(order, tf.constant(middle), tf.constant(stop))
        return dict(metrics)

    def _loop(self, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        size = self._batch_size
        return self._take(lambda step: order[step * size : (step + 1) * size], start, stop)

    def _loop_over_full_batches(self, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        size, parts = self._batch_size, len(self._sizes)
        with in_parts(self._model, self._sizes) if parts > 1 else nullcontext():
            return self._take(lambda step: tf.slice(order, [step * size], [size]), start, stop)

    def _take(
        self, pick: Callable[[tf.Tensor], tf.Tensor], start: tf.Tensor, stop: tf.Tensor
    ) -> Any:
        def body(step: tf.Tensor) -> tuple[tf.Tensor]:
            picked = pick(step)
            self._step((tf.gather(self._x, picked), tf.gather(self._y, picked)))
            return (step + 1,)

        with unrolled(self._model):
            tf.while_loop(lambda step: step < stop, body, (start,), parallel_iterations=1)
        return self._model.get_metrics_result()


def constant(array: np.ndarray) -> tf.Tensor:
    """Returns an array as a tensor, in the same memory if that is aligned as TensorFlow needs it.

    Args:
        array: Numbers that will not be changed, such as those of a `Dataset`. Integers keep their
            type, because the model casts them; float64 becomes Keras's default float, as in `fit`.
    """
    narrow = array.astype(keras.config.floatx()) if array.dtype == np.float64 else array
    return tf.constant(_ArrayLike(np.ascontiguousarray(narrow)))


class _ArrayLike:
    """An array that is not an `np.ndarray`, which `tf.constant` would copy in case it changes."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._array


def make_variables(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    """Makes the variables of the model, its optimizer and its metrics, and changes none.

    A first step would make them too, but TensorFlow traces a step twice that makes variables.

    Args:
        model: A compiled model.
        x: Inputs, of which the first is looked at.
        y: Their targets.
    """
    if not model.built:
        model.build((None, *x.shape[1:]))
    if model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    if type(model).train_step is keras.Model.train_step:  # a step of its own may have no metrics
        first, target = tf.constant(x[:1]), tf.constant(y[:1])
        model.compute_metrics(first, target, model(first, training=False))
        model.reset_metrics()
