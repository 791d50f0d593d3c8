"""Start-up: from the command to the first step, beside the import of TensorFlow alone."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.processes import Done, python
from benchmarks.tables import Measurement, examples, of, spread, table

# Runs the command until the first step has been taken, and prints what took how long since the time
# given. What is imported is written to stderr, so nothing may hold that back.
FIRST_STEP = """
import contextlib, json, os, runpy, sys, time
from keras_examples.core.threads import prepare

prepare()
from keras_examples.core import console
from keras_examples.runner import clock

since = float(sys.argv.pop(1))

class Clock(clock.Clock):
    @contextlib.contextmanager
    def __call__(self, name):
        with super().__call__(name):
            yield
        if name == "compile":
            total = time.time() - since
            print(json.dumps({**self.seconds(), "total": total}), flush=True)
            sys.stderr.flush()
            os._exit(0)

clock.Clock = Clock
console.hold_stderr = lambda: None
runpy.run_module("keras_examples", run_name="__main__", alter_sys=True)
"""
ALONE = "import tensorflow, keras"
SHORT = "sine-rnn"  # whose whole run is little more than its start
MODULE = "keras_examples.sine_rnn"
PARTS = ("imports", "data", "build", "compile")
IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)$", re.MULTILINE)
FRAMEWORKS = ("tensorflow", "keras")
TOP = 10


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Each example to its first step, a short one to its end, and what is imported for it."""
    measured: list[dict[str, Any]] = []
    for example in options.examples:
        for _ in range(options.repeats):
            alone = python("-c", "import tensorflow").seconds
            spent = json.loads(_first_step(example).answer)
            first = spent.pop("total")
            row = {"example": example, "tensorflow": alone, "first_step": first}
            for part in PARTS[1:]:
                row[part] = spent.get(part, 0.0)
            row["imports"] = first - sum(row[part] for part in PARTS[1:])
            if example == SHORT:
                row["whole"] = _whole()
            print(f"startup {example:20}{first:8.2f} s  TensorFlow alone {alone:.2f} s", flush=True)
            measured.append(row)
    if SHORT in options.examples:
        measured.append({"modules": _imports()})
    return measured


def _first_step(example: str, *flags: str) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", example, "--plots", folder, "--runs", folder]
        return python(*flags, "-c", FIRST_STEP, str(time.time()), *words)


def _whole() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return python("-m", MODULE, "--plots", folder, "--runs", folder).seconds


def _imports() -> dict[str, dict[str, float]]:
    """Returns seconds by package: of TensorFlow and Keras alone, and of what else is imported."""
    alone = _own(python("-X", "importtime", "-c", ALONE))
    example = _own(_first_step(SHORT, "-X", "importtime"))
    besides = {name: spent for name, spent in example.items() if name not in alone}
    return {"alone": _by_package(alone), "besides": _by_package(besides)}


def _own(done: Done) -> dict[str, float]:
    """Returns the seconds of each module itself, without those of what it imports."""
    return {name: int(spent) / 1e6 for spent, name in IMPORTED.findall(done.stderr)}


def _by_package(modules: dict[str, float]) -> dict[str, float]:
    spent: dict[str, float] = {}
    for name, own in modules.items():
        package = name.partition(".")[0]
        spent[package] = spent.get(package, 0.0) + own
    return spent


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns nothing: what matters of it is in the whole processes."""
    return ""


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the seconds to the first step, and what is imported for it."""
    timed = [run for run in runs if "example" in run]
    rows = []
    for example in examples(timed):
        own = of(timed, example=example)
        first = [run["first_step"] for run in own]
        more = [
            total - run["compile"] - run["tensorflow"]
            for total, run in zip(first, own, strict=True)
        ]
        parts = [[run[part] for run in own] for part in ("tensorflow", *PARTS)]
        whole = [run["whole"] for run in own if "whole" in run]
        rows.append(
            [
                example,
                *map(spread, [*parts, first, more]),
                spread(whole) if whole else "—",
            ]
        )
    head = [
        "Example",
        "`import tensorflow` alone, s",
        "Python and all imports, s",
        "Data, s",
        "Building, s",
        "Tracing and compiling the first step, s",
        "To the end of the first step, s",
        "of which besides importing TensorFlow and tracing, s",
        "To the end of the process, s",
    ]
    return (
        "## Start-up\n\nFrom `keras-examples run NAME` to the end of the first training step, and "
        f"from `python -m {MODULE}` to the end of the process. `import tensorflow` alone ran in "
        "turn with it; what there is besides may be negative, for the two imports are of different "
        "processes.\n\n"
        f"{table(head, rows)}\n\n"
        + "".join(f"{_imported(run['modules'])}\n\n" for run in runs if "modules" in run)
        + "Repeat it by `python -m benchmarks --part startup`."
    )


def _imported(modules: dict[str, dict[str, float]]) -> str:
    alone, besides = modules["alone"], modules["besides"]
    both = {name: alone.get(name, 0.0) + besides.get(name, 0.0) for name in {**alone, **besides}}
    rest = sorted(both.keys() - {*FRAMEWORKS}, key=lambda name: -both[name])
    groups = {f"`{name}`": [name] for name in [*FRAMEWORKS, *rest[:TOP]]}
    groups[f"{len(rest[TOP:])} more"] = rest[TOP:]
    groups["all"] = list(both)
    rows = [
        [
            label,
            *(f"{1000 * sum(side.get(one, 0) for one in names):.0f}" for side in (alone, besides)),
        ]
        for label, names in groups.items()
    ]
    head = ["Package", f"`{ALONE}` alone, ms", f"{SHORT} besides, until its first step, ms"]
    return (
        "What is imported, by package, each with the time of its own modules alone, as "
        "`-X importtime`, which itself takes some of it, has measured it once:\n\n"
        + table(head, rows)
    )
