"""Measures how long each part of a run takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Adds up seconds by name. Those of a nested block do not count for the outer one.

    Example:
        >>> clock = Clock()
        >>> with clock("data"):
        ...     pass
        >>> list(clock.seconds())
        ['data', 'total']
    """

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._spent: dict[str, float] = {}
        self._inside = 0.0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Counts the seconds of a block under `name`."""
        start, around, self._inside = time.perf_counter(), self._inside, 0.0
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            self._spent[name] = self._spent.get(name, 0.0) + elapsed - self._inside
            self._inside = around + elapsed

    def seconds(self) -> dict[str, float]:
        """Returns the seconds spent under each name so far, and the total."""
        spent = {**self._spent, "total": time.perf_counter() - self._start}
        return {name: round(seconds, 3) for name, seconds in spent.items()}
