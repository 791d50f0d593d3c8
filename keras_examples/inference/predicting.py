"""What a trained network is for: it classifies pictures, and continues series."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from PIL import Image

from keras_examples.core import LANGUAGES, Example, InputError, catalogue, console
from keras_examples.inference import models
from keras_examples.inference.pictures import (
    Source,
    check_not_empty,
    name_of,
    open_picture,
    prepare,
)
from keras_examples.inference.series import check_series, run_freely
from keras_examples.runner.options import one_of, whole_number

if TYPE_CHECKING:
    import keras

Model: TypeAlias = "str | os.PathLike[str] | keras.Model | None"

LARGEST_STEPS = 10_000
_BATCH = 256


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says to one picture.

    Args:
        file: The path of the picture; empty if it has none.
        picture: The picture as people see it.
        image: What the network saw, shape `(28, 28)`, 0 to 255.
        top: The likeliest classes, the likeliest first: each its name and its probability.
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
        name: An example that classifies pictures, such as `"mnist-cnn"`.
        pictures: Paths, open binary files, or pictures of Pillow; or one of these.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.
        top: How many classes to name, at least 1.
        lang: Language of their names, `"en"` or `"zh"`.

    Returns:
        One prediction for each picture. The probabilities are the network's own outputs: of a
        softmax they sum to 1 over all classes; ten sigmoids, as in `digit-mlp`, answer ten separate
        questions, and may sum to less or more.

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
    found = [(_file(source), _open(source)) for source in _listed(pictures)]
    network = load_trained(name, model=model, runs=runs)
    example = _load(name)
    images = np.stack([_prepare(example, file, picture) for file, picture in found])
    assert example.reads  # noqa: S101 (require() has seen it)
    classes = tuple(name[lang] for name in example.reads.classes)
    return [
        Prediction(file, picture, image, _likeliest(classes, chances, top))
        for (file, picture), image, chances in zip(
            found, images, probabilities(network, images), strict=True
        )
    ]


def _listed(sources: Source | Iterable[Source]) -> list[Source]:
    # An open file has lines to go over, too.
    if isinstance(sources, (str, os.PathLike, Image.Image)) or hasattr(sources, "read"):
        return [cast(Source, sources)]
    if not (listed := list(sources)):
        raise InputError("no picture given; name at least one picture file.")
    return listed


def _file(source: Source) -> str:
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""


def _open(source: Source) -> Image.Image:
    picture = open_picture(source)
    try:
        check_not_empty(picture)
    except InputError as error:
        raise InputError(f"{name_of(source)}: {error}") from None
    return picture


def _prepare(example: Example, file: str, picture: Image.Image) -> np.ndarray:
    assert example.reads  # noqa: S101 (require() has seen it)
    try:
        return prepare(example.reads.kind, picture)
    except InputError as error:
        raise InputError(f"{file!r}: {error}" if file else str(error)) from None


def _likeliest(
    classes: tuple[str, ...], chances: np.ndarray, top: int
) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-chances, kind="stable")[:top]
    return tuple((classes[index], float(chances[index])) for index in order)


def probabilities(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Returns what a network that classifies pictures says to prepared images.

    Args:
        model: A model of `load_trained`.
        images: Images, shape `(n, 28, 28)`, 0 to 255.

    Returns:
        Numbers from 0 to 1, shape `(n, classes)`. A single output p, the probability of "yes", is
        given as 1 − p and p.

    Raises:
        InputError: What the model puts out are no probabilities.
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
            "the model's outputs are no probabilities, expected numbers from 0 to 1; take one that "
            "ends in softmax or sigmoid."
        )
    return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs


def forecast(
    name: str,
    *,
    steps: int = 200,
    series: np.ndarray | None = None,
    model: Model = None,
    runs: str | os.PathLike[str] = "runs",
) -> np.ndarray:
    """Continues a series with a trained network, which sees its own forecasts after the first.

    Args:
        name: An example that forecasts, such as `"sine-rnn"`.
        steps: How many values to forecast, from 1 to 10000.
        series: The values so far, shape `(n,)`, at least as many as the network's window. The
            networks learned a wave from −1 to 1, so the series is stretched to that, and the
            forecasts back. The series of the example, a sine, by default.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.

    Returns:
        The forecasts, shape `(steps,)`.

    Raises:
        InputError: There is no trained model, or the series cannot be used.
    """
    name = require(name, "series")
    whole_number("steps", steps, 1, LARGEST_STEPS)
    given = None if series is None else check_series(series)
    network = load_trained(name, model=model, runs=runs)
    if given is None:
        return run_freely(network, _last(own_series(name), network), steps)
    last = _last(given, network)
    middle, reach = (given.max() + given.min()) / 2, (given.max() - given.min()) / 2
    reach = reach or 1.0  # a series that never changes
    forecasts: np.ndarray = middle + reach * run_freely(network, (last - middle) / reach, steps)
    return forecasts


def own_series(name: str) -> np.ndarray:
    """Returns the series that an example continues unless given another, shape `(n,)`."""
    example = _load(name)
    assert example.series  # noqa: S101 (require() has seen it)
    return example.series()


def _last(series: np.ndarray, network: keras.Model) -> np.ndarray:
    window = network.input_shape[1]
    if len(series) < window:
        raise InputError(
            f"the series has too few values: got {len(series)}, expected at least {window}, which "
            "the network looks at to forecast the next; give a longer one."
        )
    return series[-window:]


def load_trained(
    name: str, *, model: Model = None, runs: str | os.PathLike[str] = "runs"
) -> keras.Model:
    """Loads the trained model of an example, and runs no code that may be in its file.

    Args:
        name: An example, such as `"mnist-cnn"`.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.

    Returns:
        The model, for predictions only.

    Raises:
        InputError: There is none yet, or it is damaged, unsafe, or of another example.
    """
    name = catalogue.resolve(name)
    if model is None or isinstance(model, (str, os.PathLike)):
        model = models.load(models.find(name, model, runs))
    _check_fits(_load(name), model)
    return model


def require(name: str, field: str) -> str:
    """Returns the name of an example as the catalogue spells it, if the example declares a field.

    Args:
        name: An example's name.
        field: `"reads"` or `"series"`, fields of `Example`.

    Raises:
        InputError: There is no such example, or it does not; the message names those that do.
    """
    name = catalogue.resolve(name)
    able = catalogue.declaring(field)
    if name not in able:
        does = {"reads": "classifies no pictures", "series": "forecasts nothing"}[field]
        raise InputError(f"{name} {does}; these do: {', '.join(able)}.")
    return name


def _load(name: str) -> Example:
    with console.quiet():  # this imports Keras
        return catalogue.load(name)


def _check_fits(example: Example, model: keras.Model) -> None:
    if len(model.inputs) == len(model.outputs) == 1:
        shape, outputs = model.input_shape[1:], model.output_shape[1:]
        if _fits(example, shape, outputs):
            return
        given = f"takes {shape} and gives {outputs}"
    else:
        given = f"has {len(model.inputs)} inputs and {len(model.outputs)} outputs"
    raise InputError(
        f"the model {given}, which is not what {example.name} does; name a model of "
        f"`keras-examples run {example.name}`."
    )


def _fits(example: Example, shape: tuple[int | None, ...], outputs: tuple[int | None, ...]) -> bool:
    if None in shape:
        return False
    if example.reads:
        count = len(example.reads.classes)
        pixels = math.prod(side or 0 for side in shape)
        return pixels == 28 * 28 and outputs in {(count,), (1,) if count == 2 else (count,)}
    if example.series:
        return len(shape) == 2 and shape[1] == 1 and outputs == (1,)
    return True
