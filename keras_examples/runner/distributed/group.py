"""Strategies of `tf.distribute`, and the communication between processes that train under one.

All workers run the same program on the same data. What only one of them knows, such as that Ctrl-C
was pressed, or what is in the chief's checkpoint, it has to send to the others.
"""

from __future__ import annotations

import faulthandler
import functools
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_examples.core import InputError, RunError, Text
from keras_examples.runner.distributed.cluster import Cluster, meet, read_tf_config
from keras_examples.runner.distributed.private import report_lost_worker

# Together with the start of TensorFlow's own servers, about a minute.
CONNECT_SECONDS = 50


@dataclass(frozen=True)
class WorkerGroup:
    """The processes that train one model together.

    All of them have to call the methods in the same order, because each call waits for the others'.

    Args:
        strategy: The strategy to build and train the model under.
        workers: The processes; None if this one is alone.
    """

    strategy: Any
    workers: Cluster | None = None

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that saves and draws."""
        return self.workers is None or self.workers.is_chief

    def all_gather(self, data: bytes) -> list[bytes]:
        """Returns the data of each worker, the chief's first.

        Args:
            data: The data of this worker.
        """
        if self.workers is None or len(self.workers.addresses) == 1:
            return [data]
        index, count = self.workers.index, len(self.workers.addresses)
        lengths = np.zeros((count, 8), np.uint8)
        lengths[index] = np.frombuffer(len(data).to_bytes(8, "little"), np.uint8)
        edges = np.cumsum([0, *self._sum(lengths).view("<u8")[:, 0]], dtype=int)
        everything = np.zeros(edges[-1] + 1, np.uint8)  # TensorFlow cannot add up nothing at all
        everything[edges[index] : edges[index + 1]] = np.frombuffer(data, np.uint8)
        return [part.tobytes() for part in np.split(self._sum(everything)[:-1], edges[1:-1])]

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        # Where one has a byte the others have 0. Any device adds float32, which is exact for bytes.
        total = self.strategy.reduce("SUM", tf.constant(numbers, tf.float32), axis=None)
        return np.asarray(total.numpy().astype(np.uint8))

    def any(self, flag: bool) -> bool:
        """Returns whether the flag of any worker is set."""
        return b"\1" in self.all_gather(bytes([flag]))

    def broadcast(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns the chief's arrays on every worker, to the bit.

        Args:
            arrays: The chief's arrays, of any types and shapes; those of other workers are ignored.
        """
        packed = io.BytesIO()
        if self.is_chief:
            np.savez(packed, *arrays)
        with np.load(io.BytesIO(self.all_gather(packed.getvalue())[0])) as unpacked:
            return [unpacked[name] for name in unpacked.files]

    def check_same(self, task: str) -> None:
        """Raises the same error on all workers unless they have the same task.

        Args:
            task: The task in words: the example, its options, the digest of its data.

        Raises:
            InputError: A worker has another task than the chief.
        """
        tasks = [data.decode() for data in self.all_gather(task.encode())]
        for index, other in enumerate(tasks):
            if self.workers is not None and other != tasks[0]:
                chief, worker = self.workers.describe(0), self.workers.describe(index)
                raise InputError(
                    f"{worker} was given {other!r}, but {chief} {tasks[0]!r}. Start all the "
                    "workers with the same command, on the same data.",
                    f"{worker} 得到的是 {other!r}，而 {chief} 得到的是 {tasks[0]!r}。"
                    "请用同一条命令、同样的数据启动所有的 worker。",
                )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Raises an error that names the worker if another worker is lost within the block.

        TensorFlow stops waiting at once for a worker that has ended, and after 10 seconds for one
        that no longer responds.

        Raises:
            RunError: Another worker is gone.
        """
        try:
            yield
        except tf.errors.OpError as error:
            if self.workers is None or "Collective ops is aborted" not in str(error):
                raise
            lost = _find_lost(self.workers, str(error))
            raise RunError(
                f"{lost.en} is gone or no longer responds. Start all the workers again, with "
                "--resume to continue from the last checkpoint.",
                f"{lost.zh} 已经退出或不再响应。"
                "请重新启动所有的 worker，并加上 --resume，从最近的检查点继续。",
            ) from error


@functools.cache  # TensorFlow connects a process to others only once
def connect(kind: str) -> WorkerGroup:
    """Makes a strategy, and waits for the other workers if there are any.

    Call it before anything else initializes TensorFlow, which would leave out the others.

    Args:
        kind: `"mirrored"` for all devices of this machine, GPUs if it has any; `"multi-worker"` for
            the workers of the environment variable TF_CONFIG.

    Returns:
        The group.

    Raises:
        InputError: TF_CONFIG is wrong.
        RunError: Others have not started in time. If one starts and dies before TensorFlow has
            connected to it, this process exits after `CONNECT_SECONDS` with exit code 1 instead.
    """
    if kind == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return WorkerGroup(tf.distribute.MirroredStrategy([device.name for device in devices]))
    workers = read_tf_config()
    meet(workers)
    # If a worker dies now, the others wait in C++, where no Python code runs.
    faulthandler.dump_traceback_later(CONNECT_SECONDS, exit=True)
    try:
        return WorkerGroup(tf.distribute.MultiWorkerMirroredStrategy(), workers)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _find_lost(workers: Cluster, message: str) -> Text:
    """Describes the worker that TensorFlow's message is about, and reports it to the others."""
    # A worker that reports an error is not lost, unless it is also named. The cause comes first.
    lost = workers.first_named(re.sub(r"Error reported from \S+: ", "", message))
    if lost is None and "CoordinationService" in message:
        lost = 0  # the chief, which runs that service
    if lost:
        # Otherwise the workers that wait for this one would blame it. The report goes through the
        # chief: if that is lost itself, the others notice, and a report would hang.
        report_lost_worker(list(workers.addresses)[lost])
    if lost is None:
        return Text("another worker", "另一个 worker")
    return Text(workers.describe(lost), workers.describe(lost))
