from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
RUN = ("run", "sine-rnn", "--epochs", "1")


def command(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder, with Keras's own configuration there, too."""
    return subprocess.run(
        [sys.executable, "-m", "keras_examples", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KERAS_HOME": str(folder), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def is_told(done: subprocess.CompletedProcess[str]) -> bool:
    """Returns whether a command said in one line which backend it needs."""
    return (
        done.returncode == 2
        and done.stdout == ""
        and done.stderr.count("\n") == 1
        and done.stderr.endswith("set KERAS_BACKEND=tensorflow.\n")
    )


# The first may be installed or not, and there is none of the second name.
@pytest.mark.parametrize("backend", ["jax", "nonsense"])
def test_training_on_another_backend_is_refused_in_one_line(tmp_path: Path, backend: str) -> None:
    done = command(*RUN, folder=tmp_path, KERAS_BACKEND=backend)
    assert is_told(done), done
    assert backend in done.stderr
    assert not (tmp_path / "runs").exists()


def test_so_is_one_that_is_named_in_the_configuration_of_keras(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "nonsense"}))
    done = command(*RUN, folder=tmp_path, KERAS_BACKEND="")
    assert is_told(done), done
    assert "nonsense" in done.stderr


def test_an_invalid_backend_of_matplotlib_is_one_line(tmp_path: Path) -> None:
    done = command(*RUN, folder=tmp_path, MPLBACKEND="garbage")
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "garbage" in done.stderr
    assert done.stderr.endswith("unset the environment variable MPLBACKEND.\n")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_page_that_is_started_says_it_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keras_examples.sine_rnn"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KERAS_HOME": "~no-such-user/x",
            "KERAS_BACKEND": "nonsense",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert is_told(done), done


def test_the_examples_are_listed_whatever_the_backend(tmp_path: Path) -> None:
    done = command("list", folder=tmp_path, KERAS_BACKEND="nonsense")
    assert done.returncode == 0
    assert "sine-rnn" in done.stdout
