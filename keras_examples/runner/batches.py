"""The order of the samples in each epoch, the same for the runner and for Keras's `fit`.

After `keras.utils.set_random_seed`, `fit` on arrays repeats one order in every epoch
(tensorflow #35682). `Batches` brings a new order to each, that of the runner.
"""

from __future__ import annotations

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


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of arrays for `fit`, in a new order in each epoch.

    Pass `shuffle=False` to `fit`: the samples are shuffled here.

    Args:
        x: Inputs, shape `(n, ...)`.
        y: Targets, shape `(n, ...)`; None for a network that learns without.
        batch_size: Samples per step; the last step of an epoch takes what is left.
        seed: Determines the order in each epoch, as `run(seed=...)` does.

    Example:
        >>> model.fit(Batches(data.x_train, data.y_train, 32), epochs=5, shuffle=False)
    """

    def __init__(
        self, x: np.ndarray, y: np.ndarray | None = None, batch_size: int = 32, seed: int = 0
    ) -> None:
        super().__init__()
        self._arrays = (x,) if y is None else (x, y)
        self._batch_size, self._seed = batch_size, seed
        self._epoch, self._last = 0, -1
        self._order = self._shuffle()

    def _shuffle(self) -> np.ndarray:
        return np.asarray(epoch_order(len(self._arrays[0]), self._seed, self._epoch))

    def __len__(self) -> int:
        """Returns the number of steps in an epoch."""
        return -(-len(self._arrays[0]) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        """Returns a batch of the current epoch.

        Raises:
            ValueError: `fit` shuffles as well.
        """
        if index not in (0, self._last + 1):
            raise ValueError(
                f"got step {index} after step {self._last}: the batches are shuffled already, "
                "call fit(…, shuffle=False)."
            )
        self._last = index
        start = index * self._batch_size
        chosen = self._order[start : start + self._batch_size]
        return tuple(array[chosen] for array in self._arrays)

    def on_epoch_end(self) -> None:
        """Goes on to the order of the next epoch."""
        self._epoch += 1
        self._order = self._shuffle()
