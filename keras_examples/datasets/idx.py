"""The IDX format of `uint8` arrays: a magic number, the shape, the bytes."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from keras_examples.datasets.failures import SourceError

_UINT8 = 0x08


class IdxError(SourceError, ValueError):
    """The bytes are not the expected IDX file; the message says what they are instead."""


def header_of(shape: tuple[int, ...]) -> bytes:
    """Returns the bytes with which the IDX file of a `uint8` array starts.

    Args:
        shape: The shape of the array, at most 255 axes.

    Returns:
        The magic number and the length of each axis, big-endian, four bytes each.
    """
    return struct.pack(f">{1 + len(shape)}I", _UINT8 << 8 | len(shape), *shape)


def decode(content: bytes | memoryview, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Decodes an uncompressed IDX file of a known shape.

    Args:
        content: The file. Its header is only compared with `shape`, so a header that claims
            wrong lengths costs no memory.
        shape: The shape that the array must have.

    Returns:
        A read-only `uint8` array of that shape, a view of `content`.

    Raises:
        IdxError: If the magic number, the shape or the length is not the expected one.
    """
    expected = header_of(shape)
    header = content[: len(expected)]
    if header[:4] != expected[:4]:
        start, right = f"0x{header[:4].hex()}", f"0x{expected[:4].hex()}"
        raise IdxError(f"starts with {start}, expected {right}", f"开头是 {start}，应为 {right}")
    if len(header) < len(expected):
        raise IdxError(
            f"ends inside its header, after {len(header)} bytes",
            f"文件头不完整，到第 {len(header)} 字节就结束了",
        )
    if header != expected:
        found = struct.unpack(f">{len(shape)}I", header[4:])
        raise IdxError(
            f"has the shape {_times(found)}, expected {_times(shape)}",
            f"形状是 {_times(found)}，应为 {_times(shape)}",
        )
    size = len(expected) + int(np.prod(shape))
    if len(content) < size:
        raise IdxError(
            f"ends after {len(content)} bytes, expected {size}",
            f"到第 {len(content)} 字节就结束了，应有 {size} 字节",
        )
    if len(content) > size:
        raise IdxError(f"goes on after the {size} bytes expected", f"比应有的 {size} 字节更长")
    return np.frombuffer(content, np.uint8, offset=len(expected)).reshape(shape)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
