"""How training ends: by itself, or by Ctrl-C."""

from __future__ import annotations

import json
import re
import signal
import threading
from typing import Any

import numpy as np
import pytest

from keras_examples import cli
from keras_examples.core.text import speaking
from tests.runner.conftest import Place
from tests.stub import Declare


def press_ctrl_c(*, times: int = 1, on_call: int = 1) -> Any:
    """Returns a `snapshot` that presses Ctrl-C, once training is under way."""
    calls = 0

    def snapshot(model: Any, data: Any) -> np.ndarray:
        nonlocal calls
        calls += 1
        if calls == on_call:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return np.zeros(1)

    return snapshot


def test_ctrl_c_ends_after_the_epoch_and_saves_what_there_is(
    declare: Declare, place: Place
) -> None:
    declare(epochs=100, snapshot=press_ctrl_c())
    done = place.run()
    assert done.status == "interrupted"
    assert 1 <= len(done.history["loss"]) <= 3
    files = place.files()
    assert {"plots/line-fit.png", "runs/line/model.keras"} < set(files)
    assert json.loads(files["runs/line/run.json"])["status"] == "interrupted"
    rows = files["runs/line/history.csv"].decode().splitlines()
    assert len(rows) == 1 + len(done.history["loss"])


def test_ctrl_c_twice_ends_at_once_and_saves_nothing(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    before = place.write_earlier()
    declare(epochs=100, snapshot=press_ctrl_c(times=2))
    code = cli.main(["run", "line", "--plots", str(place.plots), "--runs", str(place.runs)])
    assert code == 130
    assert place.files() == before
    assert "interrupted" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("on_call", [1, 3])
def test_ctrl_c_ends_the_command_with_all_that_was_to_follow(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str], on_call: int
) -> None:
    declare(epochs=3, snapshot=press_ctrl_c(on_call=on_call))
    declare(name="next", build_model=pytest.fail)
    folders = ["--plots", str(place.plots), "--runs", str(place.runs)]
    code = cli.main(["run", "line", "next", "--jobs", "1", *folders])
    assert code == 130
    assert not (place.runs / "next").exists()
    assert str(place.runs / "line" / "model.keras") in capsys.readouterr().out


def test_ctrl_c_does_after_a_run_what_it_did_before(declare: Declare, place: Place) -> None:
    before = signal.getsignal(signal.SIGINT)
    declare(epochs=3, snapshot=press_ctrl_c())
    place.run()
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_a_companion_trains_saves_nothing(declare: Declare, place: Place) -> None:
    twin = declare(name="twin", epochs=9, snapshot=press_ctrl_c())
    declare(companions={"twin": twin})
    with pytest.raises(KeyboardInterrupt):
        place.run()
    assert place.files() == {}


def test_a_run_works_in_a_thread_where_ctrl_c_never_comes(declare: Declare, place: Place) -> None:
    declare(epochs=1)
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(place.run()))
    thread.start()
    thread.join()
    assert done[0].status == "complete"


@pytest.mark.parametrize("batch_size", [1, 3, 8, 1000])
def test_a_batch_size_need_not_divide_the_data(
    declare: Declare, place: Place, batch_size: int
) -> None:
    declare()
    done = place.run(batch_size=batch_size)
    assert len(done.history["loss"]) == 2
    assert np.isfinite(done.history["loss"]).all()


def test_progress_tells_the_epoch_the_metrics_and_the_time_left(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(epochs=3)
    place.run(verbose=True)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("line  epoch 1/3  ")
    assert "loss" in first
    assert "s left" in first
    assert last.startswith("line  epoch 3/3  ")
    assert "left" not in last


def test_progress_is_told_in_chinese_too(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(epochs=3)
    with speaking("zh"):
        place.run(verbose=True)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"line  第 1/3 轮  loss .*  还需 \d+ 秒", first)
    assert last.startswith("line  第 3/3 轮  ")
    assert "还需" not in last


def test_progress_over_many_epochs_stays_on_a_screen(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(epochs=60)
    place.run(verbose=True)
    assert 5 <= len(capsys.readouterr().err.splitlines()) <= 20
