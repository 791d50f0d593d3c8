"""Files that are on this machine already: from an earlier download, or from Keras's own."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import cast

import numpy as np

from keras_examples.datasets.dataset import Array, Arrays
from keras_examples.datasets.folder import expand, find, read_file, read_folder
from keras_examples.datasets.idx import header_of
from keras_examples.datasets.published import PUBLISHED, IdxFile
from keras_examples.errors import InputError

_NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
# An .npy header is 128 bytes; a little more does no harm.
_NPY_SLACK = 4096
# What a damaged archive makes zipfile and NumPy raise; RuntimeError is a password,
# NotImplementedError a compression that zipfile does not know.
_NPZ_TROUBLE = (
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class UnavailableError(Exception):
    """A source does not have the data; the message is the reason, in a few words."""


def cache_folder(name: str) -> Path:
    """Returns where downloads of a data set are kept.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        A folder below `KERAS_EXAMPLES_CACHE`, or below the system's place for caches. It
        need not exist.
    """
    import pooch

    root = os.environ.get("KERAS_EXAMPLES_CACHE") or pooch.os_cache("keras-examples")
    return expand(root) / name


def read_cache(name: str) -> Arrays:
    """Reads a data set from the cache, and throws away what is wrong in there.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        UnavailableError: If a file is missing, or was wrong.
    """
    folder = cache_folder(name)
    arrays: list[Array] = []
    missing: list[str] = []
    for file in PUBLISHED[name]:
        try:
            arrays.append(read_file(find(folder, file), file))
        except InputError:
            missing.append(file.name)
            _discard(folder / file.name)
    if missing:
        raise UnavailableError(f"{folder} lacks {', '.join(missing)}")
    return cast(Arrays, tuple(arrays))


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"{path} is wrong and cannot be removed ({error.strerror})"
        ) from error


def read_keras_cache(name: str) -> Arrays:
    """Reads a data set from what `keras.datasets` has downloaded, and changes nothing there.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        UnavailableError: If a file is missing or is not the published one.
    """
    folder = expand(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"
    if name == "mnist":
        return _read_npz(folder / "mnist.npz")
    try:
        return read_folder(folder / name, name)
    except InputError as error:
        raise UnavailableError(str(error).partition("; ")[0]) from error


def _read_npz(path: Path) -> Arrays:
    files = PUBLISHED["mnist"]
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = [_member(archive, *pair) for pair in zip(_NPZ_NAMES, files, strict=True)]
    except FileNotFoundError:
        raise UnavailableError(f"{path}: no such file") from None
    except _NPZ_TROUBLE as error:
        raise UnavailableError(f"{path}: cannot be read ({error})") from error
    return cast(Arrays, tuple(arrays))


def _member(archive: zipfile.ZipFile, name: str, file: IdxFile) -> Array:
    with archive.open(f"{name}.npy") as stream:
        # Bounded, whatever length the archive claims.
        content = stream.read(file.size + _NPY_SLACK)
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.shape != file.shape:
        raise ValueError(f"{name} is not a uint8 array of shape {file.shape}")
    array = np.ascontiguousarray(array)
    if hashlib.sha256(header_of(array.shape) + array.tobytes()).hexdigest() != file.sha256:
        raise ValueError(f"{name} is not the published one")
    return array
