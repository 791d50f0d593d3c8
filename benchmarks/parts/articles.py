"""The main table: the plain script against the runner, training alone."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from benchmarks.arithmetic import FLOPS, SAMPLES
from benchmarks.processes import train
from benchmarks.tables import (
    Measurement,
    examples,
    listed,
    of,
    ratios,
    repeat,
    seconds,
    spread,
    table,
    times,
)

HEAD = [
    "Example",
    "Plain script, s",
    "Runner, s",
    "Runner is faster by",
    "Share of the ceiling",
    "Peak memory, plain, MiB",
    "runner, MiB",
]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The recipes in full: the plain script against the runner."""
    return [
        train(contestant, example)
        for example in options.examples
        for _ in range(options.repeats)
        for contestant in ("plain", "runner")
    ]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns how much faster the runner trains, and how near it comes to the ceiling."""
    faster = [
        f"{example} {statistics.median(ratios(runs, example)):.1f}× "
        f"({_percent(_share(runs, example, ceiling))} of the ceiling)"
        for example in examples(runs)
    ]
    return f"- Training, the runner is faster than the plain script by: {listed(faster)}."


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the main table."""
    rows = []
    for example in examples(runs):
        plain, fast = (of(runs, contestant=who, example=example) for who in ("plain", "runner"))
        rows.append(
            [
                example,
                spread(seconds(plain)),
                spread(seconds(fast)),
                times(ratios(runs, example)),
                _percent(_share(runs, example, ceiling)),
                *(
                    f"{statistics.median(run['peak_mib'] for run in who):.0f}"
                    for who in (plain, fast)
                ),
            ]
        )
    return (
        "## The recipes\n\nThe plain script (Keras's `fit` on NumPy arrays) against the runner: "
        "the same model, optimizer, batch size and number of steps. The ratio is the median of "
        "the pairs that ran one after the other.\n\n"
        f"{table(HEAD, rows)}\n\n"
        "The share of the ceiling is the arithmetic of training, counted from the layers' shapes, "
        "divided by the seconds, of what one large matrix product reaches on the same machine at "
        f"the same time ({ceiling:.0f} GFLOP/s). No training reaches 100%: its matrix products are "
        "small, pooling, activations and the optimizer wait for memory instead of computing, and "
        f"validation and compiling take time but do not count. {repeat('articles', runs[-1])}"
    )


def _share(runs: list[Measurement], example: str, ceiling: float) -> float:
    fast = of(runs, contestant="runner", example=example)
    work = FLOPS[example] * SAMPLES[example] * len(fast[0]["epochs"])
    return work / statistics.median(seconds(fast)) / 1e9 / ceiling


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "below 1%"
