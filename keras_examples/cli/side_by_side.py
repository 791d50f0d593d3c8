"""Several examples in processes side by side: what of it is shown, and when it ends."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from keras_examples.core import Text
from keras_examples.core.console import (
    above_bars,
    announce,
    announce_error,
    announce_line,
    progress_bar,
)
from keras_examples.core.machine import count_cores
from keras_examples.core.signals import INTERRUPTED, on_interrupt
from keras_examples.runner.processes.pool import ProcessPool, Reply, error_of, is_last

_OFTEN = 0.2  # seconds, after which the bar is drawn anew
_BAR = Text("run", "运行"), Text("example", "个")


def interrupted(name: str) -> tuple[str, str]:
    """Returns what is said of an example that was interrupted, in both languages."""
    return (
        f"{name}: interrupted; run it again with --resume to continue.",
        f"{name}：已中断；加上 --resume 重新运行即可继续。",
    )


Summarise = Callable[[Mapping[str, Any], Path, Sequence[Path]], None]


class SideBySide:
    """Runs examples side by side, the longest first.

    Their lines on stderr are those of a run alone. A summary is printed when its example has ended.
    If one fails, those that run are completed, and no other is started.

    Args:
        names: The examples.
        options: The options for all of them.
        leave_out: Whether to drop options that an example has no use for, instead of an error.
        summarise: Prints what was saved; gets the record, its folder and the figures.
    """

    def __init__(
        self,
        names: Sequence[str],
        options: Mapping[str, Any],
        *,
        leave_out: bool,
        summarise: Summarise,
    ) -> None:
        self._names, self._options = names, options
        self._leave_out, self._summarise = leave_out, summarise
        self._code = self._interrupts = 0
        self._announced: set[str] = set()
        self._shown = -math.inf  # seconds

    def run(self, jobs: int | None) -> int:
        """Runs them; returns the exit code.

        Args:
            jobs: How many side by side; None for what the machine is good for.

        Raises:
            InputError: An example cannot be run with the options; nothing was changed.
            RunError: The processes cannot be used.
            KeyboardInterrupt: Ctrl-C before anything was trained, or a third time.
        """
        size = min(jobs or count_cores(), len(self._names))
        with (
            ProcessPool(size) as self._pool,
            on_interrupt(self._interrupt),
            closing(progress_bar(len(self._names), *map(str, _BAR))) as self._bar,
        ):
            plans, gpus = self._plan()
            if gpus and not jobs:
                size = 1  # several processes would have to share it
            self._waiting = deque(plans.items())
            self._running: dict[int, str] = {}
            self._epochs: dict[str, int] = {}
            for _ in range(size):
                self._start()
            for number, reply in self._pool.replies():
                self._handle(number, reply)
        return self._code or (INTERRUPTED if self._interrupts else 0)

    def _plan(self) -> tuple[Mapping[str, Any], int]:
        # In one of the processes, which import TensorFlow in any case: this one then needs no
        # memory for it.
        self._pool.add(
            {
                "task": "plan",
                "names": self._names,
                "options": self._options,
                "leave_out": self._leave_out,
            }
        )
        *_, (_, reply) = self._pool.replies()
        if "error" in reply:
            raise error_of(reply)
        return reply["plans"], reply["gpus"]

    def _start(self) -> None:
        if self._waiting and not self._code and not self._interrupts:
            name, options = self._waiting.popleft()
            number = self._pool.add({"task": "run", "name": name, "options": options})
            self._running[number] = name

    def _handle(self, number: int, reply: Reply) -> None:
        name = self._running[number]
        if "line" in reply:
            self._announce(reply["line"])
        elif "epoch" in reply:
            self._epochs[name] = reply["epoch"]
        elif is_last(reply):
            del self._running[number]
            self._end(name, reply)
            self._start()
            self._bar.update(1)
        self._show()

    def _show(self) -> None:
        if time.monotonic() - self._shown > _OFTEN:
            self._shown = time.monotonic()
            running = (f"{one} {self._epochs.get(one, 0)}" for one in self._running.values())
            self._bar.set_postfix_str(", ".join(running))

    def _announce(self, line: str) -> None:
        if line not in self._announced:  # such as that Ctrl-C was pressed, or where data are from
            self._announced.add(line)
            announce_line(line)

    def _end(self, name: str, reply: Reply) -> None:
        if "error" not in reply:
            with above_bars():
                folder, figures = Path(reply["folder"]), list(map(Path, reply["figures"]))
                self._summarise(reply["record"], folder, figures)
            if reply["status"] == "interrupted" and not self._options["plain"]:
                announce(*interrupted(name))
        elif reply["code"] == INTERRUPTED:
            en, zh = reply["error"]
            announce(f"{name}: {en}.", f"{name}：{zh}。")
        elif not self._code:  # of several that fail, the first alone, as one after the other
            self._code = reply["code"]
            announce_error(Text(f"{name}: ", f"{name}：") + Text(*reply["error"]))

    def _interrupt(self) -> None:
        self._interrupts += 1
        if self._interrupts > 2:  # they do not end by themselves
            raise KeyboardInterrupt
        self._pool.interrupt()
