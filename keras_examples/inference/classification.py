"""Classifies pictures with a trained network."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image

from keras_examples.core import LANGUAGES, InputError, catalogue, keras_defaults
from keras_examples.core.options import one_of, whole_number
from keras_examples.inference.pictures import (
    PREPARE,
    Source,
    check_not_empty,
    naming,
    open_picture,
)
from keras_examples.inference.trained import Model, load_with_classes, require

if TYPE_CHECKING:
    import keras

_BATCH = 256


@dataclass(frozen=True, eq=False)
class Prediction:
    """A network's prediction for one picture.

    Args:
        file: The path of the picture; empty if it has none.
        picture: The picture, opened and rotated, before it is resized.
        image: The network's input, shape `(28, 28)`, 0 to 255.
        top: The likeliest classes, the likeliest first: the name and the probability of each.
    """

    file: str
    picture: Image.Image
    image: np.ndarray
    top: tuple[tuple[str, float], ...]


def predict(
    name: str,
    pictures: Source | Iterable[Source],
    *,
    model: Model = None,
    runs: str | os.PathLike[str] = "runs",
    top: int = 3,
    lang: str = "en",
) -> list[Prediction]:
    """Classifies pictures with a trained network.

    Args:
        name: An example that classifies pictures, such as `"mnist-cnn"`, or
            `"mnist-cnn-augmented"`, trained by one of its recipes.
        pictures: Paths, open binary files, or pictures of Pillow; or one of these.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.
        top: How many classes to return, at least 1.
        lang: Language of their names, `"en"` or `"zh"`.

    Returns:
        One prediction for each picture. The probabilities are the network's own outputs: those
        of a softmax sum to 1 over all classes; ten sigmoids, as in `digit-mlp`, are independent,
        and may sum to less or more.

    Raises:
        InputError: There is no trained model, or a picture cannot be used.

    Example:
        >>> from keras_examples import predict
        >>> predict("mnist-cnn", ["seven.jpg"])[0].top[0]
        ('7', 0.98)
    """
    name = require(name, "reads")
    whole_number("top", top, 1)
    one_of("lang", lang, LANGUAGES)
    sources = _listed(pictures)
    opened = [_open(source) for source in sources]
    network, labels = load_with_classes(name, model=model, runs=runs)
    reads = catalogue.load(name).reads
    assert reads  # noqa: S101 (`require` has checked it)
    images = []
    for source, picture in zip(sources, opened, strict=True):
        with naming(source):
            images.append(PREPARE[reads.kind](picture))
    classes = tuple(label[lang] for label in labels)
    outputs = probabilities(network, np.stack(images))
    return [
        Prediction(
            os.fspath(source) if isinstance(source, (str, os.PathLike)) else "",
            picture,
            image,
            _likeliest(classes, output, top),
        )
        for source, picture, image, output in zip(sources, opened, images, outputs, strict=True)
    ]


def _listed(sources: Source | Iterable[Source]) -> list[Source]:
    # An open file is iterable, too.
    if isinstance(sources, (str, os.PathLike, Image.Image)) or hasattr(sources, "read"):
        return [cast(Source, sources)]
    if not (listed := list(sources)):
        raise InputError(
            "no picture given; name at least one picture file.",
            "没有给出图片；请至少指定一个图片文件。",
        )
    return listed


def _open(source: Source) -> Image.Image:
    picture = open_picture(source)
    with naming(source):
        check_not_empty(picture)
    return picture


def _likeliest(
    classes: tuple[str, ...], outputs: np.ndarray, top: int
) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-outputs, kind="stable")[:top]
    return tuple((classes[index], float(outputs[index])) for index in order)


@keras_defaults()
def probabilities(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Returns the probabilities that a network assigns to the classes of prepared images.

    Args:
        model: A model from `load_trained`.
        images: Images, shape `(n, 28, 28)`, 0 to 255.

    Returns:
        Numbers from 0 to 1, shape `(n, classes)`. A single output p, the probability of the second
        of two classes, becomes 1 − p and p.

    Raises:
        InputError: The model's outputs are not probabilities.
    """
    inputs = images.reshape(-1, *model.input_shape[1:]).astype(np.float32)
    outputs = np.concatenate(
        [
            np.asarray(model.predict_on_batch(inputs[start : start + _BATCH]))
            for start in range(0, len(inputs), _BATCH)
        ]
    )
    if not ((outputs >= 0) & (outputs <= 1 + 1e-5)).all():
        raise InputError(
            "the model's outputs are not probabilities, expected numbers from 0 to 1; take one "
            "that ends in softmax or sigmoid.",
            "模型的输出不是概率，应为 0 到 1 之间的数；请换用以 softmax 或 sigmoid 结尾的模型。",
        )
    return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
