"""Models of all examples that make predictions, none of them trained, and a photo for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras_examples.core import catalogue
from tests.photos import photograph

CLASSIFIERS = catalogue.declaring("reads")
FORECASTERS = catalogue.declaring("series")


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with an untrained model of each classifier and forecaster."""
    folder = tmp_path_factory.mktemp("runs")
    for name in (*CLASSIFIERS, *FORECASTERS):
        (folder / name).mkdir()
        catalogue.load(name).build_model().save(folder / name / "model.keras")
    return folder


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[4:24, 13:16] = 255
    return photograph(drawn, np.random.default_rng(0))


def saved(model: Any, folder: Path) -> Path:
    model.save(folder / "saved.keras")
    return folder / "saved.keras"


def network(shape: tuple[int, ...], *layers: Any) -> Any:
    import keras

    return keras.Sequential([keras.Input(shape), *layers])
