"""Models for other runtimes, written by Keras's own `Model.export`."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from keras_examples.core import InputError, RunError, console, keras_defaults
from keras_examples.inference import models


class Format(NamedTuple):
    """A format: Keras's name of it, the ending of its files, and the packages that it needs."""

    keras: str
    ending: str
    packages: tuple[str, ...] = ()


FORMATS: Mapping[str, Format] = {
    "onnx": Format("onnx", ".onnx", ("onnx", "tf2onnx")),
    "litert": Format("litert", ".tflite"),
    "savedmodel": Format("tf_saved_model", ""),
}
_SIZE = 8  # of an input's axis that may have any
INSTALL = 'pip install "keras-examples[export]"'


def check_installed(kind: str) -> None:
    """Checks that what a format needs is installed, before anything takes time.

    Raises:
        InputError: A package is missing.
    """
    missing = [name for name in FORMATS[kind].packages if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"the format {kind} needs {' and '.join(missing)}, not installed here; run "
            f"`{INSTALL}`.",
            f"格式 {kind} 需要 {' 和 '.join(missing)}，这里没有安装；请运行 `{INSTALL}`。",
        )


def save(path: Path, part: str, kind: str, target: Path) -> None:
    """Writes a model that `models.find` found for another runtime.

    Args:
        path: The model's file.
        part: As for `models.find`.
        kind: The format, one of `FORMATS`.
        target: The file or folder to write; there is none yet.

    Raises:
        InputError: Keras cannot load the model, or is too old to write this format.
        RunError: Keras cannot convert it.
    """
    model = _load(path, part)
    import keras

    with keras_defaults(), console.quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which Keras and the converters give about themselves
        try:
            if kind == "litert":
                model = _simplified(model)
            # ONNX is written of a model only that has been called, which a loaded one has not.
            given = model.inputs[0]
            model(keras.ops.zeros([size or _SIZE for size in given.shape], given.dtype))
            model.export(str(target), format=FORMATS[kind].keras, verbose=False)
        except Exception as error:  # converters raise anything
            why = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
            raise RunError(
                f"Keras {keras.__version__} could not convert {str(path)!r} to {kind} ({why}); "
                "try another format, or a newer Keras.",
                f"Keras {keras.__version__} 无法把 {str(path)!r} 转换为 {kind}（{why}）；"
                "请换一种格式，或使用更新的 Keras。",
            ) from None


def _simplified(model: Any) -> Any:
    """Returns a model without loops and double precision, which LiteRT by itself cannot run."""
    import keras

    def simplify(layer: Any) -> Any:
        config = layer.get_config()
        simple = {"dtype": "float32", "unroll": True}
        return type(layer).from_config(
            {**config, **{key: simple[key] for key in simple if key in config}}
        )

    clone = keras.models.clone_model(model, clone_function=simplify)
    clone.set_weights(model.get_weights())
    return clone


def _load(path: Path, part: str) -> Any:
    if not part:
        return models.load(path)
    config, weights = models.contents(path, part)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "model.keras")
        with ZipFile(own, "w") as archive, ZipFile(path) as whole:
            archive.writestr("metadata.json", whole.read("metadata.json"))
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("model.weights.h5", weights)
        return models.load(own)
