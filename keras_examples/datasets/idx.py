"""The IDX format of `uint8` arrays: a magic number, the shape, the bytes."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

_UINT8 = 0x08


class IdxError(ValueError):
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
        raise IdxError(f"starts with 0x{header[:4].hex()}, expected 0x{expected[:4].hex()}")
    if len(header) < len(expected):
        raise IdxError(f"ends inside its header, after {len(header)} bytes")
    if header != expected:
        found = struct.unpack(f">{len(shape)}I", header[4:])
        raise IdxError(f"has the shape {_times(found)}, expected {_times(shape)}")
    size = len(expected) + int(np.prod(shape))
    if len(content) < size:
        raise IdxError(f"ends after {len(content)} bytes, expected {size}")
    if len(content) > size:
        raise IdxError(f"goes on after the {size} bytes expected")
    return np.frombuffer(content, np.uint8, offset=len(expected)).reshape(shape)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
