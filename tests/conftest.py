"""What all tests share: which of them need the real data, and runs that several of them look at."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keras_examples import Run, run

DATA = os.environ.get("KERAS_EXAMPLES_DATA")

# A shell that starts a program in the background makes it ignore Ctrl-C, and its children too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if DATA:
        return
    skip = pytest.mark.skip(reason="needs the real data: set KERAS_EXAMPLES_DATA to its folder")
    for item in items:
        if "real" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def _runs() -> dict[Any, Run]:
    return {}


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory, _runs: dict[Any, Run]) -> Callable[..., Run]:
    """Runs an example in full on the real data, once a session however many tests ask."""
    return _runner(tmp_path_factory, _runs, data="real", data_dir=DATA)


@pytest.fixture(scope="session")
def quick_run(
    tmp_path_factory: pytest.TempPathFactory, _runs: dict[Any, Run]
) -> Callable[..., Run]:
    """Runs an example on stand-in data, once a session for each set of options."""
    return _runner(tmp_path_factory, _runs, data="stand-in")


def _runner(
    folders: pytest.TempPathFactory, runs: dict[Any, Run], **defaults: Any
) -> Callable[..., Run]:
    def once(name: str, **options: Any) -> Run:
        key = (name, *sorted({**defaults, **options}.items()))
        if key not in runs:
            folder: Path = folders.mktemp(name)
            places = {"plots": folder / "plots", "runs": folder / "runs"}
            runs[key] = run(name, verbose=False, **places, **defaults, **options)
        return runs[key]

    return once
