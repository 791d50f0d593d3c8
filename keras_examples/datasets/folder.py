"""Published files in a folder, gzipped or not, read and checked against their digests."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

import numpy as np

from keras_examples.core import InputError, Text
from keras_examples.core.files import NotAFileError, reading, reason
from keras_examples.datasets.dataset import Array, Arrays
from keras_examples.datasets.decompression import CHUNK, decompress
from keras_examples.datasets.failures import text_of
from keras_examples.datasets.idx import IdxError, decode, header_of
from keras_examples.datasets.published import PUBLISHED, IdxFile

# Bytes that gzip may add to content that it cannot compress.
GZIP_SLACK = 64 * 1024
# Bytes; TensorFlow uses an array that starts at a multiple of it in place, and copies others.
ALIGNMENT = 64


def read_folder(folder: Path, name: str) -> Arrays:
    """Reads a data set from a folder that holds its four files.

    Args:
        folder: Holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
            `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each
            uncompressed or gzipped with `.gz` appended to its name.
        name: Which data set it must be, a key of `PUBLISHED`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        InputError: If a file is missing or is not the published one.
    """
    return cast(Arrays, tuple(read_file(find(folder, file), file) for file in PUBLISHED[name]))


def expand(path: str | os.PathLike[str]) -> Path:
    """Returns a path with a leading `~` replaced by the user's home, if there is one."""
    # `Path.expanduser` raises without a home.
    return Path(os.path.expanduser(path))  # noqa: PTH111


def find(folder: Path, file: IdxFile) -> Path:
    """Returns the path of a published file in a folder, uncompressed before gzipped.

    Args:
        folder: Where to look.
        file: What to look for.

    Returns:
        The path that exists; a broken link counts, so that the error can name it.

    Raises:
        InputError: If the folder has neither.
    """
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        if os.path.lexists(path):
            return path
    raise InputError(
        f"{folder / file.name}[.gz]: no such file; put the published file there, "
        "or name a folder that has it",
        f"{folder / file.name}[.gz]：文件不存在；请把公开发布的文件放在那里，或指定有它的文件夹",
    )


def read_file(path: Path, file: IdxFile) -> Array:
    """Reads one published file, with memory bounded by its expected size.

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
            raise IdxError(
                "is gzipped, but its name does not end in .gz",
                "是 gzip 压缩的，文件名却不以 .gz 结尾",
            )
        array = decode(content, file.shape)
    except IdxError as error:
        _reject(path, error.text)
    except EOFError:
        _reject(path, Text("is truncated: its gzip stream has no end", "被截断了：gzip 流没有结尾"))
    except zlib.error as error:
        why = text_of(error)
        _reject(
            path,
            Text(f"is not a valid gzip file ({why.en})", f"不是有效的 gzip 文件（{why.zh}）"),
        )
    except OSError as error:
        _reject(path, _reason(path, error))
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        found, expected = f"{digest[:12]}…", f"{file.sha256[:12]}…"
        _reject(
            path,
            Text(
                f"has the SHA-256 {found}, expected {expected}",
                f"SHA-256 是 {found}，应为 {expected}",
            ),
        )
    return array


def _content(path: Path, size: int, header: int) -> memoryview:
    """Reads one byte more than expected, which is enough to see that there is more."""
    # Into one buffer, because joining pieces needs twice the memory. What follows the header is
    # aligned, so that TensorFlow can use it in place.
    buffer, length = np.empty(size + 1 + ALIGNMENT, np.uint8), 0
    first = -(buffer.ctypes.data + header) % ALIGNMENT
    content = buffer.data[first : first + size + 1]
    with opened(path, size) as stream:
        chunks = iter(partial(stream.read, CHUNK), b"")
        for piece in decompress(chunks, size + 1) if path.suffix == ".gz" else chunks:
            end = min(length + len(piece), len(content))
            content[length:end] = piece[: end - length]
            length = end
            if length > size:
                break
    return content.toreadonly()[:length]


@contextmanager
def opened(path: Path, size: int) -> Iterator[BinaryIO]:
    """Opens a regular file of about the expected size.

    Args:
        path: The path.
        size: Its largest size in bytes. A little more is let through: reading it gives a better
            error.

    Yields:
        The open file.

    Raises:
        IdxError: If it is empty or too large. Reading some files below `/proc`, which all have size
            0, would block for ever.
        OSError: If it does not exist, cannot be accessed, or is no regular file.
    """
    with reading(path, sys.maxsize) as stream:
        found = os.fstat(stream.fileno()).st_size
        if found == 0:
            raise IdxError("is empty", "是空的")
        if found > size + GZIP_SLACK:
            raise IdxError(
                f"has {found} bytes, expected at most {size}",
                f"有 {found} 字节，应至多 {size} 字节",
            )
        yield stream


def _reason(path: Path, error: OSError) -> Text:
    why = reason(error)
    if isinstance(error, NotAFileError):
        return Text(f"is {why.en}", why.zh)
    if error.errno == errno.ELOOP:
        return Text("is a symbolic link that leads back to itself", "是指回自己的符号链接")
    if error.errno == errno.ENOENT and path.is_symlink():
        return Text(
            "is a symbolic link to a file that does not exist", "是符号链接，所指的文件不存在"
        )
    return Text(f"cannot be read ({why.en})", f"无法读取（{why.zh}）")


def _reject(path: Path, why: Text) -> NoReturn:
    raise InputError(
        f"{path}: {why.en}; replace it with the published file",
        f"{path}：{why.zh}；请用公开发布的文件替换它",
    ) from None
