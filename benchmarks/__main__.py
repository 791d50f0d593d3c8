"""Runs all contestants in turn and writes `benchmarks/README.md` and its figures.

    python -m benchmarks                # everything, about half an hour on two cores
    python -m benchmarks --repeats 1    # a quick look

Each run is a process of its own, one after the other; the contestants take turns within each
repetition, so that whatever else the machine does meets all of them alike. Set KERAS_EXAMPLES_DATA
to the real data first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.contestants import CONTESTANTS, EXAMPLES

SWEEPS: dict[str, dict[str, list[int]]] = {
    "fashion-mnist-ffn": {
        "epochs": [1, 2, 4],
        "batch-size": [16, 32, 64, 128, 256, 512, 1024],
        "samples": [3750, 15000, 30000],
    },
    "mnist-cnn": {
        "epochs": [1, 2],
        "batch-size": [16, 64, 256, 1024],
        "samples": [7500, 30000],
    },
}


def main() -> None:
    """Measures, and writes what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each contestant")
    parser.add_argument(
        "--sweep-repeats", type=int, default=3, help="runs of each point of a sweep"
    )
    parser.add_argument("--report", action="store_true", help="only write the page anew")
    parser.add_argument("--part", choices=("all", *PARTS), default="all")
    options = parser.parse_args()
    folder = Path(__file__).parent
    store = folder / "measured.json"
    if not options.report:
        measured = json.loads(store.read_text()) if store.exists() and options.part != "all" else {}
        measured |= measure(options)
        store.write_text(json.dumps(measured, indent=1) + "\n")
    report.write(json.loads(store.read_text()), folder)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Returns all measurements of the parts asked for."""
    chosen = PARTS if options.part == "all" else {options.part: PARTS[options.part]}
    measured: dict[str, Any] = {"machine": report.machine(), "ceiling": [_ceiling()]}
    for name, part in chosen.items():
        measured[name] = part(options)
        measured["ceiling"].append(_ceiling())
    return measured


def _articles(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The articles' recipes in full: the plain script against the runner."""
    return [
        _run(contestant, example)
        for example in EXAMPLES
        for _ in range(options.repeats)
        for contestant in ("plain", "runner")
    ]


def _rivals(options: argparse.Namespace) -> list[dict[str, Any]]:
    """A few epochs by each framework that is installed."""
    installed = [name for name in CONTESTANTS if name in ("plain", "runner") or _has(name)]
    sizes = {
        "fashion-mnist-ffn": ["--epochs", "4"],
        # XLA's convolutions on the CPU would take minutes for a whole epoch.
        "mnist-cnn": ["--epochs", "3", "--samples", "6000"],
        "sine-rnn": [],
    }
    return [
        _run(contestant, example, *sizes[example])
        for example in EXAMPLES
        for _ in range(options.sweep_repeats)
        for contestant in installed
    ]


def _sweeps(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Cost against work: epochs, batch sizes, numbers of training samples."""
    return [
        {"sweep": what, "value": value} | _run(contestant, example, *_point(what, value))
        for example, sweeps in SWEEPS.items()
        for what, values in sweeps.items()
        for value in values
        for _ in range(options.sweep_repeats)
        for contestant in ("plain", "runner")
    ]


def _point(what: str, value: int) -> list[str]:
    return [f"--{what}", str(value), *([] if what == "epochs" else ["--epochs", "1"])]


def _fast(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Seconds to 99%: the fast recipe for five seeds, the article's for some of them."""
    return [
        _run("runner", "mnist-cnn", "--seed", str(seed), *flags)
        for seed in range(5)
        for flags in (["--fast"], [])
        if flags or seed < options.sweep_repeats
    ]


# Runs the command, and prints the seconds to the end of the first step since the time given.
FIRST_STEP = """
import contextlib, sys, time
from keras_examples import cli
from keras_examples.runner import clock

class Clock(clock.Clock):
    @contextlib.contextmanager
    def __call__(self, name):
        global first
        with super().__call__(name):
            yield
        if name == "compile":
            first = time.time() - float(sys.argv[1])

clock.Clock = Clock
cli.main(sys.argv[2:])
print(first)
"""


def _startup(options: argparse.Namespace) -> list[dict[str, Any]]:
    """From the command to the first step, beside the import of TensorFlow alone."""
    measured = []
    for example in EXAMPLES:
        for _ in range(options.repeats):
            start = time.perf_counter()
            _python("-c", "import tensorflow; print(0)")
            alone = time.perf_counter() - start
            with tempfile.TemporaryDirectory() as folder:
                words = ["run", example, "--epochs", "1", "--plots", folder, "--runs", folder]
                total = float(_python("-c", FIRST_STEP, str(time.time()), *words))
                spent = json.loads((Path(folder) / example / "run.json").read_text())["seconds"]
            parts = {name: spent[name] for name in ("import", "data", "build", "compile")}
            before = {"python": total - sum(parts.values()), **parts}
            print(f"startup {example:20}{total:8.2f} s  TensorFlow alone {alone:.2f} s")
            measured.append({"example": example, "tensorflow": alone, **before})
    return measured


def _ceiling() -> float:
    """Returns what the machine reaches now: GFLOP/s of a large float32 matrix product."""
    code = (
        "import time, tensorflow as tf\n"
        "a = tf.random.normal((2048, 2048))\n"
        "multiply = tf.function(lambda: tf.linalg.matmul(a, a))\n"
        "multiply()\n"
        "best = 9e9\n"
        "for _ in range(10):\n"
        "    start = time.perf_counter(); multiply().numpy(); "
        "best = min(best, time.perf_counter() - start)\n"
        "print(2 * 2048**3 / best / 1e9)\n"
    )
    return float(_python("-c", code))


PARTS = {
    "articles": _articles,
    "rivals": _rivals,
    "sweeps": _sweeps,
    "fast": _fast,
    "startup": _startup,
}


def _run(contestant: str, example: str, *flags: str) -> dict[str, Any]:
    found = json.loads(_python("-m", "benchmarks.contestants", contestant, example, *flags))
    print(f"{contestant:8}{example:20}{' '.join(flags):32}{found['seconds']:8.2f} s", flush=True)
    return {"contestant": contestant, "example": example, "flags": list(flags), **found}


def _has(package: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _python(*arguments: str) -> str:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
