"""The runner of this project."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import keras

from benchmarks.contestants import Stopwatch, load
from keras_examples.runner.checkpoints import Checkpoints
from keras_examples.runner.training import train as train_model


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    example, data, epochs, batch_size = load(options)
    keras.utils.set_random_seed(options.seed)
    model = example.build_model()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:  # checkpoints belong to what the runner does
        outcome = train_model(
            model,
            data,
            epochs=epochs,
            batch_size=batch_size,
            seed=options.seed,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.epoch())],
            checkpoints=Checkpoints(Path(folder), {}),
        )
    return watch.report(**{name: values[-1] for name, values in outcome.history.items()})
