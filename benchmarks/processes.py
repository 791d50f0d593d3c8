"""Runs what is measured in processes of its own, and watches their memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CEILING = """
import time, tensorflow as tf
a = tf.random.normal((2048, 2048))
multiply = tf.function(lambda: tf.linalg.matmul(a, a))
multiply()
best = 9e9
for _ in range(10):
    start = time.perf_counter()
    multiply().numpy()
    best = min(best, time.perf_counter() - start)
print(2 * 2048**3 / best / 1e9)
"""
# Here, for importing TensorFlow into the process that starts all others would add to their memory:
# the peak of a process counts that of the one it was forked from.
MACHINE = "import json; from benchmarks import machine; print(json.dumps(machine.facts()))"
PERIOD = 0.25  # seconds between two looks at the memory


@dataclass(frozen=True)
class Done:
    """A process that has ended.

    Args:
        seconds: From its start to its end.
        peak_mib: The largest memory of it or of one of its children.
        stdout: What it wrote to stdout.
        stderr: What it wrote to stderr.
    """

    seconds: float
    peak_mib: float
    stdout: str
    stderr: str

    @property
    def answer(self) -> str:
        """The last line that it wrote to stdout."""
        return self.stdout.strip().splitlines()[-1]


def python(*arguments: str, gpu: bool = False) -> Done:
    """Runs Python; ends the benchmark with its message if it fails.

    Args:
        *arguments: What Python is given.
        gpu: Whether it may use a GPU. Otherwise everything is measured on the CPU.
    """
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=stdout, stderr=stderr, env=_environment(gpu)
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (stdout, stderr):
            file.seek(0)
        if process.returncode:
            sys.exit(stderr.read() or f"{arguments}: exit code {process.returncode}")
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Done(seconds, used.ru_maxrss / unit, stdout.read(), stderr.read())


def _environment(gpu: bool) -> dict[str, str]:
    hidden = {} if gpu else {"CUDA_VISIBLE_DEVICES": "-1"}
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **hidden}


def train(contestant: str, example: str, *flags: str, gpu: bool = False) -> dict[str, Any]:
    """Trains an example in one way, in a process of its own; returns what was measured."""
    words = ("-m", "benchmarks.contestants", contestant, example, *flags)
    return _note(contestant, example, flags, json.loads(python(*words, gpu=gpu).answer))


def train_in_turn(
    contestants: tuple[str, ...], example: str, *flags: str, rounds: int
) -> list[dict[str, Any]]:
    """Trains an example in several ways, each in one process for all rounds, which take turns."""
    with ExitStack() as stack:
        processes = {}
        for contestant in contestants:
            words = ["-m", "benchmarks.contestants", contestant, example, *flags]
            processes[contestant] = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, *words, "--rounds", str(rounds)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=_environment(gpu=False),
                )
            )
            stack.callback(processes[contestant].kill)
        return [
            _note(contestant, example, flags, _ask(process))
            for _ in range(rounds)
            for contestant, process in processes.items()
        ]


def _ask(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    process.stdin.write("train\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        sys.exit(f"{process.args!r} has failed")
    return json.loads(line)


def _note(
    contestant: str, example: str, flags: tuple[str, ...], found: dict[str, Any]
) -> dict[str, Any]:
    print(f"{contestant:8}{example:20}{' '.join(flags):44}{found['seconds']:8.2f} s", flush=True)
    return {"contestant": contestant, "example": example, "flags": list(flags), **found}


def has(package: str) -> bool:
    """Returns whether a package is installed."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def ceiling() -> float:
    """Returns what the machine reaches now: GFLOP/s of a large float32 matrix product."""
    return float(python("-c", CEILING).answer)


def machine() -> dict[str, str]:
    """Returns what the measurements depend on besides the code."""
    return dict(json.loads(python("-c", MACHINE).answer))


class Memory:
    """The largest memory of this process's children and their children, all together.

    Pages that several of them share count once: Linux divides them among those who share them.
    """

    def __init__(self) -> None:
        self.peak_mib: float | None = None  # where it cannot be measured

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Looks at it several times a second within a block."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(PERIOD):
                self.peak_mib = max(self.peak_mib or 0.0, _together(os.getpid()))

        watcher = threading.Thread(target=watch)
        if Path("/proc/self/smaps_rollup").exists():
            watcher.start()
        try:
            yield
        finally:
            ended.set()
            if watcher.ident:
                watcher.join()


def _together(parent: int) -> float:
    """Returns the memory of all processes that come from one, in MiB, but not its own."""
    total = 0
    for child in _children(parent):
        try:
            lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _children(parent: int) -> Iterator[int]:
    for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            children = [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _children(child)
