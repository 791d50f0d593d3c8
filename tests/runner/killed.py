"""Runs in processes of their own that die by SIGKILL, at any moment or at a given one.

The processes come from a fork server that has imported TensorFlow once.
"""

from __future__ import annotations

import dataclasses
import os
import pkgutil
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_examples.core.files import write_whole
from keras_examples.datasets import Dataset
from keras_examples.runner import training
from tests.platforms import fork_server
from tests.stub import LINE, declarer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # as the command does
PROCESSES = fork_server("tests.prepared", "keras_examples.runner.job", "tests.stub")
EPOCHS = 24
WIDTH = 0  # of one more layer, which the code of another day may have


def load_data() -> Dataset:
    x = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
    return Dataset.computed("noise", (x, x[:, :1]), (x[:20], x[:20, :1]))


def build_model(*, units: int = 8, dropout: float = 0.3) -> Any:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(units),
            layers.Dropout(dropout),
            *(layers.Dense(WIDTH) for _ in range(WIDTH > 0)),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error", metrics=["mean_absolute_error"])
    return model


def snapshot(model: Any, data: Any) -> np.ndarray:
    return np.array(model.layers[0].kernel[0])


def declare(patch: pytest.MonkeyPatch) -> None:
    """Adds `line`, which has a companion, a random layer and snapshots, to the catalogue.

    Its epochs take no time, and yet each is saved.
    """
    patch.setattr(training, "CHECKPOINT_SECONDS", 0)
    random: dict[str, Any] = {
        "load_data": load_data,
        "build_model": build_model,
        "snapshot": snapshot,
    }
    helper = dataclasses.replace(LINE, name="helper", epochs=EPOCHS, batch_size=20, **random)
    declarer(patch)(epochs=EPOCHS, batch_size=10, companions={"helper": helper}, **random)


def train(root: Path, dies: Callable[[], None] | None = None, **options: Any) -> None:
    """Runs `line` into a folder; the body of a process. What it says goes to `stderr` there."""
    root.mkdir(exist_ok=True)
    os.dup2(os.open(root / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    declare(pytest.MonkeyPatch())
    if dies:
        dies()
    from keras_examples import run

    run("line", plots=root / "plots", runs=root / "runs", verbose=False, **options)


def start(root: Path, dies: Callable[[], None] | None = None, **options: Any) -> BaseProcess:
    """Starts `train` in a process of its own."""
    process = PROCESSES.Process(target=train, args=(root, dies), kwargs=options, daemon=True)
    process.start()
    return process


# Windows has no SIGKILL, but any other signal that is sent to a process ends it at once.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
CODE = -KILL if os.name == "posix" else KILL


def die() -> None:
    os.kill(os.getpid(), KILL)


def in_the_middle_of_a_checkpoint(number: int) -> None:
    """Dies when half of the bytes of a checkpoint are written, the `number`-th."""
    from keras_examples.runner import checkpoints

    count = 0

    def half(path: Path, content: bytes) -> None:
        nonlocal count
        count += 1
        if count == number:
            path.with_name(f".{path.name}.partial").write_bytes(content[: len(content) // 2])
            die()
        write_whole(path, content)

    pytest.MonkeyPatch().setattr(checkpoints, "write_whole", half)


def at_call(
    module: str,
    owner: str,
    name: str,
    number: int,
    do: Callable[[], None] = die,
    patch: pytest.MonkeyPatch | None = None,
) -> None:
    """Dies, or does something else, just before the `number`-th call of a function or a method."""
    holder = pkgutil.resolve_name(f"{module}:{owner}")
    real = getattr(holder, name)
    count = 0

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == number:
            do()
        return real(*arguments, **options)

    (patch or pytest.MonkeyPatch()).setattr(holder, name, counted)
