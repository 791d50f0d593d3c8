"""Opens a saved model, which may come from anywhere, and trusts nothing in it."""

from __future__ import annotations

import io
import json
import math
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from keras_examples.core import InputError, console

if TYPE_CHECKING:
    import keras

_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_LARGEST_CONFIG = 10_000_000  # bytes; those of this project have some thousands
_LARGEST_MODEL = 2_000_000_000
_EXPANSION = 100  # Keras does not compress at all; weights hardly can be
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
# The same for functions: those beside layers and models load and save.
_KERAS_FUNCTIONS = {
    f"keras.{part}" for part in ("activations", "constraints", "initializers", "regularizers")
}
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
        status = path.stat()
        # A named pipe would be waited for, as would what is empty below /proc; a device may have
        # no end.
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= _LARGEST_MODEL:
            raise _no_model(path)
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if (
                not sizes.keys() >= _MEMBERS
                or sizes["config.json"] > _LARGEST_CONFIG
                or sum(sizes.values()) > min(_LARGEST_MODEL, _EXPANSION * status.st_size)
            ):
                raise _no_model(path)
            config = json.loads(archive.read("config.json"))
            config.pop("compile_config", None)  # how to train on is not loaded
            unsafe = set(_foreign(config))
    except InputError:
        raise
    except Exception:  # a damaged archive makes zipfile and json raise anything
        raise _no_model(path) from None
    _refuse(path, unsafe)


def _refuse(path: Path, unsafe: set[str]) -> None:
    if unsafe:
        # The names are the file's own, and may try to make a terminal do something.
        names = [name if name.isprintable() else ascii(name)[1:-1] for name in sorted(unsafe)]
        listed = ", ".join([name[:80] for name in names[:5]] + ["…"] * (len(names) > 5))
        raise InputError(
            f"{str(path)!r} holds code of its own or reads other files ({listed}), so "
            "it is not loaded: it could do anything. Take a model made of Keras's own layers only."
        )


def _no_model(path: Path) -> InputError:
    if path.is_dir():
        reason = "a folder"
    elif path.is_file():
        reason = "damaged, or no model of Keras"
    else:
        reason = "no regular file"
    return InputError(
        f"{str(path)!r} is {reason}; name a .keras file that a run saved, or train a new one with "
        "`keras-examples run`."
    )


def _foreign(config: Any) -> Iterator[str]:
    """Yields the names of what is not made of Keras's own harmless parts."""
    if isinstance(config, dict):
        kind, module = config.get("class_name"), config.get("module")
        if not isinstance(kind, (str, NoneType)) or not isinstance(module, (str, NoneType)):
            raise ValueError("what should be a name is none")
        if kind and (name := kind.rpartition(".")[2]) in _UNSAFE:
            yield name.strip("_")
        elif kind and module and not _harmless(module, kind, config.get("config")):
            yield f"{module}.{kind}"
        for value in config.values():
            yield from _foreign(value)
    elif isinstance(config, list):
        for value in config:
            yield from _foreign(value)


def _harmless(module: str, kind: str, config: Any) -> bool:
    if kind == "function":
        return module in _KERAS_FUNCTIONS and "." not in str(config)
    # Keras finds `layers.Lambda` in `keras`, too.
    return "." not in kind and (module in _KERAS or module.startswith(_KERAS_WITHIN))


def load(path: Path) -> keras.Model:
    """Loads a model that `find` found, in Keras's safe mode, for predictions only.

    Raises:
        InputError: Its weights come from other files, or Keras cannot load it.
    """
    with console.quiet():
        import keras

        try:
            _refuse(path, set(_elsewhere(path)))
            return keras.saving.load_model(path, compile=False, safe_mode=True)
        except InputError:
            raise
        except Exception:  # a damaged file makes Keras, h5py and TensorFlow raise anything
            raise _no_model(path) from None


def _elsewhere(path: Path) -> Iterator[str]:
    """Yields the names of weights that lie in other files, which HDF5 allows.

    Not every version of Keras looks: before 3.12.1 and 3.13.2 it reads any file that a model names.
    """
    import h5py

    with zipfile.ZipFile(path) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    size = 0
    with h5py.File(content, "r") as file:
        groups, seen = [file["/"]], set()
        while groups:
            group = groups.pop()
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    yield f"{group.name}/{name}"
                    continue
                member = group[name]
                if isinstance(member, h5py.Dataset):
                    if member.external or member.is_virtual:
                        yield str(member.name)
                    size += math.prod(member.shape) * member.dtype.itemsize
                elif isinstance(member, h5py.Group) and member not in seen:
                    # A group may contain itself.
                    seen.add(member)
                    groups.append(member)
    if size > _LARGEST_MODEL:
        raise ValueError("weights of that size cannot be stored in such a file")
