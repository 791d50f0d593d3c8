"""What all tests share: which of them need the real data, and runs that several of them look at."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, is_hypothesis_test, settings

# Whoever runs the tests: they compare messages in English.
os.environ["KERAS_EXAMPLES_LANG"] = "en"

import tests.prepared  # noqa: F401 (before TensorFlow, so that `run()` trains in this process)
from keras_examples import Run, run
from keras_examples.core.machine import count_cores

DATA = os.environ.get("KERAS_EXAMPLES_DATA")

# They come first, so that no process is left with one of them at the end.
LONGEST = (
    "test_distributed.py",
    "test_page.py",
    "test_resume.py",
    "test_compare.py",
    "test_mnist_cnn.py",
    "test_layout.py",
    "test_notebook.py",
    "test_job.py",
)

# A shell that starts a program in the background makes it ignore Ctrl-C, and its children too; so
# does `nohup` with a closed terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


# Random input: little of it in a usual run, much among the slow tests. A hang would be seen.
settings.register_profile(
    "short",
    max_examples=20,
    deadline=timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("long", settings.get_profile("short"), max_examples=300)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of the damaged and random input; 0, by default, is the same each time",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.option.markexpr == "slow" else "short")
    if not config.option.fuzz_seed:  # what is found anew must not break somebody's unrelated change
        settings.register_profile("same", settings(), derandomize=True)
        settings.load_profile("same")


def pytest_xdist_auto_num_workers() -> int:
    """Tests often wait for processes of theirs: one more than there are cores keeps all busy."""
    return count_cores() + 1


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if config.option.markexpr == "slow" and is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("slow")
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))
    if DATA:
        return
    skip = pytest.mark.skip(reason="needs the real data: set KERAS_EXAMPLES_DATA to its folder")
    for item in items:
        if "real" in item.keywords:
            item.add_marker(skip)


# Enough to see that an example learns, and no more.
EPOCHS = {
    "logistic-regression": 5,
    "digit-mlp": 4,
    "fashion-mnist-ffn": 5,
    "mnist-cnn": 2,
    "sine-rnn": 2,
    "sine-lstm": 5,
    "self-attention": 2,
    "mnist-gan": 1,
    "inductive-bias": 1,
}

RunOnce = Callable[..., Run]


@pytest.fixture(scope="session")
def _shared(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of this session share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(pytestconfig, "workerinput") else own


@pytest.fixture(scope="session")
def real_run(_shared: Path) -> RunOnce:
    """Runs an example in full on the real data, once a session however many tests ask."""
    return _runner(_shared, data="real", data_dir=DATA)


@pytest.fixture(scope="session")
def quick_run(_shared: Path) -> RunOnce:
    """Runs an example for a few epochs on stand-in data, once a session for all tests."""
    run_once = _runner(_shared, data="stand-in")

    def quick(name: str, **options: Any) -> Run:
        if name in EPOCHS:
            options = {"epochs": EPOCHS[name], **options}
        return run_once(name, **options)

    return quick


def _runner(folder: Path, **defaults: Any) -> RunOnce:
    @functools.cache
    def run_once(name: str, **options: Any) -> Run:
        given = "-".join(f"{key}={value}" for key, value in sorted(options.items()))
        place = folder / f"{name}-{defaults['data']}-{given}"
        with FileLock(f"{place}.lock"):
            # What another process has run is complete, and only read.
            return run(
                name,
                plots=place / "plots",
                runs=place / "runs",
                resume=place.exists(),
                verbose=False,
                **defaults,
                **options,
            )

    return run_once
