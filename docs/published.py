"""Runs every example on the real data, those that train for five seeds, and publishes the results.

    python docs/published.py                    # some 45 minutes on two cores
    python docs/published.py --folder results   # keeps the runs there; goes on where it was stopped

Writes `keras_examples/verification/published.json`, which `keras-examples verify` compares with and
the README's table is made from.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_examples.core import catalogue
from keras_examples.core.records import read_record
from keras_examples.verification import Published

TARGET = Path(__file__).parent.parent / "keras_examples/verification/published.json"
SEEDS = range(5)


def train(folder: Path, names: list[str], seed: int) -> None:
    """Runs examples with a seed, unless that was done before."""
    place = folder / str(seed)
    words = ["run", *names, "--data", "real", "--seed", str(seed), "--resume"]
    command = [sys.executable, "-m", "keras_examples", *words]
    subprocess.run(  # noqa: S603
        [*command, "--plots", place / "plots", "--runs", place / "runs"], check=True
    )


def collect(folder: Path) -> dict[str, Published]:
    """Returns the published runs, made of the records in the folder."""
    found = {}
    for name in catalogue.names():
        paths = (folder / str(seed) / "runs" / name / "run.json" for seed in SEEDS)
        records = [record for path in paths if (record := read_record(path))]
        found[name] = Published.of(records)
    return found


def main() -> None:
    """Runs them, and writes the file."""
    parser = argparse.ArgumentParser(description="Publishes the results of every example.")
    parser.add_argument("--folder", type=Path, help="where the runs are kept (default: nowhere)")
    options = parser.parse_args()
    trained = [name for name in catalogue.names() if catalogue.load(name).epochs]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for seed in SEEDS:
            train(folder, trained if seed else catalogue.names(), seed)
        found = {name: dataclasses.asdict(run) for name, run in collect(folder).items()}
    TARGET.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written: {TARGET.name}")


if __name__ == "__main__":
    main()
