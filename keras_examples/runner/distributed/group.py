"""Strategies of `tf.distribute`, and what the processes that train under one tell one another.

Each worker of many runs the same program on the same data. What one of them alone knows, such as
that Ctrl-C was pressed, or what is in the chief's checkpoint, it has to tell the others.
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

from keras_examples.core import InputError, RunError
from keras_examples.runner.distributed.cluster import Cluster, meet, read_tf_config
from keras_examples.runner.distributed.private import report_lost_worker

# What is left of a minute when starting TensorFlow's own servers has taken its time.
CONNECT_SECONDS = 50


@dataclass(frozen=True)
class WorkerGroup:
    """The processes that train one model together, as one of them sees it.

    All of them have to call the methods in the same order, for each waits for the others' calls.

    Args:
        strategy: The strategy to build and train the model under.
        workers: The processes; None for this one alone.
    """

    strategy: Any
    workers: Cluster | None = None

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that saves and draws."""
        return self.workers is None or self.workers.is_chief

    def all_gather(self, data: bytes) -> list[bytes]:
        """Returns what each worker has given, the chief's first.

        Args:
            data: What this worker gives.
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
        # Where one has a byte the others have 0. Any device adds float32, and bytes in it exactly.
        total = self.strategy.reduce("SUM", tf.constant(numbers, tf.float32), axis=None)
        return np.asarray(total.numpy().astype(np.uint8))

    def any(self, flag: bool) -> bool:
        """Returns whether the flag of any worker is set."""
        return b"\1" in self.all_gather(bytes([flag]))

    def broadcast(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns the chief's arrays on every worker, to the bit.

        Args:
            arrays: The chief's arrays of any types and shapes; what other workers give is not used.
        """
        packed = io.BytesIO()
        if self.is_chief:
            np.savez(packed, *arrays)
        with np.load(io.BytesIO(self.all_gather(packed.getvalue())[0])) as unpacked:
            return [unpacked[name] for name in unpacked.files]

    def check_same(self, task: str) -> None:
        """Ends all the workers alike unless they have the same task.

        Args:
            task: The task in words: the example, its options, the digest of its data.

        Raises:
            InputError: Another worker has another task than the chief.
        """
        tasks = [one.decode() for one in self.all_gather(task.encode())]
        for index, other in enumerate(tasks):
            if self.workers is not None and other != tasks[0]:
                raise InputError(
                    f"{self.workers.describe(index)} was given {other!r}, but "
                    f"{self.workers.describe(0)} {tasks[0]!r}. Start all the workers with the "
                    "same command, on the same data."
                )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Turns the loss of another worker in the block into an error that names it.

        TensorFlow ends what waits for a worker that ended at once, and for one that no longer
        answers after 10 seconds.

        Raises:
            RunError: Another worker is gone.
        """
        try:
            yield
        except tf.errors.OpError as error:
            if self.workers is None or "Collective ops is aborted" not in str(error):
                raise
            raise RunError(
                f"{_find_gone(self.workers, str(error))} is gone or does not answer any more. "
                "Start all the workers again, with --resume to go on from the last checkpoint."
            ) from error


@functools.cache  # TensorFlow connects a process with others once
def connect(kind: str) -> WorkerGroup:
    """Makes a strategy, and waits for the other workers if it is one of many.

    Call it before anything else makes TensorFlow start, or it starts without the others.

    Args:
        kind: `"mirrored"` for all devices of this machine, GPUs if it has any; `"multi-worker"` for
            the workers of the environment variable TF_CONFIG.

    Returns:
        The group.

    Raises:
        InputError: TF_CONFIG is wrong.
        RunError: Others have not started in time. One that starts and dies before TensorFlow has
            connected to it ends the process instead, after `CONNECT_SECONDS`, with exit code 1.
    """
    if kind == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return WorkerGroup(tf.distribute.MirroredStrategy([device.name for device in devices]))
    workers = read_tf_config()
    meet(workers)
    # A worker that dies right now leaves the others waiting in C++, where no Python gets through.
    faulthandler.dump_traceback_later(CONNECT_SECONDS, exit=True)
    try:
        return WorkerGroup(tf.distribute.MultiWorkerMirroredStrategy(), workers)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _find_gone(workers: Cluster, message: str) -> str:
    """Tells which worker is gone by TensorFlow's message, and passes it on to the others."""
    # Who reports is not gone, unless it is named as such as well. The cause comes first.
    gone = workers.first_named(re.sub(r"Error reported from \S+: ", "", message))
    if gone is None and "CoordinationService" in message:
        gone = 0  # the chief, which keeps the list of who is there
    if gone:
        # Or else those who wait for this worker would take it for the one that is gone. The chief
        # would pass it on; where it is gone itself the others notice, and telling it would hang.
        report_lost_worker(list(workers.addresses)[gone])
    return "another worker" if gone is None else workers.describe(gone)
