"""Compares what two commits make of the examples: weights, metrics, figures, byte for byte.

    python -m benchmarks.same v0.1 HEAD                         # `run all`
    python -m benchmarks.same v0.1 HEAD -- sine-rnn --lang zh   # `run sine-rnn --lang zh`

Both run on this machine with the packages of this environment. It ends with exit code 1 if anything
differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Compares as the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("before", help="a commit")
    parser.add_argument("after", help="another one")
    parser.add_argument("run", nargs="*", help="what `keras-examples run` is given (default: all)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commits = {"before": options.before, "after": options.after}
        for side, commit in commits.items():
            with checked_out(commit, folder / f"{side}-source") as source:
                run(source, folder / side, options.run or ["all"])
        different = compare(folder / "before", folder / "after")
    print(f"{different} of all files and digests differ" if different else "everything is the same")
    return bool(different)


@contextmanager
def checked_out(commit: str, place: Path) -> Iterator[Path]:
    """Checks out a commit into a folder for a block."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(place), commit], check=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def run(source: Path, results: Path, words: list[str]) -> None:
    """Runs examples by the code in a folder."""
    subprocess.run(
        [
            *(sys.executable, "-m", "keras_examples", "run", *words),
            *("--plots", str(results / "plots"), "--runs", str(results / "runs")),
        ],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(source)},
        check=True,
    )


def compare(before: Path, after: Path) -> int:
    """Prints what differs between two folders of results; returns how much does."""
    different = 0
    for side, other in ((before, after), (after, before)):
        for path in sorted(side.rglob("*.*")):
            twin = other / path.relative_to(side)
            if path.name == "run.json" or path.suffix in (".png", ".csv"):
                if not twin.exists():
                    print(f"{path.relative_to(side)}: not made by the {other.name} commit")
                    different += 1
                elif side is before and _essence(path) != _essence(twin):
                    print(f"{path.relative_to(side)}: differs")
                    different += 1
    return different


def _essence(path: Path) -> object:
    """Returns what has to be the same of a file; of a record all but seconds and versions."""
    if path.suffix != ".json":
        return path.read_bytes()
    record = json.loads(path.read_text(encoding="utf-8"))
    return {name: record[name] for name in ("status", "metrics", "weights_sha256", "figures")}


if __name__ == "__main__":
    sys.exit(main())
