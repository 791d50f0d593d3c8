from __future__ import annotations

from pathlib import Path

import pytest

import tests
from keras_examples.runner.processes import pool
from tests.runner.processes import stub_worker


def start_as(module: str, patch: pytest.MonkeyPatch) -> None:
    """Has pools start a module of the tests."""
    patch.setattr(pool, "WORKER", f"tests.runner.processes.{module}")
    patch.setenv("PYTHONPATH", str(Path(tests.__file__).parent.parent))


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools of processes that train nothing."""
    start_as("echo", monkeypatch)


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pools that know the examples of `stub_worker`, as this process does, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    start_as("stub_worker", monkeypatch)
    stub_worker.declare(monkeypatch)
