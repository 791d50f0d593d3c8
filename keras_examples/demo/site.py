"""What the parts of the page share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from keras_examples import datasets
from keras_examples.demo.language import Components
from keras_examples.demo.networks import Networks
from keras_examples.demo.training import TrainingQueue

# TensorFlow and matplotlib have global state, so events that use them run one at a time.
ONE_AT_A_TIME: dict[str, Any] = {
    "concurrency_id": "networks",
    "concurrency_limit": 1,
    "api_visibility": "private",
}
# While the pen moves, only the latest drawing matters.
LATEST: dict[str, Any] = {**ONE_AT_A_TIME, "trigger_mode": "always_last", "show_progress": "hidden"}


@dataclass(frozen=True, eq=False)
class Site:
    """What the parts of the page share.

    Attributes:
        networks: The trained networks.
        queue: Trains missing networks.
        components: Makes components that follow the language.
        lang: The component with the language, an input of all events that show text.
        data: Source of the images to pick from, as in `run()`.
        data_dir: Their folder, if not the usual places.
    """

    networks: Networks
    queue: TrainingQueue
    components: Components
    lang: gr.Radio
    data: str
    data_dir: str | None

    def images(self, name: str) -> datasets.Dataset:
        """Returns the data set to pick images from, `"mnist"` or `"fashion-mnist"`."""
        return _load(name, data=self.data, data_dir=self.data_dir)


_load = cache(datasets.load)


def read_asset(file: str) -> str:
    """Returns the text of a file in this folder."""
    return Path(__file__).with_name(file).read_text(encoding="utf-8")
