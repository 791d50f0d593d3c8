"""An example's network for the user's own pictures, with an output for each of their classes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from keras_examples.core import Example, Pictures, Text
from keras_examples.core.files import PathLike
from keras_examples.datasets import images
from keras_examples.datasets.dataset import Array
from keras_examples.figures import accuracy, confusion, loss, predictions
from keras_examples.inference.pictures import PREPARE, naming, open_picture

_TITLE = Text("Own pictures ({name})", "自己的图片（{name}）")


def of_images(example: Example, folder: PathLike) -> Example:
    """Returns the example, trained on the pictures of a folder, under a name of its own.

    Args:
        example: An example that reads pictures, and whose `build_model` takes `classes`.
        folder: The folder, see `keras_examples.datasets.images.find`.

    Raises:
        InputError: The pictures cannot be used.
    """
    assert example.reads  # noqa: S101 (the options have been checked)
    prepare = PREPARE[example.reads.kind]

    def prepared(path: Path) -> Array:
        picture = open_picture(path)
        with naming(path):
            return prepare(picture)

    data = images.load(folder, prepared)
    return dataclasses.replace(
        example,
        name=f"{example.name}-images",
        title=_TITLE.format(name=example.name),
        # What it measures and draws besides may be about the example's own classes.
        figures=(loss, accuracy, predictions, confusion),
        measure=None,
        snapshot=None,
        companions={},
        reads=Pictures(example.reads.kind, data.class_names),
        model={**example.model, "classes": len(data.class_names)},
        data={**example.data, "data": data},
    )
