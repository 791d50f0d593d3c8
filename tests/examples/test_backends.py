from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from keras_examples.core import catalogue
from keras_examples.core.backend import BACKENDS
from tests.examples.on_backend import look_at_all

ROOT = Path(__file__).parent.parent.parent
# On TensorFlow almost every other test builds them, too.
EVERYWHERE = pytest.mark.parametrize(
    "backend",
    [pytest.param(one, marks=pytest.mark.slow) if one == "tensorflow" else one for one in BACKENDS],
)
ELSEWHERE = pytest.mark.parametrize("backend", [one for one in BACKENDS if one != "tensorflow"])

Report = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Report]:
    """Returns what comes of the examples on a backend, each tried once."""
    folder = tmp_path_factory.mktemp("saved")

    @functools.cache
    def report(backend: str) -> Report:
        if backend == "tensorflow":
            return look_at_all(folder)
        if find_spec(backend) is None:
            pytest.skip(f"needs {backend}: pip install {backend}")
        report("tensorflow")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.examples.on_backend", str(folder)],
            cwd=ROOT,
            # What XLA would win by optimizing is lost on networks that take two steps.
            env={**os.environ, "KERAS_BACKEND": backend, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.splitlines()[-1]))

    return report


def declaring(backend: str) -> set[str]:
    """The names of the examples whose builders are declared to work on a backend."""
    return {name for name in catalogue.names() if backend in catalogue.load(name).backends}


@EVERYWHERE
def test_a_builder_works_on_the_backends_that_its_example_declares_and_names_them_on_others(
    backend: str, report: Callable[[str], Report]
) -> None:
    found = report(backend)
    assert {name: one["broken"] for name, one in found.items() if "broken" in one} == {}
    refused = {name: one["refused"] for name, one in found.items() if "refused" in one}
    assert found.keys() - refused.keys() == declaring(backend)
    for line in refused.values():
        assert line.endswith("set KERAS_BACKEND=tensorflow.")


@EVERYWHERE
def test_fit_trains_what_there_is_to_train(backend: str, report: Callable[[str], Report]) -> None:
    losses = {name: one["losses"] for name, one in report(backend).items() if "losses" in one}
    trained = {name for name in declaring(backend) if catalogue.load(name).epochs}
    assert losses.keys() == trained
    assert all(math.isfinite(value) for one in losses.values() for value in one.values())


@ELSEWHERE
def test_the_networks_have_as_many_parameters_as_on_tensorflow(
    backend: str, report: Callable[[str], Report]
) -> None:
    expected, found = report("tensorflow"), report(backend)
    for name in declaring(backend):
        assert found[name]["parameters"] == expected[name]["parameters"]


@EVERYWHERE
def test_a_network_saved_on_tensorflow_predicts_the_same(
    backend: str, report: Callable[[str], Report]
) -> None:
    differences = {name: one["difference"] for name, one in report(backend).items()}
    assert {name: value for name, value in differences.items() if not value < 1e-5} == {}
