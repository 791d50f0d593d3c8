"""Measures the memory of a process that makes a thousand predictions, and draws it.

    python -m benchmarks.memory             # about five minutes on two cores
    python -m benchmarks.memory --report    # only draw the figure anew

Once with a model that is loaded once, and once, in another process, with one that is loaded for
each prediction, as `predict()` does when it is given only the name of an example. The networks are
not trained: their memory does not depend on what they have learned.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

PREDICTIONS = 1000
KINDS = ("loaded once", "loaded each time")

Measured = dict[str, list[float]]


def main() -> None:
    """Measures, stores what was measured, and draws the figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--report", action="store_true", help="only draw the figure anew")
    parser.add_argument("--kind", choices=KINDS, help=argparse.SUPPRESS)  # the one that predicts
    options = parser.parse_args()
    if options.kind:
        print(json.dumps(predict_often(options.kind, PREDICTIONS)))
        return
    store = Path(__file__).parent / "memory.json"
    if not options.report:
        store.write_text(json.dumps({kind: in_a_process(kind) for kind in KINDS}) + "\n")
    measured = json.loads(store.read_text())
    draw(measured, store.with_suffix(".png"))
    for kind in KINDS:
        memory = measured[kind]
        grown = memory[-1] - memory[len(memory) // 10]
        print(
            f"{kind}: {memory[0]:.0f} MiB at first, {memory[-1]:.0f} at last, "
            f"{grown:+.1f} in the last nine tenths"
        )


def in_a_process(kind: str) -> list[float]:
    """Returns the memory after each prediction, in MiB, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.memory", "--kind", kind]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
    return [float(value) for value in json.loads(done.stdout.splitlines()[-1])]


def predict_often(kind: str, times: int) -> list[float]:
    """Classifies pictures and continues series, in turn; returns the memory after each, in MiB."""
    from keras_examples import forecast, mnist_cnn, predict, sine_rnn

    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as runs:
        models = {"mnist-cnn": mnist_cnn.build_model(), "sine-rnn": sine_rnn.build_model()}
        for name, model in models.items():
            (Path(runs) / name).mkdir()
            model.save(Path(runs) / name / "model.keras")
        given = models if kind == "loaded once" else {}

        def classify() -> None:
            picture = random.integers(0, 256, (60, 60), dtype=np.uint8)
            path = Path(runs) / "picture.png"
            _save(picture, path)
            predict("mnist-cnn", path, model=given.get("mnist-cnn"), runs=runs)

        def continue_series() -> None:
            series = np.sin(np.arange(30) * random.uniform(0.2, 0.4))
            forecast("sine-rnn", series=series, steps=5, model=given.get("sine-rnn"), runs=runs)

        turns: list[Callable[[], None]] = [classify, continue_series]
        used = []
        for number in range(times):
            turns[number % 2]()
            used.append(resident())
    return used


def _save(picture: np.ndarray, path: Path) -> None:
    from PIL import Image

    Image.fromarray(picture).save(path)


def resident() -> float:
    """Returns the memory of this process, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(size) / 1024


def draw(measured: Measured, path: Path) -> None:
    """Draws the memory over the predictions."""
    from keras_examples.figures import style

    with style.style():
        figure = style.new_figure("Memory over a thousand predictions")
        axes = figure.subplots()
        for kind, memory in measured.items():
            axes.plot(range(1, len(memory) + 1), memory, label=f"model {kind}")
        axes.set(xlabel="Predictions", ylabel="Memory of the process, MiB", ylim=(0, None))
        axes.legend(loc="lower right")
        figure.savefig(path)


if __name__ == "__main__":
    main()
