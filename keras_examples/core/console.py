"""What the commands print on stderr, and how TensorFlow's start-up messages are kept off it.

TensorFlow prints a few lines from C++ while it is imported, before any log level applies, so the
file descriptor itself has to be redirected for that time.
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

from keras_examples.core.errors import InputError, RunError

_held: tuple[int, IO[bytes]] | None = None


def announce(line: str) -> None:
    """Prints a line on stderr, apart from the results; does nothing where there is no stderr."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def runs_as_module(package: str) -> bool:
    """Returns whether this process was started as `python -m` with a package or a module of it.

    While Python is still looking for the module, its name is not in `sys.argv` yet.

    Args:
        package: The package that is being imported.
    """
    if sys.argv[:1] != ["-m"]:
        return False
    module = sys.orig_argv[len(sys.orig_argv) - len(sys.argv)].removeprefix("-m")
    return module.partition(".")[0] == package


def hold_stderr() -> None:
    """Redirects stderr to a temporary file until `release_stderr()`, and lowers log levels."""
    global _held
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # It warns about retracing for each new model, which is normal when several examples run.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if _held is not None:
        return
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 (open until release)
    except OSError:  # no space for a temporary file: better noise than no run
        return
    try:
        original = os.dup(2)
    except OSError:  # a program without stderr has nothing to keep clean
        file.close()
        return
    _flush()
    os.dup2(file.fileno(), 2)
    _held = original, file
    # A process that exits while stderr is redirected has failed: show the reason.
    atexit.register(release_stderr, show=True)


def release_stderr(*, show: bool = False) -> None:
    """Restores stderr.

    Args:
        show: Whether to print what was written meanwhile, such as why an import failed.
    """
    global _held
    if _held is None:
        return
    original, file = _held
    _held = None
    atexit.unregister(release_stderr)
    _flush()
    os.dup2(original, 2)
    os.close(original)
    if show:
        file.seek(0)
        os.write(2, file.read())
    file.close()


@contextmanager
def quiet() -> Iterator[None]:
    """Redirects stderr within a block; what was written is shown only if the block fails."""
    if _held is not None:  # an enclosing block already does
        yield
        return
    hold_stderr()
    try:
        yield
    except (InputError, RunError):  # which say themselves what is wrong
        raise
    except Exception:
        release_stderr(show=True)
        raise
    finally:
        release_stderr()


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
