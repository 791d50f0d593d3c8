"""`keras-examples run all`: seconds, and the memory of all its processes together."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import Memory, python
from benchmarks.tables import Measurement, of, seconds, spread, table


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """One after the other, and two side by side where the command can."""
    can = "--jobs" in python("-m", "keras_examples", "run", "--help").stdout
    names = ["all"] if options.everything else options.examples
    measured = []
    for _ in range(options.long_repeats):
        for jobs in (1, 2) if can else (1,):
            memory = Memory()
            with tempfile.TemporaryDirectory() as folder, memory.watching():
                words = ["run", *names, "--plots", folder, "--runs", folder]
                words += ["--jobs", str(jobs)] if can else []
                done = python("-m", "keras_examples", *words)
                spent = _spent(Path(folder))
            print(f"run {' '.join(names)} --jobs {jobs} {done.seconds:44.2f} s", flush=True)
            measured.append(
                {
                    "jobs": jobs,
                    "names": names,
                    "seconds": done.seconds,
                    "peak_mib": memory.peak_mib,
                    "examples": spent,
                }
            )
    return measured


def _spent(folder: Path) -> dict[str, float]:
    records = sorted(folder.glob("*/run.json"))
    return {one.parent.name: json.loads(one.read_text())["seconds"]["total"] for one in records}


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns what everything takes."""
    each = [
        f"{statistics.median(seconds(mine)):.0f} s with `--jobs {jobs}`{_memory(mine)}"
        for jobs, mine in _by_jobs(runs).items()
    ]
    return f"- `keras-examples run {' '.join(runs[0]['names'])}` takes {'; '.join(each)}."


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the seconds of everything, and of each example."""
    by_jobs = _by_jobs(runs)
    head = ["", *(f"`--jobs {jobs}`" for jobs in by_jobs)]
    rows = [["all, s", *(spread(seconds(mine)) for mine in by_jobs.values())]]
    peaks = ([run["peak_mib"] for run in mine] for mine in by_jobs.values())
    rows.append(["peak memory, MiB", *map(_median, peaks)])
    for name in sorted(runs[0]["examples"], key=lambda name: -runs[0]["examples"][name]):
        spent = ([run["examples"][name] for run in mine] for mine in by_jobs.values())
        rows.append([f"{name}, s", *map(spread, spent)])
    return (
        "## Everything\n\nThe seconds of an example are those of its `run.json`; memory is that of "
        "all processes together, where pages that they share count once (measure it where nothing "
        "else runs TensorFlow, for Linux divides them among all that have them).\n\n"
        f"{table(head, rows)}\n\n"
        "Repeat it by `python -m benchmarks --part run-all`, or one run of it by "
        f"`keras-examples run {' '.join(runs[0]['names'])}`."
    )


def _by_jobs(runs: list[Measurement]) -> dict[int, list[Measurement]]:
    return {jobs: of(runs, jobs=jobs) for jobs in sorted({run["jobs"] for run in runs})}


def _median(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.0f}" if known else "—"


def _memory(runs: list[Measurement]) -> str:
    median = _median([run["peak_mib"] for run in runs])
    return "" if median == "—" else f" and {median} MiB"
