"""Internals of TensorFlow and Keras that are needed and have no public equivalent.

Everything else in this project uses public names only. This module is imported only for training on
several devices, so a release that moves one of these breaks nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.core import RunError


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (AttributeError, ImportError) as error:
        raise RunError(
            "shared training needs an internal of Keras or TensorFlow that Keras "
            f"{keras.__version__} with TensorFlow {tf.__version__} does not have ({error}). Train "
            "on one device, without --strategy, or install an earlier version.",
            "在多个设备上训练需要 Keras 或 TensorFlow 的一个内部接口，"
            f"而 Keras {keras.__version__} 和 TensorFlow {tf.__version__} 没有它（{error}）。"
            "请去掉 --strategy，在一个设备上训练，或安装较早的版本。",
        ) from None


def make_variables(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    """Creates the variables of metrics and optimizer under the model's strategy.

    `fit` cannot, because it mistakes a batch that is divided among replicas for a tensor (Keras
    issue 20585).

    Args:
        model: A compiled model, built under the strategy.
        x: Inputs, of which only shape and type matter.
        y: Targets, of which only shape and type matter.
    """
    with _explained(), model.distribute_strategy.scope():
        model._symbolic_build(data_batch=(x[:1], y[:1]))


def seed_generators(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """Returns the sources of random numbers of a model's layers."""
    with _explained():
        return [one for layer in model._flatten_layers() for one in layer._seed_generators]


def report_lost_worker(address: str) -> None:
    """Reports to the other workers, if they can be reached, which of them is lost."""
    with suppress(AttributeError, ImportError, tf.errors.OpError, ValueError):
        from tensorflow.python.eager import context

        reason: Any = f"{address} is gone"
        context.context().report_error_to_cluster(tf.errors.UNAVAILABLE, reason)
