"""Cached files: from an earlier download, or from one of Keras's own."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import cast

import numpy as np

from keras_examples.core import InputError
from keras_examples.core.files import reason
from keras_examples.datasets.dataset import Array, Arrays
from keras_examples.datasets.failures import SourceError, text_of
from keras_examples.datasets.folder import expand, find, opened, read_file, read_folder
from keras_examples.datasets.idx import header_of
from keras_examples.datasets.published import PUBLISHED, IdxFile

_NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
# An .npy header takes 128 bytes, or a little more.
_NPY_SLACK = 4096


class UnavailableError(SourceError):
    """A source does not have the data; the message is the reason, in a few words."""

    @classmethod
    def of(cls, error: InputError) -> UnavailableError:
        """Returns the reason that an error gives, without its remedy."""
        return cls(error.text.en.partition("; ")[0], error.text.zh.partition("；")[0])


def cache_folder(name: str) -> Path:
    """Returns the folder for downloads of a data set.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        A folder below `KERAS_EXAMPLES_CACHE`, or below the system's cache folder. It may not
        exist yet.
    """
    import pooch

    root = os.environ.get("KERAS_EXAMPLES_CACHE") or pooch.os_cache("keras-examples")
    return expand(root) / name


def read_cache(name: str) -> Arrays:
    """Reads a data set from the cache, and deletes wrong files from it.

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
            path = find(folder, file)
        except InputError:
            # Not deleted: another process may be writing it right now.
            missing.append(file.name)
            continue
        try:
            arrays.append(read_file(path, file))
        except InputError:
            missing.append(file.name)
            _discard(path)
    if missing:
        raise UnavailableError(
            f"{folder} lacks {', '.join(missing)}", f"{folder} 中缺少 {'、'.join(missing)}"
        )
    return cast(Arrays, tuple(arrays))


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"{path} is wrong and cannot be deleted ({reason(error).en})",
            f"{path} 有误，又无法删除（{reason(error).zh}）",
        ) from error


def read_keras_cache(name: str) -> Arrays:
    """Reads a data set from the downloads of `keras.datasets`, and changes nothing there.

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
        raise UnavailableError.of(error) from error


def _read_npz(path: Path) -> Arrays:
    files = PUBLISHED["mnist"]
    try:
        # Of a bounded size, because zipfile reads an archive's directory whole.
        size = sum(file.size + _NPY_SLACK for file in files)
        with opened(path, size) as stream, zipfile.ZipFile(stream) as archive:
            arrays = [_member(archive, *pair) for pair in zip(_NPZ_NAMES, files, strict=True)]
    except FileNotFoundError:
        raise UnavailableError(f"{path}: no such file", f"{path}：文件不存在") from None
    except Exception as error:  # zipfile and NumPy raise anything at a damaged archive
        why = text_of(error)
        raise UnavailableError(
            f"{path}: cannot be read ({why.en})", f"{path}：无法读取（{why.zh}）"
        ) from error
    return cast(Arrays, tuple(arrays))


def _member(archive: zipfile.ZipFile, name: str, file: IdxFile) -> Array:
    with archive.open(f"{name}.npy") as stream:
        # Bounded, whatever size the archive claims.
        content = stream.read(file.size + _NPY_SLACK)
    # Checked first, since NumPy allocates memory for whatever shape a header claims.
    header = io.BytesIO(content)
    if np.lib.format.read_magic(header) != (1, 0):
        raise SourceError(
            f"{name} has an .npy header of another version than 1.0",
            f"{name} 的 .npy 文件头不是 1.0 版",
        )
    shape, _, dtype = np.lib.format.read_array_header_1_0(header)
    if dtype != np.uint8 or shape != file.shape:
        raise SourceError(
            f"{name} is not a uint8 array of shape {file.shape}",
            f"{name} 不是形状为 {file.shape} 的 uint8 数组",
        )
    array = np.ascontiguousarray(np.load(io.BytesIO(content), allow_pickle=False))
    digest = hashlib.sha256(header_of(array.shape))
    digest.update(array.data)
    if digest.hexdigest() != file.sha256:
        raise SourceError(f"{name} is not the published one", f"{name} 不是公开发布的那一个")
    return array
