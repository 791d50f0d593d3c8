"""Keeps TensorFlow's start-up lines off stderr.

TensorFlow writes a few lines from C++ while it is imported, before any log level of its own
applies, so the file descriptor itself has to be put aside for that time.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_held: tuple[int, IO[bytes]] | None = None


def hold() -> None:
    """Puts stderr aside until `release()`, and asks TensorFlow for no chatter later."""
    global _held
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # It warns of compiling anew for each model, which is what running several examples is.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if _held is not None:
        return
    try:
        aside = tempfile.TemporaryFile()  # noqa: SIM115 (open until release)
    except OSError:  # no room for a temporary file: better noise than no run
        return
    try:
        kept = os.dup(2)
    except OSError:  # a program without stderr has nothing to keep clean
        aside.close()
        return
    _flush()
    os.dup2(aside.fileno(), 2)
    _held = kept, aside


def release(*, show: bool = False) -> None:
    """Puts stderr back.

    Args:
        show: Whether to print what was written meanwhile, such as why an import failed.
    """
    global _held
    if _held is None:
        return
    kept, aside = _held
    _held = None
    _flush()
    os.dup2(kept, 2)
    os.close(kept)
    if show:
        aside.seek(0)
        os.write(2, aside.read())
    aside.close()


@contextmanager
def quiet() -> Iterator[None]:
    """`hold()` and `release()` around a block; what was written shows only if the block fails."""
    hold()
    try:
        yield
    except Exception:
        release(show=True)
        raise
    finally:
        release()


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()


# A process that ends while stderr is put aside died of something: say what it said.
atexit.register(release, show=True)
