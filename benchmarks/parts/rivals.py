"""A few epochs by each framework that is installed."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from benchmarks.contestants import ARTICLES, CONTESTANTS
from benchmarks.processes import has, train
from benchmarks.tables import (
    NAMES,
    Measurement,
    examples,
    later,
    listed,
    of,
    repeat,
    seconds,
    spread,
    table,
)

SIZES = {
    "fashion-mnist-ffn": ["--epochs", "4"],
    # XLA's convolutions on the CPU would take minutes for a whole epoch.
    "mnist-cnn": ["--epochs", "3", "--samples", "6000"],
    "sine-rnn": [],
}


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The articles' networks."""
    installed = [name for name in CONTESTANTS if name in ("plain", "runner") or has(name)]
    return [
        train(contestant, example, *SIZES[example])
        for example in options.examples
        if example in ARTICLES
        for _ in range(options.sweep_repeats)
        for contestant in installed
    ]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns how the others' epochs compare to the runner's."""
    parts = []
    for who in _contestants(runs):
        if who in ("plain", "runner"):
            continue
        each = []
        for example in examples(runs):
            theirs, own = (
                statistics.median(map(later, of(runs, contestant=name, example=example)))
                for name in (who, "runner")
            )
            each.append(f"{example} {theirs / own:.2f}×")
        parts.append(f"{NAMES[who]} takes {listed(each)}")
    if not parts:
        return ""
    return f"- For epochs after the first, of the runner's seconds {'; '.join(parts)}."


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the table of all contestants."""
    contestants = _contestants(runs)
    rows = []
    for example in examples(runs):
        own = {who: of(runs, contestant=who, example=example) for who in contestants}
        epochs = {who: [later(run) for run in own[who]] for who in contestants}
        flags = " ".join(own["runner"][0]["flags"])
        rows += _rows(example, flags, epochs)
        rows += _rows("", "whole training", {who: seconds(own[who]) for who in contestants})
    return (
        "## Beside PyTorch and JAX\n\nMilliseconds an epoch, validation included, of epochs after "
        "the first, which traces and compiles; then those of the whole training with it. The "
        "runner writes its checkpoints meanwhile. PyTorch runs eagerly with fused Adam, JAX "
        "compiles a whole epoch into one scan.\n\n"
        + table(["Example", "", *(f"{NAMES[who]}, ms" for who in contestants)], rows)
        + f"\n\n{repeat('rivals', runs[-1])}"
    )


def _contestants(runs: list[Measurement]) -> list[str]:
    return list(dict.fromkeys(run["contestant"] for run in runs))


def _rows(example: str, what: str, found: dict[str, list[float]]) -> list[list[str]]:
    runner = statistics.median(found["runner"])
    relative = [f"{statistics.median(values) / runner:.2f}×" for values in found.values()]
    return [
        [example, what, *(spread(values, 1000) for values in found.values())],
        ["", "relative to the runner", *relative],
    ]
