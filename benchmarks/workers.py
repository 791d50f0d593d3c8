"""Measures what a training step costs one process, and two that share it.

    python -m benchmarks.workers            # about four minutes on two cores
    python -m benchmarks.workers --report   # only print the tables anew

Each process has one core to itself, so two have twice the machine of one. One process trains as the
runner does by itself; two talk over 127.0.0.1, as `--strategy multi-worker` does over a network.
One and two take turns. Set KERAS_EXAMPLES_DATA to the real data first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

BATCH_SIZES = (32, 128, 512, 1024)
# Samples of a timed call: about half a second by one core.
SAMPLES = {"fashion-mnist-ffn": 20480, "mnist-cnn": 2048}
CALLS = 5
REDUCTIONS = 200
# What other processes may use, of one core, for a measurement to count.
OTHERS = 0.06
ATTEMPTS = 20
QUIET_SECONDS = 120
NETWORKS = {"1 Gbit/s": 1e9 / 8, "10 Gbit/s": 1e10 / 8}  # bytes a second

Measured = dict[str, Any]


def main() -> None:
    """Measures, stores what was measured, and prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="times one and two take turns")
    parser.add_argument("--report", action="store_true", help="only print the tables anew")
    parser.add_argument("--core", type=int, help=argparse.SUPPRESS)  # this is one that trains
    parser.add_argument("--example", choices=SAMPLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.core is not None:
        work(options.core, options.example)
        return
    store = Path(__file__).parent / "workers.json"
    if not options.report:
        store.write_text(json.dumps(measure(options.repeats), indent=1) + "\n")
    print(tables(json.loads(store.read_text())))


def measure(repeats: int) -> Measured:
    """Returns the machine and all measurements.

    Args:
        repeats: How often one process and two take turns.
    """
    from benchmarks import processes

    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("This takes two cores.")
    rows = []
    for repeat in range(repeats):
        for example in SAMPLES:
            for count in (1, 2):
                found = _undisturbed(example, cores[:count])
                rows += [{"repeat": repeat, "workers": count, **row} for row in found]
    return {"machine": processes.machine(), "steps": rows}


def _undisturbed(example: str, cores: list[int]) -> list[Measured]:
    """Returns what was measured while nothing else had more than a little of the machine."""
    for _ in range(ATTEMPTS):
        _wait_for_quiet()
        before = _busy(), _of_children(), time.perf_counter()
        rows = _together(example, cores)
        after = _busy(), _of_children(), time.perf_counter()
        busy, own, wall = (b - a for a, b in zip(before, after, strict=True))
        others = (busy - own) / wall
        print(
            f"{example} by {len(cores)}: {wall:.0f} s, others {others:.1%} of a core",
            file=sys.stderr,
            flush=True,
        )
        if others < OTHERS:
            return [{**row, "others": round(others, 4)} for row in rows]
    sys.exit("The machine has too much else to do.")


def _wait_for_quiet() -> None:
    """Waits for two seconds in which nothing else has more than a little of the machine."""
    for _ in range(QUIET_SECONDS // 2):
        before = _busy()
        time.sleep(2)
        if _busy() - before < 2 * OTHERS:
            return


def _busy() -> float:
    """Returns the seconds of all cores that anything has used since the machine has started."""
    fields = Path("/proc/stat").read_text().split()[1:9]
    user, nice, system, _, _, irq, soft, _ = map(int, fields)
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _together(example: str, cores: list[int]) -> list[Measured]:
    """Returns what the first of some processes has measured, one process on each core."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in cores]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    processes = []
    for index, core in enumerate(cores):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment.pop("TF_CONFIG", None)
        if len(cores) > 1:
            environment["TF_CONFIG"] = config
        command = [
            sys.executable,
            "-m",
            "benchmarks.workers",
            "--core",
            str(core),
            "--example",
            example,
        ]
        processes.append(
            subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        sys.exit(f"exit codes {[process.returncode for process in processes]}")
    return list(json.loads(said[0].splitlines()[-1]))


def work(core: int, example: str) -> None:
    """Measures as one of the processes; prints one line of JSON.

    Args:
        core: The core that the process has to itself.
        example: The example's name.
    """
    os.sched_setaffinity(0, {core})  # TensorFlow makes as many threads as it finds cores
    from keras_examples.runner.distributed import group

    workers = group.connect("multi-worker") if "TF_CONFIG" in os.environ else None
    print(json.dumps(list(_steps(example, workers))))


def _steps(name: str, workers: Any) -> Iterator[Measured]:
    """Yields the seconds of a step for each batch size."""
    from keras_examples.core import catalogue
    from keras_examples.runner.distributed.devices import ReplicatedDevices
    from keras_examples.runner.plain import epoch_order
    from keras_examples.runner.steps import Steps, make_variables
    from keras_examples.runner.ways import Way, choose

    example = catalogue.load(name)
    data = example.load(data="real", data_dir=None)
    x, y = data.x_train, data.y_train
    order = epoch_order(len(x), 0, 0)
    for size in BATCH_SIZES:
        model = example.build_model()
        make_variables(model, x, y)
        count = SAMPLES[name] // size
        row = {"example": name, "batch_size": size, "parameters": model.count_params()}
        if workers:
            devices = ReplicatedDevices(workers)
            shared = devices.learner(model, example.build_model, x, y)
            steps = devices.steps(shared, shared.train_step, x, y, size)
            yield row | {"xla": False, **_time(partial(steps, order, 0), count)}
            continue
        usual = choose(model, x, y, size, example.epochs * -(-len(x) // size))
        for way in {Way(), usual}:  # those who share the work do without XLA
            alone = Steps(model, model.train_step, x, y, size, way=way)
            seconds = _time(partial(alone, order, 0), count)
            yield row | {"xla": way.xla, "usual": way == usual, **seconds}
    if workers:
        reduce = _all_reduce(workers, shared)
        yield {"example": name, "all_reduce": True, **_time(reduce, REDUCTIONS)}


def _all_reduce(workers: Any, model: Any) -> Callable[[int], Any]:
    """Returns a function that adds up arrays of the size of all gradients, as often as asked."""
    import tensorflow as tf

    arrays = [tf.zeros(one.shape) for one in model.trainable_variables]

    def add_up() -> Any:
        return tf.distribute.get_replica_context().all_reduce("SUM", arrays)[-1]

    @tf.function(autograph=False)
    def repeat(times: tf.Tensor) -> tf.Tensor:
        def body(number: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            added = workers.strategy.experimental_local_results(workers.strategy.run(add_up))[0]
            return number + 1, total + added

        begin = (tf.constant(0), tf.zeros_like(arrays[-1]))
        loop = tf.while_loop(lambda n, _: n < times, body, begin, parallel_iterations=1)
        return loop[1]

    return lambda times: {"sum": repeat(tf.constant(times))}


def _time(take: Callable[[int], dict[str, Any]], count: int) -> Measured:
    """Returns the median seconds of one of the steps that a call takes many of."""
    found = []
    for _ in range(CALLS + 1):
        start = time.perf_counter()
        [value.numpy() for value in map(_tensor, take(count).values())]
        found.append((time.perf_counter() - start) / count)
    calls = found[1:]  # the first traces and compiles
    return {"seconds": statistics.median(calls), "calls": calls}


def _tensor(value: Any) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(value)


def tables(measured: Measured) -> str:
    """Returns Markdown of what was measured, and of what follows for two workers on networks.

    Args:
        measured: What `measure()` has returned.
    """
    rows = measured["steps"]
    facts = ", ".join(f"{name} {value}" for name, value in measured["machine"].items())
    parts = [f"Machine: {facts}."]
    networks = "".join(f" {name} |" for name in NETWORKS)
    table = [
        "| Example | Batch | One process, ms | Two, ms | Faster by | By the model |" + networks,
        "|---|---|---|---|---|---|" + "---|" * len(NETWORKS),
    ]
    for example in SAMPLES:
        mine = [row for row in rows if row["example"] == example]
        steps = [row for row in mine if "batch_size" in row]
        plain = {b: _seconds(steps, workers=1, batch_size=b, xla=False) for b in BATCH_SIZES}
        fixed, each = fit({size: statistics.median(found) for size, found in plain.items()})
        reduce = statistics.median(_seconds(mine, all_reduce=True))
        parameters = steps[0]["parameters"]
        wires = [4 * parameters / speed for speed in NETWORKS.values()]  # 2 (W - 1) / W is 1
        for size in BATCH_SIZES:
            one, two = (
                _seconds(steps, batch_size=size, **which)
                for which in ({"workers": 1, "usual": True}, {"workers": 2})
            )
            ratios = [a / b for a, b in zip(one, two, strict=True)]
            alone = statistics.median(one)
            computed = [
                f"{alone / (fixed + each * size / 2 + reduce + wire):.2f}×" for wire in [0, *wires]
            ]
            cells = [
                f"`{example}`",
                str(size),
                _spread(one, 1000),
                _spread(two, 1000),
                f"{_spread(ratios)}×",
                *computed,
            ]
            table.append(f"| {' | '.join(cells)} |")
        pays = [f"{2 * (reduce + wire) / each:.0f}" for wire in [0, *wires]]
        parts.append(
            f"{example}: {parameters} parameters, a = {fixed * 1e3:.3f} ms, "
            f"c = {each * 1e6:.2f} µs a sample, all-reduce on loopback {reduce * 1e3:.2f} ms, "
            f"on the wire {', '.join(f'{wire * 1e3:.2f} ms' for wire in wires)}; the saving "
            f"exceeds the all-reduce from batch size {', '.join(pays)} on."
        )
    return "\n\n".join([*parts, "\n".join(table)])


def fit(seconds: dict[int, float]) -> tuple[float, float]:
    """Returns a and c of the line a + c·b that is nearest to the seconds, relative to them.

    Args:
        seconds: Seconds of a step by batch size b.
    """
    import numpy as np

    sizes, values = np.array(list(seconds)), np.array(list(seconds.values()))
    left = np.stack([1 / values, sizes / values], axis=1)
    (fixed, each), *_ = np.linalg.lstsq(left, np.ones(len(values)), rcond=None)
    return max(0.0, float(fixed)), float(each)


def _seconds(rows: list[Measured], **which: Any) -> list[float]:
    return [
        row["seconds"]
        for row in rows
        if all(row.get(name) == value for name, value in which.items())
    ]


def _spread(values: list[float], scale: float = 1.0) -> str:
    low, middle, high = (
        scale * value for value in (min(values), statistics.median(values), max(values))
    )
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    main()
