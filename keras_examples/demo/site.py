"""What the parts of the page share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from keras_examples import datasets
from keras_examples.demo.networks import Networks
from keras_examples.demo.training import Trainer
from keras_examples.demo.words import Words

# TensorFlow and matplotlib have global state: who draws or asks a network waits for the others.
ONE_AT_A_TIME: dict[str, Any] = {
    "concurrency_id": "networks",
    "concurrency_limit": 1,
    "api_visibility": "private",
}
# While a finger moves, only the latest picture matters.
LATEST: dict[str, Any] = {**ONE_AT_A_TIME, "trigger_mode": "always_last", "show_progress": "hidden"}


@dataclass(frozen=True, eq=False)
class Site:
    """What the parts of the page share.

    Attributes:
        networks: The trained networks.
        trainer: Trains what is missing.
        words: Makes components that follow the language.
        lang: The component that holds the language, an input of all that says something.
        data: Source of the images to pick from, as in `run()`.
        data_dir: Their folder, if not the usual places.
    """

    networks: Networks
    trainer: Trainer
    words: Words
    lang: gr.Radio
    data: str
    data_dir: str | os.PathLike[str] | None

    def images(self, name: str) -> datasets.Dataset:
        """Returns the data set to pick images from, `"mnist"` or `"fashion-mnist"`."""
        return _load(name, self.data, self.data_dir)


_load: Callable[..., datasets.Dataset] = cache(
    lambda name, data, data_dir: datasets.load(name, data=data, data_dir=data_dir)
)


def part(file: str) -> str:
    """Returns the text of a file beside this one."""
    return Path(__file__).with_name(file).read_text(encoding="utf-8")
