"""Decompresses untrusted gzip files piece by piece, with memory and time bounded."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from keras_examples.datasets.failures import SourceError

CHUNK = 16 * 1024
_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
# A gzip file may consist of several streams. Tools that write blocks make about 700 of the largest
# published file; millions of empty ones would take minutes.
_MOST_STREAMS = 10_000


class _TooManyStreamsError(SourceError, zlib.error):
    """A gzip file consists of more streams than any tool makes of it."""


def decompress(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Decompresses a gzip file up to a limit.

    Args:
        chunks: The file in chunks of about `CHUNK` bytes.
        limit: How many bytes of the content to yield at most, at least 1.

    Yields:
        The content in pieces of at most 64 KiB. If they have fewer bytes than `limit` in all, the
        file was complete, and its checksum and length were right.

    Raises:
        zlib.error: It is not a gzip file, or a damaged one.
        EOFError: It ends too early.
    """
    decompressor, streams = zlib.decompressobj(wbits=_GZIP), 1
    for chunk in chunks:
        rest = chunk
        while rest:
            if decompressor.eof:
                rest = rest.lstrip(b"\0")  # padding to the block size of a tape or disk
                if not rest:
                    break
                decompressor, streams = zlib.decompressobj(wbits=_GZIP), streams + 1
                if streams > _MOST_STREAMS:
                    raise _TooManyStreamsError(
                        f"more than {_MOST_STREAMS} streams in one file",
                        f"一个文件中有超过 {_MOST_STREAMS} 个流",
                    )
            piece = decompressor.decompress(rest, min(limit, _PIECE))
            if piece:
                yield piece
                limit -= len(piece)
                if not limit:
                    return
            rest = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    if not decompressor.eof:
        raise EOFError
