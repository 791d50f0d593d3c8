"""The trained network of an example, loaded for predictions."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, TypeAlias

from keras_examples.core import Example, InputError, Text, catalogue
from keras_examples.inference import models

if TYPE_CHECKING:
    import keras

Model: TypeAlias = "str | os.PathLike[str] | keras.Model | None"


def require(name: str, field: str) -> str:
    """Returns the name of an example as the catalogue spells it, if the example declares a field.

    Args:
        name: An example's name, or that of an example trained by a recipe: `"mnist-cnn-fast"`.
        field: `"reads"` or `"series"`, fields of `Example`.

    Raises:
        InputError: There is no such example, or it does not declare the field; the message names
            those that do.
    """
    name = catalogue.resolve(name, recipes=True)
    declaring = catalogue.declaring(field)
    if catalogue.split(name)[0] not in declaring:
        missing = {
            "reads": Text("classify pictures", "给图片分类"),
            "series": Text("forecast series", "预测序列"),
        }[field]
        raise InputError(
            f"{name} does not {missing.en}; these do: {', '.join(declaring)}.",
            f"{name} 不能{missing.zh}；可以的示例有：{'、'.join(declaring)}。",
        )
    return name


def load_trained(
    name: str, *, model: Model = None, runs: str | os.PathLike[str] = "runs"
) -> keras.Model:
    """Loads the trained model of an example, and runs no code that may be in its file.

    Args:
        name: An example, such as `"mnist-cnn"`, or `"mnist-cnn-fast"`, trained by a recipe.
        model: Path of a `.keras` file, or a loaded model; that of the last run by default.
        runs: Folder of the runs.

    Returns:
        The model, for predictions only.

    Raises:
        InputError: There is none yet, or it is damaged, unsafe, or of another example.
    """
    return load_with_classes(name, model=model, runs=runs)[0]


def load_with_classes(
    name: str, *, model: Model = None, runs: str | os.PathLike[str] = "runs"
) -> tuple[keras.Model, tuple[Text, ...]]:
    """Loads the trained model of an example with the names of its classes.

    Args:
        name: As in `load_trained`.
        model: As in `load_trained`.
        runs: As in `load_trained`.

    Returns:
        The model, and the names: those in its file, if it was trained on a user's own pictures,
        else the example's; none if it does not classify.

    Raises:
        InputError: As `load_trained`.
    """
    path = None
    if model is None or isinstance(model, (str, os.PathLike)):
        # Before anything imports Keras, which takes seconds.
        path = models.find(catalogue.resolve(name, recipes=True), model, runs)
    example = catalogue.load(name)
    classes = example.reads.classes if example.reads else ()
    if path is not None:
        if example.reads:
            classes = models.classes_of(path) or classes
        model = models.load(path)
    _check_fits(example, model, len(classes))
    return model, classes


def _check_fits(example: Example, model: keras.Model, classes: int) -> None:
    if len(model.inputs) == len(model.outputs) == 1:
        inputs, outputs = model.input_shape[1:], model.output_shape[1:]
        if _fits(example, inputs, outputs, classes):
            return
        shapes = Text(
            f"input shape {inputs} and output shape {outputs}",
            f"的输入形状为 {inputs}，输出形状为 {outputs}",
        )
    else:
        several = len(model.inputs), len(model.outputs)
        shapes = Text(
            f"{several[0]} inputs and {several[1]} outputs",
            f"有 {several[0]} 个输入、{several[1]} 个输出",
        )
    command = catalogue.command(example.name)
    raise InputError(
        f"the model has {shapes.en}, which does not fit {example.name}; name a model of "
        f"`{command}`.",
        f"模型{shapes.zh}，与 {example.name} 不符；请指定由 `{command}` 得到的模型。",
    )


def _fits(
    example: Example,
    inputs: tuple[int | None, ...],
    outputs: tuple[int | None, ...],
    classes: int,
) -> bool:
    if None in inputs:
        return False
    if example.reads:
        pixels = math.prod(side or 0 for side in inputs)
        return pixels == 28 * 28 and outputs in {(classes,), (1,) if classes == 2 else (classes,)}
    if example.series:
        return len(inputs) == 2 and inputs[1] == 1 and outputs == (1,)
    return True
