"""Opens a saved model, which may come from anywhere, and trusts nothing in it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples import quiet
from keras_examples.errors import InputError

if TYPE_CHECKING:
    import keras

_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_LARGEST_CONFIG = 10_000_000  # bytes; those of this project have some thousands
_LARGEST_MODEL = 2_000_000_000
# Where a model may take its parts from: places that only compute.
_KERAS = {
    "keras",
    *(
        f"keras.{part}"
        for part in (
            "activations",
            "constraints",
            "dtype_policies",
            "initializers",
            "layers",
            "models",
            "regularizers",
        )
    ),
}
_KERAS_WITHIN = ("keras.src.ops.", "keras.src.models.")
# Parts of Keras that run code from the file, or read other files.
_UNSAFE = {
    "FlaxLayer",
    "IntegerLookup",
    "JaxLayer",
    "Lambda",
    "StringLookup",
    "TFSMLayer",
    "TextVectorization",
    "TorchModuleWrapper",
    "__lambda__",
}


def find(
    name: str, model: str | os.PathLike[str] | None, runs: str | os.PathLike[str] = "runs"
) -> Path:
    """Finds the model of an example, without Keras.

    Args:
        name: The example's name, as the catalogue spells it.
        model: Path of a model, or None for that of the last run.
        runs: Folder of the runs.

    Returns:
        The path of a file that may be a model of Keras and holds no code; see `load`.

    Raises:
        InputError: There is none, or it is no model, or one that holds code.
    """
    path = Path(runs) / name / "model.keras" if model is None else Path(model)
    if not _exists(path):
        if model is None:
            raise InputError(
                f"no trained model of {name} in {str(runs)!r} yet; run `keras-examples run {name}` "
                "first, or name the folder of the runs (--runs) or a model (--model)."
            )
        raise InputError(f"there is no model {str(path)!r}; name a .keras file that a run saved.")
    _check(path)
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if (
                not sizes.keys() >= _MEMBERS
                or sizes["config.json"] > _LARGEST_CONFIG
                or sum(sizes.values()) > _LARGEST_MODEL
            ):
                raise _no_model(path)
            config = json.loads(archive.read("config.json"))
            unsafe = sorted(set(_foreign(config)))
    except (OSError, ValueError, RuntimeError, EOFError, NotImplementedError, zipfile.error):
        # zipfile's ways to say that an archive is damaged, encrypted or none; and json's.
        raise _no_model(path) from None
    if unsafe:
        raise InputError(
            f"{str(path)!r} holds code of its own or reads other files ({', '.join(unsafe)}), so "
            "it is not loaded: it could do anything. Take a model made of Keras's own layers only."
        )


def _no_model(path: Path) -> InputError:
    reason = "a folder" if path.is_dir() else "damaged, or no model of Keras"
    return InputError(
        f"{str(path)!r} is {reason}; name a .keras file that a run saved, or train a new one with "
        "`keras-examples run`."
    )


def _foreign(config: Any) -> Iterator[str]:
    """Yields the names of what is not made of Keras's own harmless parts."""
    if isinstance(config, dict):
        kind, module = config.get("class_name"), config.get("module")
        if kind in _UNSAFE:
            yield str(kind).strip("_")
        elif kind and isinstance(module, str) and not _harmless(module):
            yield f"{module}.{kind}"
        # How to train on is not loaded.
        for key, value in config.items():
            if key != "compile_config":
                yield from _foreign(value)
    elif isinstance(config, list):
        for value in config:
            yield from _foreign(value)


def _harmless(module: str) -> bool:
    return module in _KERAS or module.startswith(_KERAS_WITHIN)


def load(path: Path) -> keras.Model:
    """Loads a model that `find` found, in Keras's safe mode, for predictions only.

    Raises:
        InputError: Keras cannot load it.
    """
    with quiet.quiet():
        import keras

        try:
            return keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception:  # a damaged file makes Keras, h5py and TensorFlow raise anything
            raise _no_model(path) from None
