"""Opens saved models without trusting them: they may come from anywhere."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from keras_examples.core import LANGUAGES, InputError, Text, catalogue, console, keras_defaults
from keras_examples.core.backend import load_keras
from keras_examples.core.files import reading

if TYPE_CHECKING:
    import keras

_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_CLASSES = "classes.json"  # beside what Keras writes, which takes no notice of it
_LARGEST_CONFIG = 10_000_000  # bytes; this project's have a few thousand
_LARGEST_MODEL = 2_000_000_000
_EXPANSION = 100  # Keras does not compress, and weights hardly can be compressed
# Where a model's functions may come from: modules that only compute.
_KERAS_FUNCTIONS = {
    "keras.activations",
    "keras.constraints",
    "keras.initializers",
    "keras.regularizers",
}
# The same for classes. The functions in these modules load and save.
_KERAS = _KERAS_FUNCTIONS | {"keras", "keras.dtype_policies", "keras.layers", "keras.models"}
# Operations and models are stored under the module of Keras that defines them.
_KERAS_INTERNAL = re.compile(r"keras(\.\w+)+\.(ops|models)\.\w+")
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
    name: str,
    model: str | os.PathLike[str] | None,
    runs: str | os.PathLike[str] = "runs",
    part: str = "",
) -> Path:
    """Finds the model of an example, without Keras.

    Args:
        name: The example's name, as `catalogue.resolve` spells it.
        model: Path of a model, or None for that of the last run.
        runs: Folder of the runs.
        part: The attribute of the model that holds the network wanted, if not the model itself.

    Returns:
        The path of a file that may be a Keras model and contains no code; see `load`. Of a model of
        several networks, it is the one wanted that contains none; see `contents`.

    Raises:
        InputError: There is none, or it is not a model, or contains code.
    """
    path = Path(runs) / name / "model.keras" if model is None else Path(model)
    if not os.path.exists(path):  # noqa: PTH110 (`Path.exists` raises for some names)
        if model is None:
            command = catalogue.command(name)
            raise InputError(
                f"no trained model of {name} in {str(runs)!r} yet; run `{command}` "
                "first, or name the folder of the runs (--runs) or a model (--model).",
                f"{str(runs)!r} 中还没有 {name} 训练好的模型；请先运行 `{command}`，"
                "或指定存放运行结果的文件夹（--runs）或模型（--model）。",
            )
        raise InputError(
            f"there is no model {str(path)!r}; name a .keras file that a run saved.",
            f"没有模型 {str(path)!r}；请指定一次运行保存的 .keras 文件。",
        )
    try:
        unsafe = set(_unsafe_parts(_read_config(path, part)))
    except Exception:  # zipfile and json raise anything at a damaged archive
        raise _invalid(path) from None
    _refuse(path, unsafe)
    return path


def _read_config(path: Path, part: str = "") -> Any:
    with reading(path, _LARGEST_MODEL) as file, zipfile.ZipFile(file) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        size = os.fstat(file.fileno()).st_size
        if (
            not sizes.keys() >= _MEMBERS
            or sizes["config.json"] > _LARGEST_CONFIG
            or sum(sizes.values()) > min(_LARGEST_MODEL, _EXPANSION * size)
        ):
            raise ValueError("not the archive that Keras writes, or a zip bomb")
        config = json.loads(archive.read("config.json"))
    if part:
        config = config["config"][part]
    config.pop("compile_config", None)  # not loaded, as it is only for training
    return config


def contents(path: Path, part: str = "") -> tuple[dict[str, Any], bytes]:
    """Reads what is in the file of a model that `find` found, without Keras.

    Args:
        path: The file.
        part: As for `find`.

    Returns:
        The network's configuration, and its weights as an HDF5 file in which each has the path that
        it has in the file of a model of its own.

    Raises:
        InputError: It is damaged, or its weights are in other files.
    """
    import h5py

    try:
        _refuse(path, set(_external_weights(path)))
        with reading(path, _LARGEST_MODEL) as file, zipfile.ZipFile(file) as archive:
            weights = io.BytesIO(archive.read("model.weights.h5"))
        if part:
            own = io.BytesIO()
            with h5py.File(weights, "r") as whole, h5py.File(own, "w") as file:
                for member in whole[part].values():
                    whole.copy(member, file)
            weights = own
        return _read_config(path, part), weights.getvalue()
    except InputError:
        raise
    except Exception:  # zipfile, json and h5py raise anything at a damaged archive
        raise _invalid(path) from None


def name_classes(path: Path, classes: Sequence[Text]) -> None:
    """Writes the names of a model's classes into its file.

    Args:
        path: A file that Keras has just written.
        classes: The names, in the order of the outputs.
    """
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_CLASSES, json.dumps([dataclasses.asdict(name) for name in classes]))


def classes_of(path: Path) -> tuple[Text, ...]:
    """Returns the names of the classes that a model's file has; none if it does not name them.

    Args:
        path: A path that `find` returned.

    Raises:
        InputError: They are damaged.
    """
    try:
        with reading(path, _LARGEST_MODEL) as file, zipfile.ZipFile(file) as archive:
            if _CLASSES not in archive.namelist():
                return ()
            if archive.getinfo(_CLASSES).file_size > _LARGEST_CONFIG:
                raise ValueError("too many names")
            classes = tuple(Text(**names) for names in json.loads(archive.read(_CLASSES)))
        if not all(isinstance(name, str) and name.isprintable() for name in _spelt(classes)):
            raise ValueError("not names")
    except Exception:  # zipfile and json raise anything at a damaged archive
        raise _invalid(path) from None
    return classes


def _spelt(classes: Sequence[Text]) -> Iterator[Any]:
    return (name[lang] for name in classes for lang in LANGUAGES)


def _refuse(path: Path, unsafe: set[str]) -> None:
    if unsafe:
        # The names come from the file, and may contain control sequences for a terminal.
        names = [name if name.isprintable() else ascii(name)[1:-1] for name in sorted(unsafe)]
        listed = ", ".join([name[:80] for name in names[:5]] + ["…"] * (len(names) > 5))
        raise InputError(
            f"{str(path)!r} holds code of its own or reads other files ({listed}), so "
            "it is not loaded: it could do anything. Take a model made of Keras's own layers only.",
            f"{str(path)!r} 自带代码或会读取其他文件（{listed}），什么都可能做，所以没有加载。"
            "请使用只由 Keras 自己的层组成的模型。",
        )


def _invalid(path: Path) -> InputError:
    if path.is_dir():
        what = Text("a folder", "是文件夹")
    elif path.is_file():
        what = Text("damaged, or not a Keras model", "已损坏，或不是 Keras 模型")
    else:
        what = Text("not a regular file", "不是普通文件")
    return InputError(
        f"{str(path)!r} is {what.en}; name a .keras file that a run saved, or train a new one with "
        "`keras-examples run`.",
        f"{str(path)!r} {what.zh}；请指定一次运行保存的 .keras 文件，"
        "或用 `keras-examples run` 训练一个新的。",
    )


def _unsafe_parts(config: Any) -> Iterator[str]:
    """Yields the names of parts that are not Keras's own, or not safe."""
    if isinstance(config, dict):
        kind, module = config.get("class_name"), config.get("module")
        if not isinstance(kind, (str, NoneType)) or not isinstance(module, (str, NoneType)):
            raise ValueError("a class or module name is not a string")
        if kind and (name := kind.rpartition(".")[2]) in _UNSAFE:
            yield name.strip("_")
        elif kind and module and not _is_safe(module, kind, config.get("config")):
            yield f"{module}.{kind}"
        for value in config.values():
            yield from _unsafe_parts(value)
    elif isinstance(config, list):
        for value in config:
            yield from _unsafe_parts(value)


