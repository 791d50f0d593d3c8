"""Keras's `fit`, with the runner's order of the samples.

After `keras.utils.set_random_seed`, `fit` on arrays repeats one order in every epoch
(tensorflow #35682). Here each epoch has its own.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf


def epoch_order(size: int, seed: int, epoch: int) -> tf.Tensor:
    """Returns the order of the samples in an epoch.

    It depends on the seed and the epoch alone, so training that resumes at a later epoch sees the
    same batches as training that never stopped.

    Args:
        size: Number of samples.
        seed: Seed of the run.
        epoch: Number of the epoch, from 0.

    Returns:
        A permutation of `range(size)`, int32.
    """
    return tf.random.experimental.stateless_shuffle(
        tf.range(size), seed=tf.constant([seed, epoch], dtype=tf.int64)
    )


class _Batches(keras.utils.PyDataset):
    """The batches of all epochs, one epoch after the other."""

    # Counted through, because `fit` asks for the first ones, and ends epochs, more often than once.
    def __init__(
        self, arrays: tuple[np.ndarray, ...], batch_size: int, seed: int, first: int, epochs: int
    ) -> None:
        super().__init__()
        self._arrays, self._batch_size, self._seed = arrays, batch_size, seed
        self._first, self._epochs = first, epochs
        self.steps = -(-len(arrays[0]) // batch_size)
        self._order = (-1, np.empty(0, int))

    def __len__(self) -> int:
        return self._epochs * self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        epoch, step = divmod(index, self.steps)
        known, order = self._order
        if known != epoch:
            order = np.asarray(epoch_order(len(self._arrays[0]), self._seed, self._first + epoch))
            self._order = epoch, order
        chosen = order[step * self._batch_size : (step + 1) * self._batch_size]
        return tuple(array[chosen] for array in self._arrays)


def fit(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray | None = None,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    seed: int = 0,
    initial_epoch: int = 0,
    **options: Any,
) -> keras.callbacks.History:
    """Trains as `model.fit` does, with a new order of the samples in each epoch.

    It is the order of `keras_examples.run(seed=seed)`.

    Args:
        model: A compiled model.
        x: Inputs, shape `(n, ...)`.
        y: Targets, shape `(n, ...)`; None for a network that learns without.
        epochs: The epoch to train up to, from `initial_epoch`.
        batch_size: Samples per step; the last step of an epoch takes what is left.
        seed: Determines the order.
        initial_epoch: The epoch to begin with, from 0.
        **options: Further arguments of `model.fit`.

    Returns:
        Keras's `History`.

    Example:
        >>> fit(model, data.x_train, data.y_train, epochs=5, validation_data=data.test)
    """
    arrays = (x,) if y is None else (x, y)
    more = max(1, epochs - initial_epoch)  # Keras refuses to train for none on no batches
    batches = _Batches(arrays, batch_size, seed, initial_epoch, more)
    return model.fit(
        batches,
        epochs=epochs,
        initial_epoch=initial_epoch,
        steps_per_epoch=batches.steps,
        shuffle=False,
        **options,
    )
