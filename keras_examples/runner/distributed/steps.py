"""Many steps in one call, as in `keras_examples.runner.steps`, on several replicas."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.runner.distributed.private import seed_generators
from keras_examples.runner.steps import constant
from keras_examples.runner.ways import replaced


class ReplicatedSteps:
    """Takes a model's steps over samples as `Steps` does, each replica its share of a batch.

    Of a batch of n samples replica r of R takes those from `r * n // R` to `(r + 1) * n // R`. The
    step of `keras.Model` then does what one device would do with the whole batch, whatever the
    sizes of the shares. The gradients of a model's own `train_step` are added up over the replicas
    without weights, and its random numbers differ by replica.

    Args:
        strategy: The strategy that the model was built under.
        model: A compiled model with all its variables made, see `make_variables()`.
        step: What a replica does with its share: the model's `train_step` or `test_step`.
        x: Inputs, shape `(n, ...)`, all of them on every worker.
        y: Targets, shape `(n, ...)`.
        batch_size: Samples per step of all the replicas together.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        model: keras.Model,
        step: Callable[[tuple[tf.Tensor, tf.Tensor]], Any],
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
    ) -> None:
        self._strategy, self._model, self._step = strategy, model, step
        self._x, self._y = _on_each_device(strategy, x), _on_each_device(strategy, y)
        self._batch_size = batch_size
        self.count = -(-len(x) // batch_size)
        # Keras takes the mean of a share's losses; what a model's own `train_step` does is unknown.
        self._means = type(model).train_step is keras.Model.train_step
        self._here = threading.local()  # each replica is traced by a thread of its own
        self._traced = tf.function(self._loop, autograph=False)

    def __call__(self, order: tf.Tensor, start: int, stop: int) -> dict[str, Any]:
        """Takes the steps from `start` up to `stop` of an epoch, as `Steps` does.

        Args:
            order: The order of the samples in this epoch, the same on every worker.
            start: Number of the first step, from 0.
            stop: Number of the step after the last.

        Returns:
            The model's metrics over all replicas since they were last reset, by name.
        """
        return dict(self._traced(order, tf.constant(start), tf.constant(stop)))

    def _loop(self, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        size = self._batch_size

        def body(step: tf.Tensor) -> tuple[tf.Tensor]:
            batch = order[step * size : (step + 1) * size]
            self._strategy.run(self._take_share, args=(batch, self._x, self._y))
            return (step + 1,)

        with self._sharing():
            tf.while_loop(lambda step: step < stop, body, (start,), parallel_iterations=1)
        return self._model.get_metrics_result()

    def _take_share(self, batch: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> None:
        replicas, size = self._strategy.num_replicas_in_sync, tf.size(batch)
        start, stop = (size * edge // replicas for edge in (_replica(), _replica() + 1))
        # A replica without a share of a small batch computes with a sample, but ignores the result.
        has_share = stop > start
        mine = batch[start : tf.maximum(stop, start + 1)]
        share = (stop - start) * replicas / size if self._means else has_share
        self._here.weight = tf.cast(share, keras.config.floatx())
        metrics = self._model.metrics_variables
        before = [tf.identity(metric) for metric in metrics]
        self._step((tf.gather(x, mine), tf.gather(y, mine)))
        for metric, value in zip(metrics, before, strict=True):
            metric.assign(tf.where(has_share, metric, value))

    @contextmanager
    def _sharing(self) -> Iterator[None]:
        """Makes steps traced within the block weight their gradients and vary noise by replica."""
        with ExitStack() as stack:
            if optimizer := self._model.optimizer:
                stack.enter_context(replaced(optimizer, "apply", self._weighted(optimizer.apply)))
            for generator in seed_generators(self._model):
                next_seed = _by_replica(generator.next)
                stack.enter_context(replaced(generator, "next", next_seed))
            yield

    def _weighted(self, apply: Callable[..., None]) -> Callable[..., None]:
        def weighted(gradients: Sequence[Any], variables: Any = None) -> None:
            weight = self._here.weight
            apply(
                [
                    None if grad is None else tf.math.scalar_mul(tf.cast(weight, grad.dtype), grad)
                    for grad in gradients
                ],
                variables,
            )

        return weighted


def _by_replica(next_seed: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    # The generator's state stays the same on all replicas, so it can be saved and restored as one.
    def by_replica(ordered: bool = True) -> tf.Tensor:
        seed = next_seed(ordered)
        return seed + tf.cast([_replica(), 0], seed.dtype)

    return by_replica


def _replica() -> tf.Tensor:
    return tf.convert_to_tensor(tf.distribute.get_replica_context().replica_id_in_sync_group)


def _on_each_device(strategy: tf.distribute.Strategy, array: np.ndarray) -> Any:
    devices = strategy.extended.worker_devices

    def copy(context: Any) -> tf.Tensor:
        with tf.device(devices[context.replica_id_in_sync_group % len(devices)]):
            return constant(array)

    return strategy.experimental_distribute_values_from_function(copy)
