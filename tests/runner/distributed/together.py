"""Workers that train `line` together, processes on 127.0.0.1, or devices of one process."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from tests.runner.killed import PROCESSES, declare

# A worker that dies must be noticed within a minute.
NOTICED = 60


class Workers:
    """Starts as many workers as asked for, each with a folder of its own: `0` is the chief's.

    Args:
        root: Folder of their folders.
        count: How many.
    """

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
            for one in sockets:
                one.bind(("127.0.0.1", 0))
            self.addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
        self.processes: list[BaseProcess] = []

    def start(self, *arguments: str, own: dict[int, tuple[str, ...]] | None = None) -> None:
        """Starts them all with the same arguments, and arguments of some worker's own."""
        for index in range(len(self.addresses)):
            self.start_one(index, *arguments, *(own or {}).get(index, ()))

    def start_one(self, index: int, *arguments: str) -> None:
        """Starts one of them."""
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": self.addresses}, "task": task})
        process = PROCESSES.Process(
            target=work, args=(self.root / str(index), config, arguments), daemon=True
        )
        process.start()
        self.processes.append(process)

    def end(self, within: float = 120) -> list[int | None]:
        """Waits for them all; returns their exit codes, None for one that hangs."""
        for process in self.processes:
            process.join(within)
        codes = [process.exitcode for process in self.processes]
        self.kill()
        return codes

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    def said(self, index: int) -> tuple[str, str]:
        """Returns what a worker wrote to stdout and stderr."""
        folder = self.root / str(index)
        return (folder / "out").read_text(), (folder / "err").read_text()


def work(folder: Path, config: str, arguments: tuple[str, ...]) -> None:
    """Is a worker; the body of a process."""
    os.environ["TF_CONFIG"] = config
    command(folder, (*arguments, "--strategy", "multi-worker"))


def command(folder: Path, arguments: tuple[str, ...]) -> None:
    """Runs `line` by the command, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    declare(pytest.MonkeyPatch())
    from keras_examples.cli import main

    os.chdir(folder)
    raise SystemExit(main(["run", "line", *arguments]))


def mirrored(folder: Path, devices: int, arguments: tuple[str, ...]) -> None:
    """Trains on several logical devices; the body of a process."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * devices
    )
    command(folder, (*arguments, "--strategy", "mirrored"))


def alone(target: Callable[..., None], *arguments: Any) -> None:
    """Runs a function in a process of its own."""
    process = PROCESSES.Process(target=target, args=arguments, daemon=True)
    process.start()
    process.join(300)
    assert process.exitcode == 0
