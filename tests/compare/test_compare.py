"""Comparisons: grids of settings, trained side by side, and what is left of them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.text
import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_examples import InputError, RunError, cli, run
from keras_examples.compare import CompareOptions, Comparison, compare
from keras_examples.compare import options as package
from keras_examples.compare.figure import draw
from keras_examples.compare.results import Result, table, write_csv
from keras_examples.compare.settings import Setting, apply, label, settings
from keras_examples.core import Text
from keras_examples.figures.style import style
from keras_examples.runner.options import Options
from keras_examples.runner.overrides import explain
from keras_examples.runner.processes.pool import ProcessPool
from tests.platforms import posix
from tests.stub import LINE, Declare, declarer

Compare = Callable[..., Comparison]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


@pytest.fixture
def compare_here(tmp_path: Path) -> Compare:
    places = {"plots": tmp_path / "plots", "runs": tmp_path / "runs", "verbose": False}
    return lambda *given, **options: compare(*given, **{**places, **options})


def result(rate: float, seed: int, *losses: float, **changes: Any) -> Result:
    record = {"metrics": {"loss": losses[-1]}, "loss": "mean_squared_error"}
    return Result(
        **{
            "setting": {"learning_rate": rate},
            "seed": seed,
            "status": "complete",
            "history": {"loss": list(losses)},
            "record": record,
            **changes,
        }
    )


DIVERGED = result(9.0, 0, 1.0, float("nan"), status="diverged")
FAILED = result(
    9.0, 1, 0.0, status="failed", history={}, record={}, error=Text("no room", "没有空间")
)


# Settings


def test_the_grid_is_every_combination_in_the_types_of_the_model_builder() -> None:
    found = settings(LINE, {"learning_rate": ["1e-2", 1], "epochs": ["3"]})
    assert found == [{"learning_rate": 0.01, "epochs": 3}, {"learning_rate": 1.0, "epochs": 3}]
    assert [type(one["learning_rate"]) for one in found] == [float, float]


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ({"units": ["3"]}, r"cannot vary 'units' of line; .*learning_rate \(a number\), epochs"),
        ({"rescale": ["true"]}, "cannot vary 'rescale' of line"),
        ({"learning_rate": ["fast"]}, "learning_rate: got 'fast', expected a number"),
        ({"learning_rate": ["nan"]}, "learning_rate: got 'nan', expected a number"),
        ({"learning_rate": ["0.1", "1e-1"]}, "learning_rate: got 1e-1 twice; leave out one"),
        ({"epochs": [3, "3"]}, "epochs: got 3 twice; leave out one"),
        ({"batch_size": ["1.5"]}, "batch_size: got '1.5', expected a whole number"),
    ],
)
def test_what_cannot_be_varied_is_told_with_what_can(vary: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        settings(LINE, vary)


def test_a_setting_becomes_options_and_hyperparameters() -> None:
    options = apply({"learning_rate": 0.5, "epochs": 7}, Options(batch_size=2))
    assert (options.epochs, options.batch_size) == (7, 2)
    assert options.hyperparameters == {"learning_rate": 0.5}


def test_a_label_is_written_as_on_the_command_line() -> None:
    setting: Setting = {"activation": None, "rescale": True, "units": 8}
    assert label(setting) == "activation=none, rescale=true, units=8"


# Table, CSV and figure


def test_the_table_has_the_mean_and_the_range_over_the_seeds() -> None:
    words = table([result(0.1, 0, 4.0, 1.0), result(0.1, 1, 4.0, 2.0)], "en")
    assert "| learning_rate=0.1 | 2 | 1.5 (1–2) |" in words


def test_the_table_says_which_runs_went_wrong_and_how() -> None:
    words = table([result(0.1, 0, 1.0), DIVERGED, FAILED], "en")
    assert "| learning_rate=9.0 | 0 of 2 | — |" in words
    assert "- learning_rate=9.0, seed 0: diverged: the loss became NaN in epoch 2" in words
    assert "- learning_rate=9.0, seed 1: no room" in words


def test_the_chinese_table_is_in_chinese() -> None:
    words = table([result(0.1, 0, 1.0), DIVERGED, FAILED], "zh")
    assert words.startswith("| 设置 | 完成的运行 |")
    assert "- learning_rate=9.0，随机种子 0：发散" in words
    assert "- learning_rate=9.0，随机种子 1：没有空间" in words


def test_the_csv_has_a_row_for_every_epoch_of_every_run_in_full_precision(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [result(0.1, 0, 1 / 3, 0.25), DIVERGED, FAILED])
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["learning_rate", "seed", "epoch", "loss"]
    assert [row[:3] for row in rows[1:]] == [
        ["0.1", "0", "1"],
        ["0.1", "0", "2"],
        ["9.0", "0", "1"],
        ["9.0", "0", "2"],
    ]
    assert float(rows[1][3]) == 1 / 3


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


@pytest.mark.parametrize(("lang", "words"), [("en", "failed: 2 of 2"), ("zh", "2 次中失败 2 次")])
def test_the_figure_names_every_setting_and_what_failed(lang: str, words: str) -> None:
    results = [result(0.1, 0, 2.0, 1.0), result(0.1, 1, 3.0, 1.5), DIVERGED, FAILED]
    with style(lang):
        figure = draw(LINE, results, lang)
    assert "learning_rate=0.1" in texts(figure)
    assert words in texts(figure)


def test_the_figure_has_the_mean_as_a_line_and_the_range_as_a_band() -> None:
    results = [result(0.1, 0, 2.0, 1.0), result(0.1, 1, 4.0, 2.0)]
    with style():
        (axes,) = draw(LINE, results, "en").axes
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == [3.0, 1.5]
    (band,) = axes.collections
    assert {2.0, 4.0, 1.0} <= set(np.asarray(band.get_paths()[0].vertices)[:, 1])


def test_validation_has_a_row_of_its_own() -> None:
    both = {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}
    with style():
        figure = draw(LINE, [result(0.1, 0, 2.0, 1.0, history=both)], "en")
    assert [axes.get_title() for axes in figure.axes] == ["Training", "Validation"]


# The processes


def test_a_run_of_a_comparison_has_the_result_of_the_same_run_alone(
    compare_here: Compare, tmp_path: Path
) -> None:
    options = {"data": "stand-in", "batch_size": 1000}
    done = compare_here(
        "logistic-regression",
        {"learning_rate": ["0.01", "1e-3"], "epochs": [3]},
        seeds=2,
        **options,
    )
    assert [one.seed for one in done.results] == [0, 1, 0, 1]
    alone = run(
        "logistic-regression",
        epochs=3,
        seed=1,
        hyperparameters={"learning_rate": 0.01},
        plots=tmp_path / "alone",
        runs=tmp_path / "alone",
        verbose=False,
        **options,  # type: ignore[arg-type]
    )
    assert done.results[1].record["weights_sha256"] == alone.record["weights_sha256"]
    assert dict(done.results[1].history) == dict(alone.history)

    assert done.status == "complete"
    assert [path.name for path in done.files] == [
        "logistic-regression-by-learning-rate-epochs.png",
        "compare.md",
        "compare.csv",
        "compare.json",
    ]
    assert "STAND-IN" in done.files[1].read_text()
    record = json.loads(done.files[3].read_text())
    assert record["command"] == (
        "keras-examples compare logistic-regression --vary learning_rate=0.01,0.001 "
        "--vary epochs=3 --seeds 2 --batch-size 1000 --data stand-in --lang en"
    )
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not [name for name in left if "partial" in name]


def test_settings_that_diverge_or_cannot_be_built_do_not_lose_the_others(
    compare_here: Compare, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs = tmp_path / "logs"
    vary = {"activation": ["relu", "steep"], "learning_rate": [0.001, 1e30]}
    options = {"seeds": 1, "epochs": 2, "jobs": 1, "verbose": True}
    done = compare_here("decision-boundary", vary, tensorboard=logs, **options)
    assert [one.status for one in done.results] == ["complete", "diverged", "failed", "failed"]
    assert "activation=relu, learning_rate=1e+30, seed 0: diverged" in done.table
    assert "decision-boundary cannot be built with activation=steep" in done.table
    record = json.loads(done.files[-1].read_text())
    assert record["runs"][1]["record"]["metrics"]["loss"] is None
    assert list(
        (logs / "activation=relu, learning_rate=0.001" / "seed-0").rglob("events.out.tfevents.*")
    )
    lines = capfd.readouterr().err.splitlines()
    assert [line.split("  ")[1] for line in lines] == ["1/4", "2/4", "3/4", "4/4"]


@pytest.mark.slow
def test_where_every_run_fails_nothing_is_saved(compare_here: Compare, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run of decision-boundary-by-activation was completed"):
        compare_here("decision-boundary", {"activation": ["steep"]}, seeds=1, epochs=1)
    assert not [path for path in tmp_path.rglob("*.*") if path.suffix in (".png", ".csv", ".json")]


@posix("SIGKILL")
@pytest.mark.slow
def test_a_process_that_dies_is_told_and_the_next_request_has_another() -> None:
    long, short = (
        {"task": "train", "name": "sine-rnn", "options": {"epochs": epochs}, "logs": None}
        for epochs in (10**6, 1)
    )
    last = {}
    with ProcessPool(1, [long, short]) as crew:
        for number, reply in crew.replies():
            last[number] = reply
            if number == 0 and "epoch" in reply:
                for process in crew._processes:
                    process.kill()
    assert "its process ended with code -9" in last[0]["error"][0]
    assert last[1]["status"] == "complete"


# The command


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "keras_examples", "compare", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )


@posix("Ctrl-C for a group of processes")
def test_ctrl_c_saves_the_runs_that_have_ended(tmp_path: Path) -> None:
    words = ("sine-rnn", "--vary", "epochs=1,1000000", "--seeds", "1", "--jobs", "2")
    process = start(tmp_path, *words)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "1/2  epochs=1  seed 0" in line
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "| epochs=1 | 1 |" in out
    record = json.loads((tmp_path / "runs/sine-rnn-by-epochs/compare.json").read_text())
    assert (record["status"], len(record["runs"])) == ("interrupted", 1)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["compare", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("keras-examples: error: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sine-rn", "--vary", "units=1"], "unknown example 'sine-rn'"),
        (["sine-rnn", "--vary", "units"], "argument --vary: got 'units', expected NAME=VALUE"),
        (["sine-rnn", "--vary", "units=1,,2"], "argument --vary: got 'units=1,,2'"),
        (["sine-rnn", "--vary", "depth=2"], "cannot vary 'depth' of sine-rnn"),
        (["sine-rnn", "--vary", "window=2"], "cannot vary 'window' of sine-rnn"),
        (["sine-rnn", "--vary", "epochs=0"], "epochs: got 0, expected a whole number"),
        (["sine-rnn", "--vary", "units=2", "--seeds", "0"], "argument --seeds: got '0'"),
        (["sine-rnn", "--vary", "units=2", "--rescale"], "sine-rnn does not take --rescale"),
        (["activations", "--vary", "dtype=float64"], "activations has nothing to train"),
        (["sine-rnn"], "the following arguments are required: --vary"),
        (["sine-rnn", "--vary", "units=4", "--vary", "units=8"], "write --vary units=4,8."),
        (["sine-rnn", "--vary", "units=4,units=5"], "expected NAME=VALUE,VALUE,… with the name"),
        (["sine-rnn", "--vary", "units=4,4"], "units: got 4 twice; leave out one of the two"),
        (["sine-rnn", "--vary", "epochs=1,2", "--epochs", "7"], "leave out --epochs, or do not"),
        (["digit-mlp", "--vary", "rescale=true", "--rescale"], "leave out --rescale, or do not"),
        (["sine-rnn", "--vary", "units=1000000"], "got 1000000, expected a number at least 1 and"),
        (["sine-rnn", "--vary", "learning_rate=-1"], "learning_rate: got -1.0, expected a number"),
        (
            ["sine-rnn", "--vary", "units=4", "--seeds", "1000000000"],
            "whole number from 1 to 10000",
        ),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line_before_anything_is_trained(
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told in refused(capsys, *words)
    assert not list(tmp_path.iterdir())


def test_without_tensorboard_its_logs_are_refused(
    monkeypatch: pytest.MonkeyPatch, compare_here: Compare
) -> None:
    monkeypatch.setattr(package, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install .*\[tensorboard\].*leave out --tensorboard"):
        compare_here("sine-rnn", {"units": [2]}, tensorboard="logs")


@pytest.mark.parametrize(
    ("vary", "options", "told"),
    [
        ({"units": range(3000), "learning_rate": range(3000)}, {}, "27,000,000 runs, .* 10,000"),
        ({"units": range(10**9)}, {"seeds": 1}, "1,000,000,000 runs"),
        ({"units": [4, 8]}, {"seeds": 5001}, "10,002 runs"),
        ({"units": [4]}, {"seeds": 10**9}, "seeds: got 1000000000, expected .* to 10000"),
        ({"units": "48"}, {}, r"units: got '48', expected a list of values"),
        ({"units": []}, {}, r"units: got \[\], expected a list of values"),
        ({"units": iter([4])}, {}, "expected a list of values"),
        ({"epochs": [1, 2]}, {"epochs": 7}, "epochs is varied, and also set to 7"),
        ({"batch_size": [1, 2]}, {"batch_size": 2}, "leave out --batch-size"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_made_of_it(
    vary: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        CompareOptions(vary, **options).check("sine-rnn")


def test_nothing_to_vary_is_refused(compare_here: Compare) -> None:
    with pytest.raises(InputError, match="name what to vary"):
        compare_here("sine-rnn", {})


# Hyperparameters of a single run


def test_a_run_takes_hyperparameters_and_records_them(declare: Declare, tmp_path: Path) -> None:
    declare()
    done = run(
        "line",
        hyperparameters={"learning_rate": "0.25"},
        plots=tmp_path / "plots",
        runs=tmp_path / "runs",
        verbose=False,
    )
    assert float(done.model.optimizer.learning_rate) == 0.25
    assert done.record["config"]["learning_rate"] == 0.25
    assert done.record["command"].endswith("--hyperparameters learning_rate=0.25")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"depth": 2}, r"line has no hyperparameter 'depth', it has learning_rate \(a number\);"),
        ({"learning_rate": "fast"}, "learning_rate: got 'fast', expected a number"),
    ],
)
def test_a_hyperparameter_that_cannot_be_is_told_and_nothing_is_written(
    given: dict[str, Any], told: str, declare: Declare, tmp_path: Path
) -> None:
    declare()
    with pytest.raises(InputError, match=told):
        run("line", hyperparameters=given, plots=tmp_path / "p", runs=tmp_path / "r")
    assert not list(tmp_path.iterdir())


def test_none_and_truth_can_be_written_as_words(declare: Declare) -> None:
    from keras_examples.runner.overrides import parse_value as read

    assert read("activation", "none", (str, type(None))) is None
    assert read("activation", "relu", (str, type(None))) == "relu"
    assert (read("bias", "False", (bool,)), read("bias", True, (bool,))) == (False, True)
    with pytest.raises(InputError, match="bias: got 'yes', expected true or false"):
        read("bias", "yes", (bool,))


def test_types_are_told_in_chinese_too() -> None:
    told = explain({"units": (int,), "activation": (str, type(None))})
    assert told == Text(
        "units (a whole number), activation (text or none)",
        "units（整数）、activation（文字或空值 none）",
    )
