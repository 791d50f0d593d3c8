"""`run` with several examples in processes side by side."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from keras_examples import cli
from keras_examples.cli import run as command
from keras_examples.cli import side_by_side
from keras_examples.cli.side_by_side import SideBySide
from tests.platforms import posix
from tests.runner.processes.conftest import stubs

__all__ = ["stubs"]  # a fixture

pytestmark = pytest.mark.usefixtures("stubs")


def record(name: str, runs: str = "runs") -> Any:
    return json.loads(Path(runs, name, "run.json").read_text(encoding="utf-8"))


def test_they_are_the_same_to_the_bit_as_one_after_the_other_and_share_what_they_read(
    capfd: pytest.CaptureFixture[str],
) -> None:
    names = ("digits-too", "digits")
    assert cli.main(["run", *names, "--jobs", "2"]) == 0
    out, err = capfd.readouterr()
    assert Path("reads.txt").read_text() == "mnist\n"
    # A summary is whole, and lines are those of a run alone.
    blocks = ["\n".join(out.splitlines()[start : start + 4]) for start in (0, 4)]
    assert sorted(block.partition(":")[0] for block in blocks) == ["digits", "digits-too"]
    for name in names:
        (block,) = (block for block in blocks if block.startswith(f"{name}: complete in "))
        assert "data     mnist (folder)" in block
        assert str(Path("runs", name, "model.keras")) in block
        lines = [line for line in err.splitlines() if line.startswith(f"{name}  ")]
        assert [line.split("  ")[1] for line in lines] == ["epoch 1/2", "epoch 2/2"]

    assert cli.main(["run", *names, "--jobs", "1", "--runs", "one", "--plots", "one"]) == 0
    assert Path("reads.txt").read_text() == "mnist\n" * 2
    for name in names:
        both = record(name), record(name, "one")
        for what in ("weights_sha256", "history_sha256", "data", "config", "command"):
            assert both[0][what] == both[1][what], what
        (figure,) = both[0]["figures"]
        assert Path("plots", figure).read_bytes() == Path("one", figure).read_bytes()


@posix("SIGKILL")
@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ("dies", "dies: its process ended with code -9, perhaps out of memory"),
        pytest.param(
            "diverges", "diverges: the loss of diverges became NaN in epoch", marks=pytest.mark.slow
        ),
    ],
)
def test_one_that_fails_takes_along_only_itself_and_what_has_not_begun(
    failing: str, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "never", "waits", failing, "--jobs", "2"]) == 1
    out, err = capfd.readouterr()
    assert record("waits")["status"] == "complete"
    assert out.startswith("waits: complete")
    assert not Path("runs/never").exists()
    (line,) = (line for line in err.splitlines() if line.startswith("keras-examples: error: "))
    assert told in line


def press(number: int, once_two_are: str, times: int = 1) -> None:
    """Sends a signal to this process once there are two files of a pattern."""

    def wait() -> None:
        while len(list(Path().glob(once_two_are))) < 2:
            time.sleep(0.05)
        for _ in range(times):
            os.kill(os.getpid(), number)
            time.sleep(0.5)

    threading.Thread(target=wait, daemon=True).start()


@posix("signals")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)],
)
def test_ctrl_c_ends_all_after_their_epochs_and_saves_them(
    number: int, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    press(number, "runs/*/checkpoints/*/*.ckpt")
    assert cli.main(["run", "never", "endless", "endless-too", "--jobs", "2"]) == code
    _, err = capfd.readouterr()
    assert err.count("Interrupted: saving after this epoch") == 1
    for name in ("endless", "endless-too"):
        assert record(name)["status"] == "interrupted"
        assert f"{name}: interrupted; run it again with --resume to continue." in err
    assert not Path("runs/never").exists()


@posix("signals")
@pytest.mark.slow
def test_ctrl_c_twice_ends_all_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    press(signal.SIGINT, "stuck-*", times=2)
    assert cli.main(["run", "never", "stuck", "stuck-too", "--jobs", "2"]) == 130
    _, err = capfd.readouterr()
    for name in ("stuck", "stuck-too"):
        assert f"{name}: interrupted; nothing of it was saved." in err
    assert not list(Path().rglob("run.json"))
    assert not list(Path().rglob("*.partial"))


@pytest.mark.slow
def test_what_an_example_cannot_take_is_one_line_before_anything_is_written(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["run", "digits", "endless", "--rescale", "--jobs", "2"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("keras-examples: error: ")
    assert "does not take --rescale" in line
    assert not Path("runs").exists()


@pytest.mark.slow
def test_a_folder_that_another_run_uses_is_one_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    from filelock import FileLock

    for name in ("digits", "digits-too"):
        Path("runs", name).mkdir(parents=True)
    with FileLock("runs/digits/.lock"), FileLock("runs/digits-too/.lock"):
        assert cli.main(["run", "digits", "digits-too", "--jobs", "2"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "is in use by another run" in line


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["digits"], 0),
        (["digits", "digits", "--jobs", "4"], 0),
        (["digits", "endless", "--jobs", "1"], 0),
        (["digits", "endless", "--strategy", "mirrored"], 0),
        (["digits", "endless"], 3),
        (["digits", "endless", "--jobs", "7"], 7),
    ],
)
def test_examples_run_side_by_side_if_there_are_several_and_as_many_as_asked_for(
    words: list[str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def one_by_one(*_: object) -> int:
        found.append(0)
        return 0

    def side_by_side(self: SideBySide, jobs: int | None) -> int:
        found.append(jobs or 3)
        return 0

    monkeypatch.setattr(command, "count_cores", lambda: 3)
    monkeypatch.setattr(command, "_one_by_one", one_by_one)
    monkeypatch.setattr(SideBySide, "run", side_by_side)
    assert cli.main(["run", *words]) == 0
    assert found == [size]


class Pool:
    """Stands for the processes, on a machine with a GPU: counts the requests at a time."""

    most = 0

    def __init__(self, size: int) -> None:
        self._open: list[tuple[int, dict[str, Any]]] = []
        self._count = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def add(self, request: dict[str, Any]) -> int:
        self._open.append((self._count, request))
        self._count += 1
        return self._count - 1

    def replies(self) -> Iterator[tuple[int, dict[str, Any]]]:
        while self._open:
            Pool.most = max(Pool.most, len(self._open))
            number, request = self._open.pop(0)
            if request["task"] == "plan":
                plans = dict.fromkeys(request["names"], request["options"])
                yield number, {"status": "complete", "plans": plans, "gpus": 1}
            else:
                yield number, {"line": "mnist: drawn stand-ins"}
                yield number, {"epoch": 3}
                yield number, {"error": ["interrupted", "已中断"], "code": 130}


@pytest.mark.parametrize(("jobs", "most"), [((), 1), (("--jobs", "2"), 2)])
def test_on_a_gpu_examples_run_one_at_a_time_unless_more_are_asked_for(
    jobs: tuple[str, ...], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "ProcessPool", Pool)
    monkeypatch.setattr(command, "count_cores", lambda: 8)
    monkeypatch.setattr(Pool, "most", 0)
    assert cli.main(["run", "digits", "digits-too", "endless", *jobs]) == 0
    assert Pool.most == most


def test_a_bar_shows_what_is_in_training_and_a_message_of_several_is_printed_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(side_by_side, "ProcessPool", Pool)
    monkeypatch.setattr(side_by_side, "_OFTEN", 0)
    bar = Mock()
    monkeypatch.setattr(side_by_side, "progress_bar", lambda *_: bar)
    assert cli.main(["run", "digits", "endless", "--jobs", "2"]) == 0
    shown = [call.args[0] for call in bar.set_postfix_str.call_args_list]
    assert shown[:2] == ["digits 0, endless 0", "digits 3, endless 0"]
    assert bar.update.call_count == 2
    assert capsys.readouterr().err.count("mnist: drawn stand-ins") == 1