def _is_safe(module: str, kind: str, config: Any) -> bool:
    if kind == "function":
        return module in _KERAS_FUNCTIONS and "." not in str(config)
    # Keras also finds `layers.Lambda` in `keras`.
    return "." not in kind and (module in _KERAS or bool(_KERAS_INTERNAL.fullmatch(module)))


def load(path: Path) -> keras.Model:
    """Loads a model that `find` found, in Keras's safe mode, for predictions only.

    Raises:
        InputError: Its weights are in other files, or Keras cannot load it.
    """
    with console.quiet():
        load_keras()
        import keras
    # Quiet only after waiting for what another thread trains, whose progress is to be seen.
    with keras_defaults(), console.quiet():
        try:
            _refuse(path, set(_external_weights(path)))
            return keras.saving.load_model(path, compile=False, safe_mode=True)
        except InputError:
            raise
        except Exception:  # Keras, h5py and TensorFlow raise anything at a damaged file
            raise _invalid(path) from None


def _external_weights(path: Path) -> Iterator[str]:
    """Yields the names of weights that are stored in other files, which HDF5 allows.

    Keras before 3.12.1 and 3.13.2 does not check: it reads any file that a model names.
    """
    import h5py

    with reading(path, _LARGEST_MODEL) as file, zipfile.ZipFile(file) as archive:
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
