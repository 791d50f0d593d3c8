"""The workers that train together, read from the environment variable TF_CONFIG.

TensorFlow reads TF_CONFIG too, but with a wrong one it waits an hour for workers that do not exist,
and ignores even Ctrl-C. So the workers connect to one another here first, without TensorFlow.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from keras_examples.core import InputError, RunError
from keras_examples.core.files import reason

ADDRESS = re.compile(r"[^\s:/]+:(\d{1,5})|\[[0-9a-fA-F:.]+\]:(\d{1,5})")
TASK = re.compile(r"(/job:\w+)(?:/replica:0)?(/task:\d+)")
# Long enough to start each of the workers by hand.
START_SECONDS = 120
EXAMPLE = (
    '\'{"cluster": {"worker": ["10.0.0.1:12345", "10.0.0.2:12345"]}, '
    '"task": {"type": "worker", "index": 0}}\''
)


@dataclass(frozen=True)
class Cluster:
    """The workers that train together, and which of them this process is.

    Args:
        addresses: Their addresses, `host:port`, by TensorFlow's names for them; the chief's first.
        index: Number of this process in `addresses`.
    """

    addresses: Mapping[str, str]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that saves and draws."""
        return self.index == 0

    def describe(self, index: int) -> str:
        """Returns a worker's name and address, such as `worker 1 (10.0.0.2:12345)`."""
        task, address = list(self.addresses.items())[index]
        return f"{task.replace('/task:', ' ').removeprefix('/job:')} ({address})"

    def first_named(self, message: str) -> int | None:
        """Returns the number of the first of the other workers that a message names, if any.

        Args:
            message: A message of TensorFlow, which calls a worker `/job:worker/replica:0/task:1`.
        """
        numbers = {task: index for index, task in enumerate(self.addresses)}
        named = (numbers.get(job + task) for job, task in TASK.findall(message))
        return next((index for index in named if index not in (None, self.index)), None)


def read_tf_config(given: str | None = None) -> Cluster:
    """Reads the workers from TF_CONFIG.

    Args:
        given: The text of TF_CONFIG; the environment variable's by default.

    Returns:
        The workers.

    Raises:
        InputError: It is missing, or not what TensorFlow expects for training.
    """
    given = os.environ.get("TF_CONFIG") if given is None else given
    if not given:
        _reject("is not set", "没有设置")
    try:
        config = json.loads(given)
    except (ValueError, RecursionError):
        _reject(f"is not JSON: {given[:60]!r}", f"不是 JSON：{given[:60]!r}")
    tasks = config.get("cluster") if isinstance(config, dict) else None
    if not isinstance(tasks, dict) or not tasks:
        _reject(
            'has no "cluster" with the addresses of the workers',
            '没有写着各个 worker 地址的 "cluster"',
        )
    if others := sorted(set(tasks) - {"chief", "worker"}):
        _reject(
            f'has a "{others[0]}" in its cluster, where only "chief" and "worker" train',
            f'的 cluster 中有 "{others[0]}"，而参与训练的只有 "chief" 和 "worker"',
        )
    addresses: dict[str, str] = {}
    for job in sorted(tasks):  # the chief, if there is one, before the workers
        for index, address in enumerate(_addresses(job, tasks[job])):
            if address in addresses.values():
                _reject(f"has the address {address!r} twice", f"中地址 {address!r} 出现了两次")
            addresses[f"/job:{job}/task:{index}"] = address
    return Cluster(addresses, _index(config.get("task"), addresses))


def _addresses(job: str, addresses: Any) -> list[str]:
    if not isinstance(addresses, list) or not addresses:
        _reject(f'has no list of addresses as its "{job}"', f'的 "{job}" 不是地址列表')
    if job == "chief" and len(addresses) > 1:
        _reject(
            f"has {len(addresses)} chiefs, where only one is allowed",
            f"有 {len(addresses)} 个 chief，而只允许有一个",
        )
    for address in addresses:
        match = ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if not match or not 0 < int(match[1] or match[2]) < 65536:
            _reject(
                f"has {address!r} as the address of a {job}, not host:port",
                f"中 {job} 的地址是 {address!r}，应为 host:port",
            )
    return addresses


def _index(task: Any, addresses: Mapping[str, str]) -> int:
    task = task if isinstance(task, dict) else {}
    job, index = task.get("type"), task.get("index")
    name = f"/job:{job}/task:{index}"
    if type(index) is not int or name not in addresses:
        tasks = [one.replace("/task:", " ").removeprefix("/job:") for one in addresses]
        _reject(
            f"says that this process is task {job!r} {index!r}, but its cluster has "
            + ", ".join(tasks),
            f"说本进程是任务 {job!r} {index!r}，但其 cluster 中只有 {'、'.join(tasks)}",
        )
    return list(addresses).index(name)


def _reject(en: str, zh: str) -> NoReturn:
    raise InputError(
        f"the environment variable TF_CONFIG {en}. Set it for each worker, with the same "
        f"cluster and the worker's own task, such as TF_CONFIG={EXAMPLE}",
        f"环境变量 TF_CONFIG {zh}。请为每个 worker 设置它：cluster 相同，task 各不相同，"
        f"例如 TF_CONFIG={EXAMPLE}",
    )


def meet(workers: Cluster, seconds: float = START_SECONDS) -> None:
    """Waits until all the workers have started.

    Each listens on its own port, where TensorFlow will listen next, and tries to reach the others.

    Args:
        workers: The workers.
        seconds: How long to wait.

    Raises:
        InputError: This worker cannot listen on its own port.
        RunError: Others have not started in time.
    """
    deadline = time.monotonic() + seconds
    missing = [index for index in range(len(workers.addresses)) if index != workers.index]
    places = [_host_and_port(address) for address in workers.addresses.values()]
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        server = socket.create_server(
            ("", places[workers.index][1]), family=family, dualstack_ipv6=both
        )
    except OSError as error:
        own, why = workers.describe(workers.index), reason(error)
        raise InputError(
            f"{own}, which this process is by TF_CONFIG, cannot listen on its port: {why.en}. "
            "Choose another port, in the TF_CONFIG of all workers.",
            f"按 TF_CONFIG，本进程是 {own}，但无法监听它的端口：{why.zh}。"
            "请在所有 worker 的 TF_CONFIG 中另选一个端口。",
        ) from None
    with server:
        while missing := [index for index in missing if not _is_listening(places[index])]:
            if time.monotonic() > deadline:
                names = [*map(workers.describe, missing)]
                raise RunError(
                    f"{', '.join(names)} did not start within {seconds:g} s. Start all the "
                    "workers, and check that they can reach one another.",
                    f"{'、'.join(names)} 没有在 {seconds:g} 秒内启动。"
                    "请启动所有的 worker，并确认它们能互相连通。",
                )
            time.sleep(0.2)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _is_listening(place: tuple[str, int]) -> bool:
    try:
        socket.create_connection(place, timeout=2).close()
    except OSError:
        return False
    return True
