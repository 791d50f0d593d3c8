"""The main table in a few minutes: a part of each recipe, and what follows for all of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.arithmetic import FLOPS, SAMPLES
from benchmarks.processes import train_in_turn
from benchmarks.tables import Measurement, examples, later, of, ratios, spread, table, times

# About a second an epoch of the plain script, with as large a share of the test images.
SIZES = {
    "fashion-mnist-ffn": ["--epochs", "3", "--samples", "15000", "--test-samples", "2500"],
    "mnist-cnn": ["--epochs", "3", "--samples", "3840", "--test-samples", "640"],
    "sine-rnn": ["--epochs", "40"],
    "self-attention": ["--epochs", "3", "--samples", "3840", "--test-samples", "640"],
    "mnist-gan": ["--epochs", "3", "--samples", "3840", "--test-samples", "640"],
}
HEAD = [
    "Example",
    "Measured with",
    "An epoch of it, plain, ms",
    "runner, ms",
    "faster by",
    "The recipe, plain, s",
    "runner, s",
    "faster by",
    "Share of the ceiling",
]


def measure(names: Sequence[str], repeats: int) -> list[dict[str, Any]]:
    """Returns pairs of the plain script and the runner, one after the other.

    Args:
        names: The examples.
        repeats: How many pairs of each.
    """
    return [
        run
        for example in names
        for run in train_in_turn(("plain", "runner"), example, *SIZES[example], rounds=repeats)
    ]


def report(measured: Sequence[Measurement], ceiling: float) -> str:
    """Returns the table and what it is of."""
    runs = [{**run, "epoch": later(run), "recipe": _recipe(run)} for run in measured]
    rows = []
    for example in examples(runs):
        sides = [of(runs, contestant=who, example=example) for who in ("plain", "runner")]
        recipe = statistics.median(run["recipe"] for run in sides[1])
        work = FLOPS[example] * SAMPLES[example] * sides[0][0]["recipe_epochs"]
        rows.append(
            [
                example,
                " ".join(sides[0][0]["flags"]),
                *(spread([run["epoch"] for run in side], 1000) for side in sides),
                times(ratios(runs, example, "epoch")),
                *(spread([run["recipe"] for run in side]) for side in sides),
                times(ratios(runs, example, "recipe")),
                f"{work / recipe / 1e9 / ceiling:.1%}",
            ]
        )
    return (
        f"{table(HEAD, rows)}\n\n"
        "A quick look, by a part of each recipe's epochs and samples; the two took turns, each in "
        "one process. An epoch is one after the first, validation included. The seconds of the "
        "recipe are computed from it: what starting took, and all epochs with all samples. The "
        f"ceiling is {ceiling:.0f} GFLOP/s. One run of it: "
        f"`python -m benchmarks.contestants runner {rows[0][0]} {rows[0][1]}`."
    )


def _recipe(run: Measurement) -> float:
    """Returns the seconds of the whole recipe: starting, and all its epochs with all samples."""
    start = max(0.0, run["seconds"] - len(run["epochs"]) * later(run))
    given = dict(zip(run["flags"][::2], run["flags"][1::2], strict=True))
    share = int(given.get("--samples", SAMPLES[run["example"]])) / SAMPLES[run["example"]]
    return start + run["recipe_epochs"] * later(run) / share
