"""The article's script: Keras's `fit` on NumPy arrays."""

from __future__ import annotations

import argparse
from typing import Any

import keras

from benchmarks.contestants import Stopwatch, load


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    example, data, epochs, batch_size = load(options)
    keras.utils.set_random_seed(options.seed)
    model = example.build_model()
    watch = Stopwatch()
    history = model.fit(
        data.x_train,
        data.y_train,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=data.test,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.epoch())],
        verbose=0,
    )
    return watch.report(history.history)
