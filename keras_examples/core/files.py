"""Files that are whole or absent, whenever somebody looks and whatever cuts the writing off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Has a file written aside, and puts it in place when the block is left without an error.

    Args:
        path: The file to write or replace.

    Yields:
        Where to write it, in the same folder.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file so that whoever looks, even after a power cut, sees all of it or none.

    Args:
        path: The file to write or replace; its folder is there.
        content: Its content; text is written in UTF-8.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
