"""The page and the figures of what was measured."""

from __future__ import annotations

import itertools
import platform
import statistics
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_examples.figures import style

Measurement = Mapping[str, Any]

# Multiplications and additions of one sample in training, from the layers' shapes: twice the
# multiplications forward, as often again for the gradient of the weights, and, but for the first
# layer, once more for the gradient of the inputs.
FLOPS = {
    "fashion-mnist-ffn": 4 * 784 * 128 + 6 * 128 * 10,
    "mnist-cnn": 4 * 26 * 26 * 9 * 32 + 6 * (11 * 11 * 9 * 32 * 64 + 1600 * 64 + 64 * 10),
    "sine-rnn": 4 * 10 * 10 + 6 * (10 * 10 * 10 + 10),
}
SAMPLES = {"fashion-mnist-ffn": 60000, "mnist-cnn": 60000, "sine-rnn": 90}
NAMES = {"plain": "plain script", "runner": "runner", "torch": "PyTorch", "jax": "JAX"}


def machine() -> dict[str, str]:
    """Returns what the measurements depend on besides the code."""
    from keras_examples.core import console

    with console.quiet():
        from keras_examples.runner.record import environment

    found = environment()
    versions = dict(found["versions"])
    for package in ("torch", "jax"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": found["processor"],
        "cores": str(found["cores"]),
        "system": platform.system(),
        **versions,
    }


def write(measured: Mapping[str, Any], folder: Path) -> None:
    """Writes `README.md` and the figures into a folder.

    Args:
        measured: What `python -m benchmarks` measured.
        folder: The folder.
    """
    ceiling = max(measured["ceiling"])
    facts = ", ".join(f"{name} {value}" for name, value in measured["machine"].items())
    parts = [
        "# Benchmark\n\n"
        "Written by `python -m benchmarks` from its own measurements (`measured.json`). The "
        "contestants ran in turn, each in a process of its own; seconds are medians, with the "
        "smallest and the largest in brackets, of the whole training with tracing, compiling and "
        "validation, without imports and loading.\n\n"
        f"Machine: {facts}. A 2048×2048 float32 matrix product reached {ceiling:.0f} GFLOP/s in "
        "between: the ceiling."
    ]
    if "articles" in measured:
        parts.append(_articles(measured["articles"], ceiling))
    if "rivals" in measured:
        parts.append(_rivals(measured["rivals"]))
    if "sweeps" in measured:
        parts.append(_sweeps(measured["sweeps"], folder))
    if "fast" in measured:
        parts.append(_fast(measured["fast"]))
    if "startup" in measured:
        parts.append(_startup(measured["startup"]))
    (folder / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _articles(runs: list[Measurement], ceiling: float) -> str:
    rows = []
    for example in dict.fromkeys(run["example"] for run in runs):
        plain, fast = (_of(runs, who, example) for who in ("plain", "runner"))
        ratios = [p["seconds"] / f["seconds"] for p, f in zip(plain, fast, strict=True)]
        work = FLOPS[example] * SAMPLES[example] * len(fast[0]["epochs"])
        share = work / statistics.median(_seconds(fast)) / 1e9 / ceiling
        rows.append(
            [
                example,
                _spread(_seconds(plain)),
                _spread(_seconds(fast)),
                f"{statistics.median(ratios):.1f}× ({min(ratios):.1f}–{max(ratios):.1f})",
                f"{share:.0%}" if share >= 0.01 else "below 1%",
                *(
                    f"{statistics.median(run['peak_mib'] for run in who):.0f}"
                    for who in (plain, fast)
                ),
            ]
        )
    head = [
        "Example",
        "Plain script, s",
        "Runner, s",
        "Runner is faster by",
        "Share of the ceiling",
        "Peak memory, plain, MiB",
        "runner, MiB",
    ]
    return (
        "## The articles' recipes\n\nThe article's script (Keras's `fit` on NumPy arrays) against "
        "the runner: the same model, optimizer, batch size and number of steps. The ratio is the "
        "median of the pairs that ran one after the other. The share of the ceiling counts the "
        "arithmetic of training alone, so validation and compiling lower it.\n\n"
        + _table(head, rows)
    )


def _startup(runs: list[Measurement]) -> str:
    rows = []
    for example in dict.fromkeys(run["example"] for run in runs):
        own = [run for run in runs if run["example"] == example]
        parts = ("tensorflow", "python", "import", "data", "build", "compile")
        rest = [
            sum(run[part] for part in parts[1:]) - run["compile"] - run["tensorflow"] for run in own
        ]
        rows.append(
            [example, *(_spread([run[part] for run in own]) for part in parts), _spread(rest)]
        )
    head = [
        "Example",
        "`import tensorflow` alone, s",
        "Python and the command, s",
        "All imports, s",
        "Data, s",
        "Building, s",
        "Tracing and compiling the first step, s",
        "More than importing TensorFlow and tracing, s",
    ]
    return (
        "## Start-up\n\nFrom the command to the end of the first training step. The last column is "
        "what the command takes besides importing TensorFlow, which ran in turn with it, and "
        "tracing: it may be negative, for the two imports are of different processes.\n\n"
        + _table(head, rows)
    )


def _rivals(runs: list[Measurement]) -> str:
    contestants = list(dict.fromkeys(run["contestant"] for run in runs))
    rows = []
    for example in dict.fromkeys(run["example"] for run in runs):
        medians = {
            who: [statistics.median(run["epochs"][1:]) for run in _of(runs, who, example)]
            for who in contestants
        }
        runner = statistics.median(medians["runner"])
        flags = " ".join(next(run["flags"] for run in runs if run["example"] == example))
        rows.append([example, flags, *(_spread(medians[who], 1000) for who in contestants)])
        rows.append(
            ["", "relative to the runner"]
            + [f"{statistics.median(medians[who]) / runner:.2f}×" for who in contestants]
        )
        wholes = {who: _seconds(_of(runs, who, example)) for who in contestants}
        rows.append(["", "whole training", *(_spread(wholes[who], 1000) for who in contestants)])
        rows.append(
            ["", "relative to the runner"]
            + [
                f"{statistics.median(wholes[who]) / statistics.median(wholes['runner']):.2f}×"
                for who in contestants
            ]
        )
    return (
        "## Beside PyTorch and JAX\n\nMilliseconds an epoch, validation included, of epochs after "
        "the first, which traces and compiles; then those of the whole training with it. The "
        "runner's include a checkpoint after each epoch. PyTorch runs eagerly with fused Adam, JAX "
        "compiles a whole epoch into one scan.\n\n"
        + _table(["Example", "", *(f"{NAMES[who]}, ms" for who in contestants)], rows)
    )


def _sweeps(runs: list[Measurement], folder: Path) -> str:
    lines = []
    of_first = ("contestant", "example", "sweep", "value")
    repeats = sum(all(run[key] == runs[0][key] for key in of_first) for run in runs)
    each = (
        f"Each point is the median of {repeats} runs." if repeats > 1 else "Each point is one run."
    )
    with style.style():
        for example in dict.fromkeys(run["example"] for run in runs):
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
        "overhead ends and arithmetic begins.\n\n" + "\n\n".join(lines)
    )


