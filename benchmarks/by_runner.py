"""The runner of this project."""

from __future__ import annotations

import argparse
from typing import Any

import keras

from benchmarks.contestants import Stopwatch, load
from keras_examples.runner.training import train as train_model


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    example, data, epochs, batch_size = load(options)
    keras.utils.set_random_seed(options.seed)
    model = example.build_model()
    watch = Stopwatch()

    def note(_: keras.Model) -> Any:
        watch.epoch()

    outcome = train_model(
        model, data, epochs=epochs, batch_size=batch_size, seed=options.seed, snapshot=note
    )
    return watch.report(**{name: values[-1] for name, values in outcome.history.items()})
