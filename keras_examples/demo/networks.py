"""The trained networks of the page, loaded from the runs folder."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_examples.core import InputError, Text
from keras_examples.core.records import read_record
from keras_examples.inference import load_trained
from keras_examples.inference.classification import probabilities

NAMES = ("mnist-cnn", "digit-mlp", "fashion-mnist-ffn", "sine-rnn", "sine-lstm")
AUGMENTED = Text("Trained on distorted digits, too.", "训练时还用了变形的数字。")
STAND_IN = Text("Trained on stand-ins drawn by code.", "用程序绘制的替代数据训练而成。")


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes:
        model: Its Keras model.
        remarks: What to know of its training, if it is not as in the article.
    """

    model: Any
    remarks: tuple[Text, ...]


class Networks:
    """Loads networks on demand, and again after they were retrained.

    Of an example it takes the network trained by `--augmented`, if there is one: what people draw
    is not placed and sized as the data are.

    Args:
        runs: The runs folder.
    """

    def __init__(self, runs: str) -> None:
        self._runs = Path(runs)
        self._loaded: dict[str, tuple[int, Network]] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Network | None:
        """Returns an example's network, or None if there is none, or it cannot be read."""
        with self._lock:
            return self._get(f"{name}-augmented") or self._get(name)

    def _get(self, name: str) -> Network | None:
        try:
            written = (self._runs / name / "model.keras").stat().st_mtime_ns
            if self._loaded.get(name, (None,))[0] != written:
                model = load_trained(name, runs=self._runs)
                self._loaded[name] = written, Network(model, self._remarks(name))
        except (InputError, OSError):
            return None
        return self._loaded[name][1]

    def load(self) -> None:
        """Loads all networks in advance."""
        for name in NAMES:
            self.get(name)

    def missing(self, names: tuple[str, ...]) -> list[str]:
        """Returns the names for which there is no network."""
        return [name for name in names if self.get(name) is None]

    def _remarks(self, name: str) -> tuple[Text, ...]:
        augmented = (AUGMENTED,) if name not in NAMES else ()
        try:
            record = read_record(self._runs / name / "run.json")
        except InputError:
            return augmented
        stand_in = record is not None and record["data"]["source"] == "stand-in"
        return augmented + ((STAND_IN,) if stand_in else ())


def classify(network: Network, image: np.ndarray) -> np.ndarray:
    """Returns a classifier's outputs for an image, shape `(28, 28)`, 0 to 255."""
    outputs: np.ndarray = probabilities(network.model, image[None])[0]
    return outputs
