"""Several examples: which options each gets, and their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keras_examples import InputError
from keras_examples.core import catalogue
from keras_examples.runner.options import Options
from keras_examples.runner.planning import plan
from tests.stub import Declare, declarer, load_data


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    monkeypatch.setattr(catalogue, "MODULES", ())
    return declarer(monkeypatch)


def from_files(data: str = "auto", data_dir: Any = None) -> Any:
    return load_data()


NAMES = ("one", "two", "files", "three")


@pytest.fixture
def examples(declare: Declare) -> None:
    for name in NAMES:
        declare(name=name, load_data=from_files if name == "files" else load_data)


def write_record(folder: Path, name: str, seconds: float) -> None:
    (folder / name).mkdir()
    record = {
        "example": name,
        "title": {"en": "A line", "zh": "直线"},
        "status": "complete",
        "command": "",
        "seed": 0,
        "data": {"name": "line", "source": "computed"},
        "processor": "",
        "cores": 2,
        "metrics": {},
        "parameters": 2,
        "weights_sha256": "",
        "figures": [],
        "seconds": {"total": seconds},
    }
    (folder / name / "run.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.usefixtures("examples")
def test_without_records_those_with_large_data_come_first_and_the_later_before_the_earlier(
    tmp_path: Path,
) -> None:
    options = Options(runs=tmp_path)
    assert list(plan(NAMES, options, leave_out=False)) == ["files", "three", "two", "one"]


@pytest.mark.usefixtures("examples")
def test_the_longest_by_its_last_run_comes_first_after_those_that_never_ran(tmp_path: Path) -> None:
    for name, seconds in (("one", 9.5), ("three", 1.0), ("files", 4.0)):
        write_record(tmp_path, name, seconds)
    options = Options(runs=tmp_path)
    assert list(plan(NAMES, options, leave_out=False)) == ["two", "one", "files", "three"]


@pytest.mark.usefixtures("examples")
def test_a_file_that_is_no_record_does_not_matter(tmp_path: Path) -> None:
    write_record(tmp_path, "one", 1.0)
    (tmp_path / "one" / "run.json").write_text("{}")
    assert list(plan(["one", "two"], Options(runs=tmp_path), leave_out=False)) == ["two", "one"]


def test_each_has_the_options_that_it_has_a_use_for_or_all_are_refused(
    declare: Declare, tmp_path: Path
) -> None:
    declare(name="line")
    declare(name="given", epochs=0)
    options = Options(runs=tmp_path, epochs=3, seed=4)
    plans = plan(["line", "given"], options, leave_out=True)
    assert [(each["epochs"], each["seed"]) for each in plans.values()] == [(None, 4), (3, 4)]
    with pytest.raises(InputError, match="given has nothing to train"):
        plan(["line", "given"], options, leave_out=False)
