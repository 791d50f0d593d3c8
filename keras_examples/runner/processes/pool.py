"""Several processes that train in parallel."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from keras_examples.core import InputError, RunError
from keras_examples.core.language import VARIABLE
from keras_examples.core.machine import without_ctrl_c
from keras_examples.core.signals import INTERRUPTED
from keras_examples.core.text import spoken

WORKER = "keras_examples.runner.processes.worker"  # which says what requests and replies are

Request = Mapping[str, Any]
Reply = Mapping[str, Any]

STOPPED = {
    "error": ("interrupted; nothing of it was saved", "已中断；没有保存任何结果"),
    "code": INTERRUPTED,
}


class ProcessPool:
    """Processes that each take one request after another, until the block is left.

    Ctrl-C does not reach them, but `interrupt()` does. If the process that started them dies, they
    end as if interrupted.

    Args:
        size: Number of processes.
        requests: Requests to `keras_examples.runner.processes.worker`, in this order; `add()` adds
            others.
        environment: Environment variables that the processes have besides this one's, or otherwise.

    Example:
        >>> with ProcessPool(2, requests) as pool:
        ...     for number, reply in pool.replies():
        ...         ...
    """

    def __init__(
        self,
        size: int,
        requests: Sequence[Request] = (),
        *,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._requests = queue.SimpleQueue[tuple[int, Request] | None]()
        self._answered = queue.Queue[tuple[int, Reply] | OSError]()
        self._environment = environment
        self._count = self._open = self._interrupts = 0
        self._closed = threading.Event()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]
        for request in requests:
            self.add(request)

    def add(self, request: Request) -> int:
        """Adds a request; returns its number, from 0."""
        number = self._count
        self._count += 1
        self._open += 1
        self._requests.put((number, request))
        return number

    def replies(self) -> Iterator[tuple[int, Reply]]:
        """Yields replies as they arrive, each with its request's number, until all are done.

        Raises:
            OSError: A process cannot be started.
        """
        while self._open:
            try:
                answer = self._answered.get(timeout=1)
            except queue.Empty:  # Windows lets Ctrl-C through only between two calls
                continue
            if isinstance(answer, OSError):
                raise answer
            if is_last(answer[1]):
                self._open -= 1
            yield answer

    def interrupt(self) -> None:
        """Does to each process what Ctrl-C does; requests that none has taken yet are dropped.

        So what is in training ends after its epoch and is saved, and the second time at once. May
        be called by a signal's handler.
        """
        self._interrupts += 1
        for process in list(self._processes):
            _send(process, {"interrupt": True})

    def __enter__(self) -> ProcessPool:
        # They are killed in the end, and TensorFlow would leave its temporary files. What they
        # share is here, too.
        self._temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closed.set()
        for process in list(self._processes):
            process.kill()  # it has nothing to save, and exiting normally takes a second
        for _ in self._threads:
            self._requests.put(None)
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            with process:  # waits for it
                pass
        self._temporary.cleanup()

    def _work(self) -> None:
        try:
            process = self._start()  # before there is a request: TensorFlow takes seconds to import
            while (taken := self._requests.get()) and not self._closed.is_set():
                number, request = taken
                if process.poll() is not None and not self._interrupts:
                    process = self._start()
                for reply in self._ask(process, request):
                    self._answered.put((number, reply))
        except OSError as error:
            self._answered.put(error)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 (Python, and a module of ours)
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # One process must not take a whole GPU from the others.
            env={
                **os.environ,
                "TF_FORCE_GPU_ALLOW_GROWTH": "true",
                VARIABLE: spoken(),
                **self._environment,
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._temporary.name),
            },
            **without_ctrl_c(),  # the process that the user started ends these itself
        )
        self._processes.add(process)
        if self._closed.is_set() or self._interrupts:  # meanwhile, without regard to this one
            process.kill()
        return process

    def _ask(self, process: subprocess.Popen[bytes], request: Request) -> Iterator[Reply]:
        if self._interrupts:
            yield STOPPED
            return
        _send(process, request)
        for line in process.stdout or ():
            reply = json.loads(line)
            yield reply
            if is_last(reply):
                return
        code = process.wait()
        died = (
            f"its process ended with code {code}, perhaps out of memory",
            f"它的进程以退出码 {code} 结束，可能是内存不足",
        )
        yield STOPPED if self._interrupts else {"error": died, "code": RunError.exit_code}


def _send(process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
    with suppress(OSError, ValueError):  # it has died, as its replies will show
        if process.stdin:
            # At once and whole, because a signal's handler may come between.
            os.write(process.stdin.fileno(), json.dumps(message).encode() + b"\n")


def is_last(reply: Reply) -> bool:
    """Returns whether a reply is the last one to its request: the result, or an error."""
    return "status" in reply or "error" in reply


def error_of(reply: Reply) -> BaseException:
    """Returns the error that a process met, to be raised in this one.

    Args:
        reply: A reply with an `"error"`.
    """
    if reply["code"] == INTERRUPTED:
        return KeyboardInterrupt()
    kind = InputError if reply["code"] == InputError.exit_code else RunError
    return kind(*reply["error"])
