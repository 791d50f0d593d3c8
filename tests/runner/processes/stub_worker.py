"""A process of a pool that knows the examples of these tests."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_examples.datasets import Dataset, loading, mnist
from keras_examples.figures.shared import loss
from keras_examples.runner.processes import worker
from tests.stub import build_model as build_line
from tests.stub import declarer


def declare(patch: pytest.MonkeyPatch) -> None:
    """Adds the examples to the catalogue; without records, the last of them takes longest."""
    add = declarer(patch)
    patch.setattr(loading, "_load", draw)
    add(name="never", build_model=pytest.fail)
    add(name="waits", snapshot=wait_for_death)
    add(name="dies", snapshot=die)
    add(name="diverges", build_model=lambda: build_line(learning_rate=1e30), epochs=50)
    for name in ("endless-too", "endless"):
        add(name=name, epochs=1_000_000)
    for name in ("stuck-too", "stuck"):
        add(name=name, snapshot=wait_forever)
    for name in ("digits-too", "digits"):
        add(name=name, load_data=load_digits, build_model=build_digits, figures=(loss,), epochs=2)


def load_digits(data: str = "auto", data_dir: Any = None) -> Dataset:
    return mnist(data, data_dir)


def draw(name: str, *where: object) -> Dataset:
    """Stands for reading a data set; a file has a line for each time."""
    with Path("reads.txt").open("a") as file:
        file.write(f"{name}\n")
    images, labels = np.arange(20 * 28 * 28).reshape(20, 28, 28) % 256, np.arange(20) % 10
    arrays = [array.astype(np.uint8) for array in (images, labels, images[:9], labels[:9])]
    return Dataset.of(name, (arrays[0], arrays[1], arrays[2], arrays[3]), "folder")


def build_digits(*, units: int = 3) -> Any:
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(units), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


def die(model: Any, data: Any) -> np.ndarray:
    Path("dead").touch()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def wait_forever(model: Any, data: Any) -> np.ndarray:
    Path(f"stuck-{os.getpid()}").touch()
    while True:
        time.sleep(0.05)


def wait_for_death(model: Any, data: Any) -> np.ndarray:
    """Takes until the failure of another example is known."""
    end = time.monotonic() + 60
    while not (Path("dead").exists() or Path("runs/diverges/diverged").exists()):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.5)
    return np.zeros(1)


if __name__ == "__main__":
    declare(pytest.MonkeyPatch())
    worker.main()
