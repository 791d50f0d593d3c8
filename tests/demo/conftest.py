from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keras_examples import Run
from tests.demo.browser import CHROMIUM, browsing, open_page, served


@pytest.fixture(scope="session", autouse=True)
def _demo_installed() -> None:
    for module in ("gradio", "playwright"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"needs {module}: pip install -e '.[test]'")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, quick_run: Callable[..., Run]) -> Path:
    """A runs folder with every network of the demo but one, which trains in no time."""
    folder = tmp_path_factory.mktemp("demo-runs")
    for name in ("mnist-cnn", "digit-mlp", "fashion-mnist-ffn", "sine-lstm"):
        shutil.copytree(quick_run(name).folder, folder / name)
    return folder


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    places = ("--runs", str(runs), "--plots", str(runs / "plots"))
    with served("--data", "stand-in", *places) as url:
        yield url


@pytest.fixture(scope="module")  # it keeps an event loop running
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with browsing() as opened:
        yield opened


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    opened = open_page(browser, address)
    yield opened
    opened.close()
