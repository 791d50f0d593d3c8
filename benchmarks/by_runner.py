"""The runner of this project."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contestants import Stopwatch, load
from keras_examples.core.threads import prepare


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    prepare()
    import keras

    from keras_examples.runner.checkpoints import CheckpointManager
    from keras_examples.runner.training import Network, Training

    example, data, epochs, batch_size = load(options)
    network = Network(
        example=example, data=data, epochs=epochs, batch_size=batch_size, seed=options.seed
    )
    watch: Stopwatch  # started when training can begin
    with tempfile.TemporaryDirectory() as folder:  # checkpoints belong to what the runner does
        training = Training(
            network,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.epoch())],
            checkpoints=CheckpointManager(Path(folder), {}),
        )
        watch = Stopwatch()
        outcome = training.run()
    return watch.report(outcome.history)
