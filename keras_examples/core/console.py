"""What the commands print on stderr, and how TensorFlow's start-up messages are kept off it.

TensorFlow prints a few lines from C++ while it is imported, before any log level applies, so the
file descriptor itself has to be redirected for that time.
"""

from __future__ import annotations

import atexit
import errno
import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import IO, TYPE_CHECKING, Any

from keras_examples.core.errors import InputError, RunError
from keras_examples.core.text import Text

if TYPE_CHECKING:
    from tqdm import tqdm

# What Python may do with a character that an encoding lacks, unless the user has chosen otherwise.
_RAISING = ("strict", "surrogateescape")

_held: tuple[int, IO[bytes]] | None = None


class _Nowhere(io.TextIOBase):
    """Stands for a stream that does not exist."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def usable_streams() -> Iterator[None]:
    """Makes everything printable within a block, whatever stdout and stderr are.

    What the encoding of a terminal or a file lacks is escaped, as Python does on stderr anyway: the
    rest of the line can be read, and nothing of a result is lost. Where there is no stdout or
    stderr, what is printed goes nowhere. For a command only, as it changes them for the whole
    process.
    """
    # Descriptors that are closed would go to the next files that are opened, such as a checkpoint,
    # and into these whatever C++ prints.
    while (free := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(free)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _Nowhere())
        elif isinstance(stream, io.TextIOWrapper) and stream.errors in _RAISING:
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:  # Python would try again at exit, and report that as an error
                with suppress(OSError, ValueError):  # not every stream is a file
                    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_closed_pipe(error: OSError) -> bool:
    """Returns whether an error of writing says that the reader has ended, as in `… | head`."""
    # The second on Windows, where a path, too, may be invalid.
    return error.errno in (errno.EPIPE, errno.EINVAL) and error.filename is None


def announce(en: str, zh: str) -> None:
    """Prints a line on stderr, apart from the results, above the progress bars if there are any.

    Where it cannot be printed, nothing happens: a message is not worth a run.

    Args:
        en: The line in English.
        zh: The line in Chinese.
    """
    announce_line(str(Text(en, zh)))


def announce_line(line: str) -> None:
    """Prints a line that is in the right language already, as `announce()` does."""
    stream = sys.stderr
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # It may be full, or closed, or in the middle of a line when Ctrl-C comes.
    with suppress(OSError, ValueError, RuntimeError), above_bars():
        print(line.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def above_bars() -> AbstractContextManager[None]:
    """Lets what is printed within a block appear above the progress bars, if there are any."""
    loaded = sys.modules.get("tqdm")  # imported by those who draw bars
    return loaded.tqdm.external_write_mode(file=sys.stderr) if loaded else nullcontext()


def announce_error(error: Text) -> None:
    """Prints the one line about what a command has failed for."""
    announce(f"keras-examples: error: {error.en}", f"keras-examples：错误：{error.zh}")


def progress_bar(total: int, name: str, unit: str, *, shown: bool = True) -> tqdm[Any]:
    """Returns a progress bar on stderr; without a terminal that can draw one, it does nothing.

    Args:
        total: How many units there are.
        name: What is in progress.
        unit: What is counted; `"B"` for bytes, which are shown in kilobytes and megabytes.
        shown: Whether to show it at all.
    """
    from tqdm import tqdm  # half as long to import as everything that the command `list` needs

    # What stands for a terminal in IDLE says that it is one, but cannot go back in a line.
    terminal = isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=name,
        unit=unit,
        unit_scale=unit == "B",
        leave=False,
        file=sys.stderr,
        disable=not (shown and terminal and os.environ.get("TERM") != "dumb"),
    )


def started_module(package: str) -> str | None:
    """Returns the package or the module of it that `python -m` was started with; None for others.

    While Python is still looking for the module, its name is not in `sys.argv` yet.

    Args:
        package: The package that is being imported.
    """
    if sys.argv[:1] != ["-m"]:
        return None
    module = sys.orig_argv[len(sys.orig_argv) - len(sys.argv)].removeprefix("-m")
    return module if module.partition(".")[0] == package else None


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
        with suppress(OSError, ValueError):  # it may be full, or closed
            sys.stderr.flush()
