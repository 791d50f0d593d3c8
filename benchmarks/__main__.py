"""Runs all contestants in turn and writes `benchmarks/README.md` and its figures.

    python -m benchmarks                # everything, some hours on two cores
    python -m benchmarks --part whole   # one part of it; the page keeps the others
    python -m benchmarks --quick        # the main table in under five minutes, only printed

Each run is a process of its own, one after the other; the contestants take turns within each
repetition, so that whatever else the machine does meets all of them alike. Set KERAS_EXAMPLES_DATA
to the real data first.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks import processes, quick, report
from benchmarks.contestants import EXAMPLES
from benchmarks.parts import PARTS


def main() -> None:
    """Measures, and writes what was measured."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="only print a quick main table")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each contestant")
    parser.add_argument(
        "--sweep-repeats", type=int, default=3, help="runs of each point of a sweep"
    )
    parser.add_argument(
        "--long-repeats", type=int, default=3, help="runs of whole processes, and of `run all`"
    )
    parser.add_argument("--report", action="store_true", help="only write the page anew")
    parser.add_argument("--part", choices=("all", *PARTS), default="all")
    parser.add_argument("--examples", nargs="+", choices=EXAMPLES, help="default: all of them")
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).parent, help="where the page is written"
    )
    options = parser.parse_args()
    options.everything = not options.examples
    options.examples = options.examples or list(EXAMPLES)
    if options.quick:
        look(options)
        return
    store = options.folder / "measured.json"
    if not options.report:
        measure(options, store)
    report.write(json.loads(store.read_text()), options.folder)


def look(options: argparse.Namespace) -> None:
    """Prints the main table, and leaves the page and what is recorded as they are."""
    start = time.perf_counter()
    before = processes.ceiling()
    runs = quick.measure(options.examples, options.repeats)
    print("\n" + quick.report(runs, max(before, processes.ceiling())))
    print(f"It took {time.perf_counter() - start:.0f} s.")


def measure(options: argparse.Namespace, store: Path) -> None:
    """Stores the measurements of the parts asked for, each as soon as it is there."""
    measured: dict[str, Any] = {}
    if store.exists() and options.part != "all":
        measured = json.loads(store.read_text())
    measured["machine"] = processes.machine()
    ceilings = measured.setdefault("ceiling", {})
    before = processes.ceiling()
    for name in PARTS if options.part == "all" else [options.part]:
        measured[name] = PARTS[name].measure(options)
        after = processes.ceiling()
        ceilings[name], before = [before, after], after
        store.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
