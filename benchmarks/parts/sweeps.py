"""Cost against work: epochs, batch sizes, numbers of training samples."""

from __future__ import annotations

import argparse
import itertools
import statistics
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.arithmetic import SAMPLES
from benchmarks.processes import train
from benchmarks.tables import NAMES, Measurement, examples, of, repeat, seconds
from keras_examples.figures import style

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


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Each point by the plain script and by the runner."""
    return [
        {"sweep": what, "value": value} | train(contestant, example, *_point(what, value))
        for example, sweeps in SWEEPS.items()
        if example in options.examples
        for what, values in sweeps.items()
        for value in values
        for _ in range(options.sweep_repeats)
        for contestant in ("plain", "runner")
    ]


def _point(what: str, value: int) -> list[str]:
    return [f"--{what}", str(value), *([] if what == "epochs" else ["--epochs", "1"])]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns nothing: the sweeps explain the main table."""
    return ""


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Draws a figure of each example's sweeps; returns what it shows."""
    lines = []
    of_first = ("contestant", "example", "sweep", "value")
    repeats = sum(all(run[key] == runs[0][key] for key in of_first) for run in runs)
    each = (
        f"Each point is the median of {repeats} runs." if repeats > 1 else "Each point is one run."
    )
    with style.style():
        for example in examples(runs):
            mine = [run for run in runs if run["example"] == example]
            lines.append(f"![{example}: seconds against work]({example}.png)")
            figure, found = _draw(mine, example)
            figure.savefig(folder / f"{example}.png")
            lines += found
    return (
        "## Cost against work\n\nSeconds of training against epochs, batch size and number of "
        "samples; one epoch of 60,000 samples in batches of 32 where nothing else is said. "
        f"{each} Dashed is *seconds = start + step × steps + sample × samples*, fitted to all "
        "points. Dotted is the batch size at which a step costs as much as its samples: there "
        "overhead ends and arithmetic begins.\n\n"
        + "\n\n".join([*lines, repeat("sweeps", runs[-1])])
    )


def _draw(runs: list[Measurement], example: str) -> tuple[Figure, list[str]]:
    figure = style.new_figure(f"{example}: seconds against work", figsize=(11, 3.8))
    panels = {"epochs": "Epochs", "batch-size": "Batch size", "samples": "Training samples"}
    fits = {who: _fit(of(runs, contestant=who, example=example)) for who in ("plain", "runner")}
    for axes, (sweep, label) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        for who, colour in (("plain", style.VERMILION), ("runner", style.BLUE)):
            mine = of(runs, contestant=who, example=example, sweep=sweep)
            x = np.array(sorted({run["value"] for run in mine}))
            y = [statistics.median(seconds(r for r in mine if r["value"] == v)) for v in x]
            axes.plot(x, y, "o-", color=colour, label=NAMES[who])
            fitted = [np.dot(_work(sweep, value, example), fits[who]) for value in x]
            axes.plot(x, fitted, "--", color=colour)
            if sweep == "batch-size" and fits[who][2] > 0:
                axes.axvline(fits[who][1] / fits[who][2], color=colour, linestyle=":")
        axes.set_xlabel(label)
        axes.set_ylabel("Seconds")
        axes.set_ylim(bottom=0)
        axes.grid(visible=True)
        if sweep != "epochs":
            axes.set_xscale("log", base=2)
            axes.minorticks_off()
        axes.set_xticks(x, [str(value) for value in x], rotation=0 if sweep == "epochs" else 45)
    axes.legend()
    return figure, [_words(example, who, *fits[who]) for who in fits]


def _words(example: str, who: str, start: float, step: float, sample: float) -> str:
    return (
        f"- {example}, {NAMES[who]}: {start:.2f} s to start, {1000 * step:.2f} ms a step, "
        f"{1e6 * sample:.1f} µs a sample; "
        + (
            f"overhead ends at a batch size of about {step / sample:.0f}."
            if sample > 0
            else "all overhead."
        )
    )


def _work(sweep: str, value: int, example: str) -> tuple[float, float, float]:
    """Returns what a point of a sweep costs: one start, so many steps, so many samples."""
    epochs = value if sweep == "epochs" else 1
    samples = value if sweep == "samples" else SAMPLES[example]
    batch_size = value if sweep == "batch-size" else 32
    return 1.0, float(epochs * -(-samples // batch_size)), float(epochs * samples)


def _fit(runs: list[Measurement]) -> tuple[float, float, float]:
    """Returns the seconds of a start, a step and a sample that explain all points best.

    Errors count relative to the seconds measured; no cost can be negative.
    """
    measured = np.array(seconds(runs))
    work = np.array([_work(run["sweep"], run["value"], run["example"]) for run in runs])
    best, least = (0.0, 0.0, 0.0), np.inf
    # With three costs the non-negative least squares are found by trying which of them are zero.
    for kept in itertools.product([False, True], repeat=3):
        columns = work[:, kept] / measured[:, None]
        found = np.linalg.lstsq(columns, np.ones(len(measured)), rcond=None)[0]
        error = float(np.sum((columns @ found - 1) ** 2))
        if (found >= 0).all() and error < least:
            costs = np.zeros(3)
            costs[list(kept)] = found
            best, least = (float(costs[0]), float(costs[1]), float(costs[2])), error
    return best
