"""Batches for Keras's `fit`, gathered inside `tf.data` from arrays that are in memory once.

`fit` on NumPy arrays goes through Python for every batch, about a millisecond each. Here the arrays
stay as they are (pixels as uint8, a quarter of float32), and one private thread gathers batches of
them ahead of the training step. The model casts them.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

VALIDATION_BATCH = 500


def batches(
    x: np.ndarray, y: np.ndarray, *, batch_size: int, seed: int, epochs: int, first_epoch: int = 0
) -> tf.data.Dataset:
    """Returns the batches of all epochs, one after the other, each epoch in an order of its own.

    The order depends on the seed and the epoch alone, so training that goes on from a later epoch
    sees the same batches as training that never stopped.

    Args:
        x: Inputs, shape `(n, ...)`.
        y: Targets, shape `(n, ...)`.
        batch_size: Samples a batch; an epoch's last one holds what is left.
        seed: Seed of the order.
        epochs: Number of the epoch to end before, counted from 0.
        first_epoch: Number of the epoch to start from.
    """
    size = len(x)
    steps = -(-size // batch_size)
    inputs, targets = _constant(x), _constant(y)

    def one_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        order = epoch_order(size, seed, epoch)
        return tf.data.Dataset.range(steps).map(
            lambda step: order[step * batch_size : (step + 1) * batch_size]
        )

    return (
        tf.data.Dataset.range(first_epoch, epochs)
        .flat_map(one_epoch)
        .map(lambda picked: (tf.gather(inputs, picked), tf.gather(targets, picked)))
        .prefetch(64)
        .with_options(_one_thread())
    )


def in_order(x: np.ndarray, y: np.ndarray) -> tf.data.Dataset:
    """Returns the samples in the order in which they stand, in batches for validation."""
    dataset = tf.data.Dataset.from_tensor_slices((_constant(x), _constant(y)))
    return dataset.batch(VALIDATION_BATCH).with_options(_one_thread())


def epoch_order(size: int, seed: int, epoch: int | tf.Tensor) -> tf.Tensor:
    """Returns the order of the samples in an epoch: a permutation of `range(size)`, int32."""
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.experimental.stateless_shuffle(tf.range(size), seed=key)


def _constant(array: np.ndarray) -> tf.Tensor:
    # Whole numbers stay as they are; float64 would double the work and change the model's dtype.
    narrow = array.astype(np.float32) if array.dtype == np.float64 else array
    return tf.constant(narrow)


def _one_thread() -> tf.data.Options:
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.deterministic = True
    return options
