"""Runs every example on the real data, those that train for five seeds, and publishes the results.

    python docs/published.py                    # about an hour on two cores
    python docs/published.py --folder results   # keeps the runs there; goes on where it was stopped

Writes `keras_examples/verification/published.json`, which `keras-examples verify` compares with,
and the figures of seed 0 with their gallery in `plots/`. `python docs/overviews.py --write` brings
the numbers in the READMEs and the course up to date with both.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_examples import gallery
from keras_examples.core import catalogue
from keras_examples.core.records import read_record
from keras_examples.verification import Published

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "keras_examples/verification/published.json"
SHOWN, *OTHERS = range(5)


def train(folder: Path, names: list[str], seed: int, *more: str) -> None:
    """Runs examples with a seed, unless that was done before."""
    place = folder / str(seed)
    seeds = ["--seed", str(seed)] if seed else []
    command = [sys.executable, "-m", "keras_examples", "run", *names, *seeds, *more, "--resume"]
    subprocess.run(  # noqa: S603
        [*command, "--plots", place / "plots", "--runs", place / "runs"], check=True
    )


def collect(folder: Path) -> dict[str, Published]:
    """Returns the published runs, made of the records in the folder.

    Raises:
        SystemExit: One was not on the real data.
    """
    found = {}
    for name in catalogue.names():
        paths = (folder / str(seed) / "runs" / name / "run.json" for seed in (SHOWN, *OTHERS))
        records = [record for path in paths if (record := read_record(path))]
        if any(record["data"]["source"] == "stand-in" for record in records):
            raise SystemExit(f"{name} has not seen the real data: set KERAS_EXAMPLES_DATA.")
        found[name] = Published.of(records)
    return found


def show(plots: Path, runs: Path) -> None:
    """Replaces the figures of all examples in `plots/` by those of a run, with their gallery."""
    gallery.write(plots, runs)
    for name in catalogue.names():
        for old in (ROOT / "plots").rglob(f"{name}-*.*"):
            old.unlink()
    shutil.copytree(plots, ROOT / "plots", ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)


def main() -> None:
    """Runs them, and writes what is published."""
    parser = argparse.ArgumentParser(description="Publishes the results of every example.")
    parser.add_argument("--folder", type=Path, help="where the runs are kept (default: nowhere)")
    options = parser.parse_args()
    trained = [name for name in catalogue.names() if catalogue.load(name).epochs]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        train(folder, ["all"], SHOWN, "--lang", "both", "--animate")
        for seed in OTHERS:
            train(folder, trained, seed)
        found = {name: dataclasses.asdict(run) for name, run in collect(folder).items()}
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        TARGET.write_text(text, encoding="utf-8")
        show(folder / str(SHOWN) / "plots", folder / str(SHOWN) / "runs")


if __name__ == "__main__":
    main()