def _draw(runs: list[Measurement], example: str) -> tuple[Figure, list[str]]:
    figure = style.new_figure(f"{example}: seconds against work", figsize=(11, 3.8))
    panels = {"epochs": "Epochs", "batch-size": "Batch size", "samples": "Training samples"}
    fits = {who: _fit(_of(runs, who, example)) for who in ("plain", "runner")}
    for axes, (sweep, label) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        for who, colour in (("plain", style.VERMILION), ("runner", style.BLUE)):
            mine = [run for run in _of(runs, who, example) if run["sweep"] == sweep]
            x = np.array(sorted({run["value"] for run in mine}))
            y = [statistics.median(_seconds(r for r in mine if r["value"] == v)) for v in x]
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
    seconds = np.array(_seconds(runs))
    work = np.array([_work(run["sweep"], run["value"], run["example"]) for run in runs])
    best, least = (0.0, 0.0, 0.0), np.inf
    # With three costs the non-negative least squares are found by trying which of them are zero.
    for kept in itertools.product([False, True], repeat=3):
        columns = work[:, kept] / seconds[:, None]
        found = np.linalg.lstsq(columns, np.ones(len(seconds)), rcond=None)[0]
        error = float(np.sum((columns @ found - 1) ** 2))
        if (found >= 0).all() and error < least:
            costs = np.zeros(3)
            costs[list(kept)] = found
            best, least = (float(costs[0]), float(costs[1]), float(costs[2])), error
    return best


def _fast(runs: list[Measurement]) -> str:
    rows = []
    for fast in (True, False):
        mine = [run for run in runs if ("--fast" in run["flags"]) == fast]
        reached = [run["val_accuracy"] for run in mine]
        rows.append(
            [
                "`--fast`" if fast else "the article's",
                str(len(mine[0]["epochs"])),
                _spread(_seconds(mine)),
                f"{statistics.median(reached):.4f} ({min(reached):.4f}–{max(reached):.4f})",
                f"{sum(value >= 0.99 for value in reached)} of {len(reached)}",
            ]
        )
    head = ["Recipe", "Epochs", "Seconds", "Test accuracy", "Seeds that reach 0.99"]
    return (
        "## How quickly can the CNN get to 99%?\n\nThe same network, a run for each seed.\n\n"
        + _table(head, rows)
    )


def _of(runs: list[Measurement], who: str, example: str) -> list[Measurement]:
    return [run for run in runs if run["contestant"] == who and run["example"] == example]


def _seconds(runs: Iterable[Measurement]) -> list[float]:
    return [run["seconds"] for run in runs]


def _spread(values: list[float], scale: float = 1.0) -> str:
    low, middle, high = (
        scale * value for value in (min(values), statistics.median(values), max(values))
    )
    digits = 0 if middle >= 100 else 2
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
