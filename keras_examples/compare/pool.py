"""Several processes that train in parallel."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keras_examples.core.machine import without_ctrl_c

Request = Mapping[str, Any]
Reply = Mapping[str, Any]


class ProcessPool:
    """Processes that each take one request after another, until the block is left.

    Args:
        size: Number of processes.
        requests: The requests to `keras_examples.compare.process`, in this order.

    Example:
        >>> with ProcessPool(2, requests) as pool:
        ...     for number, reply in pool.replies():
        ...         ...
    """

    def __init__(self, size: int, requests: Sequence[Request]) -> None:
        self._left = deque(enumerate(requests))
        self._answered = queue.Queue[tuple[int, Reply]]()
        self._open = len(requests)
        self._closed = threading.Event()
        self._processes: set[subprocess.Popen[str]] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]

    def replies(self) -> Iterator[tuple[int, Reply]]:
        """Yields replies as they arrive, each with its request's number, until all are done."""
        while self._open:
            try:
                number, reply = self._answered.get(timeout=1)
            except queue.Empty:  # Windows lets Ctrl-C through only between two calls
                continue
            self._open -= _is_last(reply)
            yield number, reply

    def __enter__(self) -> ProcessPool:
        # They are killed in the end, and TensorFlow would leave its temporary files.
        self._temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._left.clear()
        self._closed.set()
        for process in list(self._processes):
            process.kill()
        for thread in self._threads:
            thread.join()
        self._temporary.cleanup()

    def _work(self) -> None:
        process: subprocess.Popen[str] | None = None
        while True:
            try:
                number, request = self._left.popleft()
            except IndexError:
                break
            if process is None or process.poll() is not None:
                process = self._start()
            for reply in _ask(process, request):
                self._answered.put((number, reply))
        if process is not None:
            process.kill()  # it has nothing to save, and exiting normally takes a second
            process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "keras_examples.compare.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            # One process must not take a whole GPU from the others.
            env={
                **os.environ,
                "TF_FORCE_GPU_ALLOW_GROWTH": "true",
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._temporary.name),
            },
            **without_ctrl_c(),  # the process that the user started ends these itself
        )
        self._processes.add(process)
        if self._closed.is_set():  # the block was left meanwhile, without killing this one
            process.kill()
        return process


def _ask(process: subprocess.Popen[str], request: Request) -> Iterator[Reply]:
    assert process.stdin is not None  # noqa: S101 (a pipe, as the next)
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            reply = json.loads(line)
            yield reply
            if _is_last(reply):
                return
    except OSError:  # the pipe is broken: the process has died
        pass
    process.communicate()
    yield {"error": f"its process ended with code {process.returncode}, perhaps out of memory"}


def _is_last(reply: Reply) -> bool:
    return "epoch" not in reply
