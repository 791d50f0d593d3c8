"""Trains one example in one way, in a process of its own, and prints what it took as JSON.

`python -m benchmarks.contestants runner mnist-cnn --epochs 1` runs one by itself. All contestants
train the same network with the same optimizer, batch size and number of steps on the same samples,
and validate after each epoch where the article does.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import resource
import time
from typing import Any

EXAMPLES = ("fashion-mnist-ffn", "mnist-cnn", "sine-rnn")
CONTESTANTS = ("plain", "runner", "torch", "jax")


def main() -> None:
    """Trains as the command line says; prints one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("example", choices=EXAMPLES)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    report = importlib.import_module("benchmarks.by_" + options.contestant).train(options)
    report["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(report))


def load(options: argparse.Namespace) -> tuple[Any, Any, int, int]:
    """Returns an example, its data (cut to size), its epochs and its batch size, as asked for."""
    from keras_examples.core import catalogue

    example = catalogue.load(options.example)
    if options.fast:
        assert example.fast, f"{example.name} has no fast recipe"
        example = example.using(example.fast, "fast")
    data = example.load(data="real", data_dir=None)
    if options.samples:
        cut = slice(options.samples)
        data = dataclasses.replace(data, x_train=data.x_train[cut], y_train=data.y_train[cut])
    return example, data, options.epochs or example.epochs, options.batch_size or example.batch_size


class Stopwatch:
    """Seconds from the start of training to the end of each epoch."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.ends: list[float] = []

    def epoch(self) -> None:
        """Notes the end of an epoch, validation included."""
        self.ends.append(time.perf_counter() - self._start)

    def report(self, **metrics: float) -> dict[str, Any]:
        """Returns seconds in all, seconds of each epoch, and final metrics."""
        epochs = [b - a for a, b in zip([0.0, *self.ends], self.ends, strict=False)]
        return {"seconds": self.ends[-1], "epochs": epochs, **metrics}


if __name__ == "__main__":
    main()
