"""Trains one example in one way, in a process of its own, and prints what it took as JSON.

`python -m benchmarks.contestants runner mnist-cnn --epochs 1` runs one by itself. All contestants
train the same network with the same optimizer, batch size and number of steps on the same samples,
and validate after each epoch where the article does. PyTorch and JAX have the articles' networks
only; of the GAN's networks the judge, which only the figures need, is left out.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any

ARTICLES = ("fashion-mnist-ffn", "mnist-cnn", "sine-rnn")
EXAMPLES = (*ARTICLES, "self-attention", "mnist-gan")
CONTESTANTS = ("plain", "runner", "torch", "jax")


def main() -> None:
    """Trains as the command line says; prints one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("example", choices=EXAMPLES)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--samples", type=int, help="training samples")
    parser.add_argument("--test-samples", type=int)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, help="train once for each line that is read")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import resource  # Windows has none, and the names above are wanted there too

    from keras_examples.core import catalogue

    train = importlib.import_module("benchmarks.by_" + options.contestant).train
    for _ in range(options.rounds or 1):
        if options.rounds:
            input()
        report = train(options)
        report["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report["recipe_epochs"] = catalogue.load(options.example).epochs
        print(json.dumps(report), flush=True)


def load(options: argparse.Namespace) -> tuple[Any, Any, int, int]:
    """Returns an example, its data (cut to size), its epochs and its batch size, as asked for."""
    from keras_examples.core import catalogue

    example = catalogue.load(options.example)
    if options.fast:
        example = example.recipe_examples["fast"]
    data = example.load(data="real", data_dir=None)
    # What an example keeps of each epoch is for its figures; the plain script draws none.
    example = dataclasses.replace(example, snapshot=None)
    cut, tested = slice(options.samples), slice(options.test_samples)
    data = dataclasses.replace(
        data,
        x_train=data.x_train[cut],
        y_train=data.y_train[cut],
        x_test=data.x_test[tested],
        y_test=data.y_test[tested],
    )
    return example, data, options.epochs or example.epochs, options.batch_size or example.batch_size


class Stopwatch:
    """Seconds from the start of training to the end of each epoch."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.ends: list[float] = []

    def epoch(self) -> None:
        """Notes the end of an epoch, validation included."""
        self.ends.append(time.perf_counter() - self._start)

    def report(self, history: Mapping[str, list[float]]) -> dict[str, Any]:
        """Returns seconds in all, seconds of each epoch, final metrics, and all accuracies."""
        epochs = [b - a for a, b in zip([0.0, *self.ends], self.ends, strict=False)]
        finals = {name: values[-1] for name, values in history.items()}
        reached = history.get("val_accuracy", [])
        return {"seconds": self.ends[-1], "epochs": epochs, **finals, "val_accuracies": reached}


if __name__ == "__main__":
    main()
