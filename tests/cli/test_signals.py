"""SIGTERM, SIGHUP and a closed terminal end a command as Ctrl-C does, and the exit code says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_examples import cli
from keras_examples.core.errors import RunError
from tests.platforms import linux, posix
from tests.runner import killed
from tests.stub import Declare, declarer, load_data

pytestmark = posix("signals")

HANGUP = getattr(signal, "SIGHUP", None)  # Windows has none
ENDS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (HANGUP, 129)], ids=["SIGTERM", "SIGHUP"]
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        assert signal.getsignal(number) is handler


def receive(*numbers: int) -> Any:
    """Returns a `snapshot` that sends signals to the process that trains, in its first epoch."""
    left = list(numbers)

    def snapshot(model: Any, data: Any) -> np.ndarray:
        while left:
            signal.raise_signal(left.pop())
        return np.zeros(1)

    return snapshot


def status() -> Any:
    return json.loads(Path("runs/line/run.json").read_text(encoding="utf-8"))["status"]


@ENDS
def test_training_ends_after_the_epoch_and_is_saved(
    declare: Declare, number: int, code: int
) -> None:
    declare(epochs=100, snapshot=receive(number))
    declare(name="next", build_model=pytest.fail)
    assert cli.main(["run", "line", "next", "--jobs", "1"]) == code
    assert status() == "interrupted"
    assert len(Path("runs/line/history.csv").read_text(encoding="utf-8").splitlines()) < 5
    assert not Path("runs/next").exists()


@ENDS
def test_outside_training_the_command_ends_at_once(
    declare: Declare, number: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def loading() -> Any:
        signal.raise_signal(number)
        return load_data()

    declare(load_data=loading)
    assert cli.main(["run", "line"]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert "interrupted; no results" in line


def test_a_signal_that_comes_again_does_not_prevent_saving(declare: Declare) -> None:
    assert HANGUP is not None
    declare(epochs=100, snapshot=receive(HANGUP, HANGUP, signal.SIGTERM))
    assert cli.main(["run", "line"]) == 143
    assert status() == "interrupted"


def test_ctrl_c_after_a_signal_ends_at_once(declare: Declare) -> None:
    declare(epochs=100, snapshot=receive(signal.SIGINT, signal.SIGTERM))
    assert cli.main(["run", "line"]) == 143
    assert not Path("runs/line/run.json").exists()


def test_an_error_afterwards_keeps_its_exit_code(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", full)
    declare(epochs=100, snapshot=receive(signal.SIGTERM))
    assert cli.main(["run", "line"]) == RunError.exit_code


@pytest.mark.parametrize("number", [signal.SIGINT, HANGUP], ids=["SIGINT", "SIGHUP"])
def test_what_is_ignored_stays_ignored(declare: Declare, number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)  # as nohup, or a job in the background, has it
    try:
        declare(epochs=3, snapshot=receive(number))
        assert cli.main(["run", "line"]) == 0
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)
    assert status() == "complete"


def train_in(folder: Path, terminal: str) -> None:
    """Trains without end in a terminal; the body of a process."""
    os.setsid()
    opened = os.open(terminal, os.O_RDWR)  # the first of a session controls it
    for descriptor in range(3):
        os.dup2(opened, descriptor)
    sys.stdout, sys.stderr = (os.fdopen(each, "w", encoding="utf-8") for each in (1, 2))
    os.chdir(folder)
    declarer(pytest.MonkeyPatch())(epochs=1_000_000)
    raise SystemExit(cli.main(["run", "line"]))


def under_way(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@linux("a terminal of its own for a process")
def test_a_closed_terminal_ends_the_command_as_ctrl_c_does(tmp_path: Path) -> None:
    master, slave = os.openpty()
    process = killed.PROCESSES.Process(
        target=train_in, args=(tmp_path, os.ttyname(slave)), daemon=True
    )
    process.start()
    under_way(lambda: list(tmp_path.glob("runs/**/*.ckpt")))
    os.close(slave)
    os.close(master)
    process.join(60)
    assert process.exitcode == 129
    assert status() == "interrupted"
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".partial")]


@linux("/proc")
@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["run", "sine-rnn", "--epochs", "1000000"],
        ["run", "sine-rnn", "sine-lstm", "--epochs", "1000000", "--jobs", "2"],
        ["compare", "sine-rnn", "--vary", "epochs=1000000,1000001", "--seeds", "1"],
        ["notebook", "fashion-mnist-ffn", "--execute"],
        ["demo", "--no-browser", "--data", "stand-in"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
@ENDS
def test_every_command_ends_with_its_children_and_temporary_files(
    tmp_path: Path, words: list[str], number: int, code: int
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_examples", *words],
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    started: set[int] = set()
    if words[0] == "demo":
        assert process.stdout.readline().startswith("http://")
    elif words[0] == "run":
        under_way(lambda: list(tmp_path.glob("runs/**/*.ckpt")))
        started = children(process.pid)
    else:
        under_way(lambda: children(process.pid))
        if words[0] == "compare":  # TensorFlow's, once it trains
            under_way(lambda: list(temporary.rglob("__autograph*")))
        else:
            time.sleep(2)
        started = children(process.pid)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    under_way(lambda: not any(Path(f"/proc/{child}").exists() for child in started))
    assert list(temporary.iterdir()) == []
    assert not list(tmp_path.rglob("*.ipynb"))


def children(process: int) -> set[int]:
    """The processes that a process has started, from whichever of its threads."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}
