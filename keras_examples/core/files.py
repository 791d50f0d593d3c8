"""Atomic writes: a file is complete or absent, even if writing is interrupted."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from keras_examples.core.console import announce

PathLike: TypeAlias = str | os.PathLike[str]

# Seconds. Windows moves no file onto one that a program has open. A virus scanner soon closes it; a
# viewer does not, so that the user has to.
A_MOMENT, A_WHILE = 2.0, 60.0
_IN_USE = (5, 32)  # Windows's errors: access denied, and a sharing violation
_LONGEST_PATH = 247  # on Windows, unless its settings allow longer ones


def replace(source: Path, target: Path) -> None:
    """Moves a file to another place, and replaces what is there.

    Args:
        source: The file.
        target: Its new path, on the same file system.

    Raises:
        OSError: It cannot be moved; on Windows also if a program has had one of the two open for a
            minute, during which the user was asked to close it.
    """
    start, asked = time.monotonic(), False
    while True:
        try:
            source.replace(target)
            return
        except OSError as error:
            waited = time.monotonic() - start
            if not is_in_use(error) or waited > A_WHILE:
                raise
            if waited > A_MOMENT and not asked:
                asked = True
                announce(f"{str(target)!r} may be open in another program; close it there.")
        time.sleep(0.1)


def is_in_use(error: OSError) -> bool:
    """Returns whether an error may be due to another program that has the file open."""
    if getattr(error, "winerror", None) not in _IN_USE:
        return False
    return not os.path.isdir(error.filename2 or error.filename or "")  # noqa: PTH112


def reason(error: OSError) -> str:
    """Returns why a file cannot be written, in a few words."""
    if is_in_use(error):
        return f"{error.strerror}: it may be open in another program"
    path = os.path.abspath(error.filename2 or error.filename or "")  # noqa: PTH100
    if sys.platform == "win32" and isinstance(error, FileNotFoundError):
        if len(path) > _LONGEST_PATH:  # of which Windows says that it cannot be found
            return f"its path has {len(path)} characters, which is too long for Windows"
    return error.strerror or str(error)


def portable_name(text: str) -> str:
    """Returns a text as part of a file's name that Linux, macOS and Windows all allow."""
    allowed = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]', "_", text)
    return allowed.encode()[:180].decode(errors="ignore").rstrip(". ")


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
        replace(partial, path)
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
