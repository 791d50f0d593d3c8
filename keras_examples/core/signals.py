"""How a command ends early: Ctrl-C, and what does the same.

The system's ways to say "end" (`kill`, a scheduler's time limit, a terminal that is closed) are
signals, as Ctrl-C is, and would by default end Python at once, with nothing saved.
"""

from __future__ import annotations

import errno
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

A_MOMENT = 1.0  # seconds within which several signals are one
INTERRUPTED = 128 + signal.SIGINT  # the exit code that shells expect after Ctrl-C

# The last is Windows's, for a console that is closed.
_ENDING = [
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]


def _stop_at_once() -> None:
    raise KeyboardInterrupt


_reaction = _stop_at_once


@contextmanager
def on_interrupt(react: Callable[[], None]) -> Iterator[None]:
    """Calls a function at Ctrl-C within a block, instead of raising KeyboardInterrupt.

    Does nothing outside of the main thread, which alone can.

    Args:
        react: The function; in a command it is also called at the other signals that end it.
    """
    global _reaction
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, handler = _reaction, signal.getsignal(signal.SIGINT)
    listens = handler not in (signal.SIG_IGN, None)  # a script's background job ignores Ctrl-C
    _reaction = react
    if listens:
        signal.signal(signal.SIGINT, lambda number, frame: react())
    try:
        yield
    finally:
        if listens:
            signal.signal(signal.SIGINT, handler)
        _reaction = before


@contextmanager
def postponed() -> Iterator[None]:
    """Lets Ctrl-C, and the other signals in a command, wait for the end of a block."""
    waiting: list[bool] = []
    try:
        with on_interrupt(lambda: waiting.append(True)):
            yield
    finally:
        if waiting:
            _reaction()


class Ending:
    """Lets SIGTERM, SIGHUP and a closed terminal do within a block what Ctrl-C does.

    For a command only, as it changes the handlers of the whole process.

    Example:
        >>> with Ending() as ending:
        ...     code = command()
        ... return ending.exit_code(code)
    """

    _received: int | None = None
    _at = -math.inf  # seconds, of the last

    def __enter__(self) -> Ending:
        # One that is ignored stays so, as `nohup` wants it.
        self._handled = []
        if threading.current_thread() is threading.main_thread():
            self._handled = [one for one in _ENDING if signal.getsignal(one) == signal.SIG_DFL]
        for number in self._handled:
            signal.signal(number, self._end)
        return self

    def __exit__(self, *error: object) -> None:
        for number in self._handled:
            signal.signal(number, signal.SIG_DFL)

    def _end(self, number: int, frame: FrameType | None) -> None:
        before, self._at = self._at, time.monotonic()
        if self._at - before > A_MOMENT:  # a terminal that is closed says so more than once
            self._received = self._received or number
            _reaction()

    def lost_terminal(self, error: OSError) -> bool:
        """Returns whether an error of printing says that the terminal was closed."""
        hung_up = self._received == getattr(signal, "SIGHUP", 0)
        return hung_up and error.errno == errno.EIO and error.filename is None

    def exit_code(self, code: int) -> int:
        """Returns the exit code of the command, which says what ended it.

        Args:
            code: What it would be otherwise.

        Returns:
            143 after SIGTERM and 129 after SIGHUP, unless the code is that of an error.
        """
        if self._received is None or code not in (0, INTERRUPTED):
            return code
        return 128 + self._received
