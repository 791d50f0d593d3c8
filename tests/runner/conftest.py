"""A small example, folders for what it leaves, and a look at what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keras_examples import Run, run
from tests.stub import Declare, declarer


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


class Place:
    """A pair of output folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.plots, self.runs = root / "plots", root / "runs"

    def run(self, name: str = "line", **options: Any) -> Run:
        return run(name, **{"plots": self.plots, "runs": self.runs, "verbose": False, **options})

    def write_earlier(self) -> dict[str, bytes]:
        """Writes what stands for an earlier run of `line`, and returns `files()`."""
        (self.runs / "line").mkdir(parents=True)
        self.plots.mkdir()
        (self.plots / "line-fit.png").write_bytes(b"earlier figure")
        for file in ("history.csv", "model.keras", "run.json"):
            (self.runs / "line" / file).write_bytes(b"earlier " + file.encode())
        return self.files()

    def files(self) -> dict[str, bytes]:
        """Returns the results there: every file but locks and checkpoints, with its content."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not path.name.endswith((".lock", ".ckpt"))
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")
