"""Gzip files from anywhere, inflated in small pieces, so that none can take memory or time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

CHUNK = 16 * 1024
_PIECE = 64 * 1024
# Gzip allows several streams in a row. Tools that write blocks make about 700 of the largest
# published file; millions of empty ones would take minutes.
_MOST_STREAMS = 10_000


def inflate(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Inflates a gzip file, and looks no further than a limit.

    Args:
        chunks: The file in pieces of about `CHUNK` bytes.
        limit: How many bytes of the content to yield at most, at least 1.

    Yields:
        The content in pieces of at most 64 KiB. With fewer bytes than `limit` in all, the file was
        whole, and had the checksum and the length that it says it has.

    Raises:
        zlib.error: It is no gzip file, or a damaged one.
        EOFError: It ends too early.
    """
    inflater, streams = _inflater(), 1
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflater.eof:
                rest = rest.lstrip(b"\0")  # which may fill up a block of a tape or disk
                if not rest:
                    break
                inflater, streams = _inflater(), streams + 1
                if streams > _MOST_STREAMS:
                    raise zlib.error(f"more than {_MOST_STREAMS} streams in one file")
            piece = inflater.decompress(rest, min(limit, _PIECE))
            if piece:
                yield piece
                limit -= len(piece)
                if not limit:
                    return
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        raise EOFError


def _inflater() -> zlib._Decompress:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
