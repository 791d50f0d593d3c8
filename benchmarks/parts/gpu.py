"""A GPU, where there is one: the CNN and the GAN by `fit` and by the runner."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks.processes import python, train
from benchmarks.tables import (
    Measurement,
    examples,
    later,
    of,
    ratios,
    repeat,
    seconds,
    spread,
    table,
    times,
)

EXAMPLES = ("mnist-cnn", "mnist-gan")
FIND = """
import tensorflow as tf
found = tf.config.list_physical_devices("GPU")
print(*(tf.config.experimental.get_device_details(one).get("device_name", "GPU") for one in found))
"""
HEAD = [
    "Example",
    "Plain script, s",
    "Runner, s",
    "Runner is faster by",
    "An epoch after the first, plain, s",
    "runner, s",
]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The recipes in full; nothing where there is no GPU."""
    device = python("-c", FIND, gpu=True).stdout.strip()
    if not device:
        print("gpu: TensorFlow finds none, so this part is left out", flush=True)
        return []
    return [
        {"device": device} | train(contestant, example, gpu=True)
        for example in EXAMPLES
        if example in options.examples
        for _ in range(options.repeats)
        for contestant in ("plain", "runner")
    ]


def summary(runs: list[Measurement], ceiling: float) -> str:
    """Returns nothing: the summary is of the processor."""
    return ""


def section(runs: list[Measurement], ceiling: float, folder: Path) -> str:
    """Returns the table of the GPU."""
    rows = []
    for example in examples(runs):
        sides = [of(runs, contestant=who, example=example) for who in ("plain", "runner")]
        rows.append(
            [
                example,
                *(spread(seconds(side)) for side in sides),
                times(ratios(runs, example)),
                *(spread([later(run) for run in side]) for side in sides),
            ]
        )
    return (
        f"## On a GPU\n\n{runs[0]['device']}; everything else on this page is measured on the "
        f"processor.\n\n{table(HEAD, rows)}\n\n{repeat('gpu', runs[-1])}"
    )


def without() -> str:
    """Returns what the page says where no GPU was measured."""
    return (
        "## On a GPU\n\nNot measured, for this machine has none. `python -m benchmarks --part gpu` "
        "measures it where there is one."
    )
