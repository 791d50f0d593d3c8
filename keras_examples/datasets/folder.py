"""Published files in a folder, gzipped or not, read and checked against their digests."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import zlib
from functools import partial
from pathlib import Path
from typing import NoReturn, cast

import numpy as np

from keras_examples.core import InputError
from keras_examples.datasets.dataset import Array, Arrays
from keras_examples.datasets.idx import IdxError, decode, header_of
from keras_examples.datasets.inflating import CHUNK, inflate
from keras_examples.datasets.published import PUBLISHED, IdxFile

# What gzip may add to content that it cannot compress.
GZIP_SLACK = 64 * 1024
# Bytes; TensorFlow takes over an array that starts at a multiple of it, and copies any other.
ALIGNMENT = 64


def read_folder(folder: Path, name: str) -> Arrays:
    """Reads a data set from a folder that holds its four files.

    Args:
        folder: Holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
            `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each as it is or with
            `.gz` behind the name.
        name: Which data set it must be, a key of `PUBLISHED`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        InputError: If a file is missing or is not the published one.
    """
    return cast(Arrays, tuple(read_file(find(folder, file), file) for file in PUBLISHED[name]))


def expand(path: str | os.PathLike[str]) -> Path:
    """Returns a path with a `~` at its start replaced by the user's home, if there is one.

    Args:
        path: As the user wrote it.

    Returns:
        The path; unchanged where the user has no home, as in some containers.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def find(folder: Path, file: IdxFile) -> Path:
    """Returns the path of a published file in a folder, plain before gzipped.

    Args:
        folder: Where to look.
        file: What to look for.

    Returns:
        The path that is there; a link that leads nowhere counts, so that it can be named.

    Raises:
        InputError: If the folder has neither.
    """
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        if os.path.lexists(path):
            return path
    raise InputError(
        f"{folder / file.name}[.gz]: no such file; put the published file there, "
        "or name a folder that has it"
    )


def read_file(path: Path, file: IdxFile) -> Array:
    """Reads one published file, with memory bounded by the size that it should have.

    Args:
        path: The file, gzipped if its name ends in `.gz`.
        file: What it must be.

    Returns:
        A read-only `uint8` array of shape `file.shape`.

    Raises:
        InputError: If it cannot be read, or is anything but the published file.
    """
    try:
        content = _content(path, file.size, len(header_of(file.shape)))
        if bytes(content[:2]) == b"\x1f\x8b":
            raise IdxError("is gzipped, but its name does not end in .gz")
        array = decode(content, file.shape)
    except IdxError as error:
        _reject(path, str(error))
    except EOFError:
        _reject(path, "is cut off: its gzip stream has no end")
    except zlib.error as error:
        _reject(path, f"is not a sound gzip file ({error})")
    except OSError as error:
        _reject(path, _trouble(path, error))
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        _reject(path, f"has the SHA-256 {digest[:12]}…, expected {file.sha256[:12]}…")
    return array


def _content(path: Path, size: int, header: int) -> memoryview:
    """Reads one byte more than there should be, which is enough to see that there is more."""
    check_regular(path, size)
    # Into a buffer of its own, because pieces that are joined need twice the memory. What follows
    # the header lies so that TensorFlow can use it where it is.
    room, length = np.empty(size + 1 + ALIGNMENT, np.uint8), 0
    first = -(room.ctypes.data + header) % ALIGNMENT
    content = room.data[first : first + size + 1]
    with path.open("rb") as stream:
        chunks = iter(partial(stream.read, CHUNK), b"")
        for piece in inflate(chunks, size + 1) if path.suffix == ".gz" else chunks:
            end = min(length + len(piece), len(content))
            content[length:end] = piece[: end - length]
            length = end
            if length > size:
                break
    return content.toreadonly()[:length]


def check_regular(path: Path, size: int) -> None:
    """Makes sure that a path is a regular file of about the size expected.

    Args:
        path: What to look at; nothing is opened.
        size: What it may have in bytes, and a little more, of which whoever reads it can say what
            is wrong.

    Raises:
        IdxError: If it is anything else: opening a named pipe would wait for ever, as would
            reading some of the files below `/proc`, which all are empty by their size; and a
            device may have no end.
        OSError: If there is nothing, or it cannot be looked at.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise IdxError(f"is {kind}, expected a file")
    if status.st_size == 0:
        raise IdxError("is empty")
    if status.st_size > size + GZIP_SLACK:
        raise IdxError(f"has {status.st_size} bytes, expected at most {size}")


def _trouble(path: Path, error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a symbolic link that leads back to itself"
    if error.errno == errno.ENOENT and path.is_symlink():
        return "is a symbolic link to a file that does not exist"
    return f"cannot be read ({error.strerror or error})"


def _reject(path: Path, trouble: str) -> NoReturn:
    raise InputError(f"{path}: {trouble}; replace it with the published file") from None
