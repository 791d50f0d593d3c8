"""Whole processes: the command against a plain script, imports and all."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import python
from benchmarks.tables import (
    Measurement,
    examples,
    listed,
    of,
    ratios,
    seconds,
    spread,
    table,
    times,
)

HEAD = [
    "Example",
    "Plain script, s",
    "`keras-examples run`, s",
    "The command is faster by",
    "Peak memory, plain, MiB",
    "the command, MiB",
]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Both from the start of Python to its end."""
    measured = []
    for example in options.examples:
        for _ in range(options.long_repeats):
            for contestant in ("plain", "runner"):
                with tempfile.TemporaryDirectory() as folder:
                    done = python(*_words(contestant, example, folder))
                print(f"{contestant:8}{example:20}whole process {done.seconds:38.2f} s", flush=True)
                measured.append(
                    {
                        "contestant": contestant,
                        "example": example,
                        "seconds": done.seconds,
                        "peak_mib": done.peak_mib,
                    }
                )
    return measured


def _words(contestant: str, example: str, folder: str) -> list[str]:
    if contestant == "plain":
        return ["-m", "benchmarks.script", example, f"{folder}/model.keras"]
    return ["-m", "keras_examples", "run", example, "--plots", folder, "--runs", folder]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns how much faster the command is."""
    faster = [f"{one} {statistics.median(ratios(runs, one)):.1f}×" for one in examples(runs)]
    return f"- As whole processes, imports and all: {listed(faster)}."


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the table of whole processes."""
    rows = []
    for example in examples(runs):
        sides = [of(runs, contestant=who, example=example) for who in ("plain", "runner")]
        rows.append(
            [
                example,
                *(spread(seconds(side)) for side in sides),
                times(ratios(runs, example)),
                *(f"{statistics.median(run['peak_mib'] for run in side):.0f}" for side in sides),
            ]
        )
    return (
        "## Whole processes\n\nFrom the start of Python to its end. The plain script imports, "
        "loads, trains by `fit` with validation and saves the model; the command also writes "
        "checkpoints, draws the figures and writes its records. Both train the GAN's judge. Memory "
        "is that of the largest process.\n\n"
        f"{table(HEAD, rows)}\n\n"
        "Repeat it by `python -m benchmarks --part whole`, or one run of it by "
        f"`python -m benchmarks.script {rows[0][0]} model.keras` and "
        f"`keras-examples run {rows[0][0]}`."
    )
