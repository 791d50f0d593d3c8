"""Trains missing networks in the background, each example in a process of its own.

A process, because training uses the global state of TensorFlow and Keras, and because it can be
ended at once when the page ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from keras_examples.core.language import VARIABLE
from keras_examples.core.machine import without_ctrl_c

# What the command prints, in whichever language.
_EPOCH = re.compile(r"  (\D*(\d+)/(\d+).*)")
_ERROR = re.compile(r"^keras-examples(: error: |：错误：)")


@dataclass(frozen=True)
class TrainingProgress:
    """How far training is.

    Attributes:
        name: The example in training.
        share: How much of it is done, 0 to 1.
        message: The last line of the command: the metrics, and the seconds left.
    """

    name: str
    share: float = 0.0
    message: str = ""


class TrainingQueue:
    """Trains examples one after the other, however many pages request it.

    Args:
        options: Further arguments of the command `run`, such as `["--runs", "runs"]`.

    Attributes:
        progress: How far the training in progress is; None if there is none.
        failures: The reason why an example's last training failed, by name.
    """

    def __init__(self, options: Sequence[str]) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, str]] = []
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self.progress: TrainingProgress | None = None
        self.failures: dict[str, str] = {}

    def add(self, names: Sequence[str], lang: str) -> None:
        """Adds examples to the queue, unless they are in it already.

        Args:
            names: The examples.
            lang: The language of the progress and of the failures.
        """
        with self._lock:
            known = {self.progress.name} if self.progress else set()
            known.update(name for name, _ in self._waiting)
            self._waiting += [(name, lang) for name in names if name not in known]
            if self.progress is None and self._waiting:
                self.progress = TrainingProgress(self._waiting[0][0])
                threading.Thread(target=self._work, daemon=True).start()

    def stop(self) -> None:
        """Ends training at once, and for good."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            process = self._process
        if process:
            process.kill()  # at SIGTERM it would first complete its epoch
            process.wait()

    def _work(self) -> None:
        while following := self._next():
            self._train(*following)

    def _next(self) -> tuple[str, str] | None:
        with self._lock:
            following = self._waiting.pop(0) if self._waiting else None
            self.progress = TrainingProgress(following[0]) if following else None
            return following

    def _train(self, name: str, lang: str) -> None:
        self.failures.pop(name, None)
        last_line = ""
        process = self._launch(name, lang)
        if process is None or process.stderr is None:
            return
        with process:
            for line in process.stderr:
                last_line = line.strip() or last_line
                if epoch := _EPOCH.fullmatch(last_line.removeprefix(name)):
                    done, epochs = int(epoch[2]), int(epoch[3])
                    self.progress = TrainingProgress(name, done / epochs, epoch[1])
        if process.returncode:
            self.failures[name] = _ERROR.sub("", last_line)

    def _launch(self, name: str, lang: str) -> subprocess.Popen[str] | None:
        with self._lock:  # `stop()` must not come between the check and the process
            if self._stopped:
                return None
            self._process = subprocess.Popen(  # noqa: S603 (our own command, and catalogue names)
                [sys.executable, "-m", "keras_examples", "run", name, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONIOENCODING": "utf-8", VARIABLE: lang},
                encoding="utf-8",
                errors="replace",
                **without_ctrl_c(),  # it is for the page, which then ends this too
            )
            return self._process
