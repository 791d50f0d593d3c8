"""Atomic writes: a file is complete or absent, even if writing is interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

PathLike: TypeAlias = str | os.PathLike[str]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path, and renames that file to `path` when the block succeeds.

    Args:
        path: The file to write or replace.

    Yields:
        The temporary path, in the same folder.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        with partial.open("r+b") as file:  # Windows syncs only files that are open for writing
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file atomically: readers see all of it or none, even after a power cut.

    Args:
        path: The file to write or replace; its folder must exist.
        content: Its content; text is written in UTF-8.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
