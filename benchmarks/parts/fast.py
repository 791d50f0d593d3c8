"""Seconds to 99%: the fast recipe of the CNN for five seeds, the article's for some of them."""

from __future__ import annotations

import argparse
import itertools
import statistics
from pathlib import Path
from typing import Any

from benchmarks.processes import train
from benchmarks.tables import Measurement, repeat, seconds, spread, table

SEEDS = 5
GOAL = 0.99
HEAD = [
    "Recipe",
    "Epochs",
    "Seconds",
    "Test accuracy",
    "Seeds that reach 0.99",
    "Seconds to 0.99",
]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """A run for each seed."""
    if "mnist-cnn" not in options.examples:
        return []
    return [
        train("runner", "mnist-cnn", *flags, "--seed", str(seed))
        for seed in range(SEEDS)
        for flags in (["--fast"], [])
        if flags or seed < options.sweep_repeats
    ]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns the seconds to 99% by the fast recipe."""
    mine = [run for run in runs if "--fast" in run["flags"]]
    reached = [spent for spent in map(_to_goal, mine) if spent is not None]
    if not reached:
        return "- `--fast` takes the CNN to 99% for none of the seeds."
    return (
        f"- `--fast` takes the CNN to 99% in {statistics.median(reached):.1f} s, for "
        f"{len(reached)} of {len(mine)} seeds."
    )


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the table of both recipes."""
    rows = []
    for fast in (True, False):
        mine = [run for run in runs if ("--fast" in run["flags"]) == fast]
        if not mine:
            continue
        finals = [run["val_accuracy"] for run in mine]
        reached = [spent for spent in map(_to_goal, mine) if spent is not None]
        rows.append(
            [
                "`--fast`" if fast else "the article's",
                str(len(mine[0]["epochs"])),
                spread(seconds(mine)),
                f"{statistics.median(finals):.4f} ({min(finals):.4f}–{max(finals):.4f})",
                f"{len(reached)} of {len(mine)}",
                spread(reached) if reached else "—",
            ]
        )
    return (
        "## How quickly can the CNN get to 99%?\n\nThe same network, a run for each seed.\n\n"
        f"{table(HEAD, rows)}\n\n{repeat('fast', runs[0])}"
    )


def _to_goal(run: Measurement) -> float | None:
    """Returns the seconds to the end of the first epoch that reaches the goal, or None."""
    ends = list(itertools.accumulate(run["epochs"]))
    accuracies = run.get("val_accuracies") or [0.0] * (len(ends) - 1) + [run["val_accuracy"]]
    return next((end for end, value in zip(ends, accuracies, strict=True) if value >= GOAL), None)
