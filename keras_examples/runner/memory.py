"""What happens where there is not enough memory to train."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from keras_examples.core import RunError


@contextmanager
def enough_memory(name: str) -> Iterator[None]:
    """Ends a block that runs out of memory in one line.

    Args:
        name: The example in training.

    Raises:
        RunError: There was not enough memory.
    """
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise RunError(
            f"there is not enough memory to train {name} like this; earlier results are intact. "
            "Try a smaller --batch-size, or smaller --hyperparameters.",
            f"内存不足，无法这样训练 {name}；之前的结果完好无损。"
            "请试试更小的 --batch-size，或更小的 --hyperparameters。",
        ) from None
