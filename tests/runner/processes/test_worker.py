"""What a process of a pool answers, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keras_examples import RunError
from keras_examples.runner.processes import worker
from tests.stub import Declare, declarer


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


def answer(**request: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Returns the last reply, and those before it."""
    before: list[dict[str, Any]] = []
    reply = worker._answer({"task": "run", "name": "line", **request}, before.append)
    return json.loads(json.dumps(reply, default=float)), before


def options(folder: Path, **more: Any) -> dict[str, Any]:
    return {"plots": str(folder / "plots"), "runs": str(folder / "runs"), "verbose": False, **more}


def test_a_run_is_answered_with_what_was_saved(declare: Declare, tmp_path: Path) -> None:
    declare()
    reply, before = answer(options=options(tmp_path))
    assert before == [{"epoch": 1}, {"epoch": 2}]
    assert reply["status"] == "complete"
    assert json.loads(Path(reply["folder"], "run.json").read_text()) == reply["record"]
    assert [Path(figure).exists() for figure in reply["figures"]] == [True]


@pytest.mark.parametrize(
    ("raised", "reply"),
    [
        (RunError("no room", "没有空间"), {"error": ["no room", "没有空间"], "code": 1}),
        (OSError(28, "full"), {"error": ["[Errno 28] full.", "[Errno 28] full。"], "code": 1}),
        (KeyError("why\nand how"), {"error": [r"KeyError: 'why\nand how'"] * 2, "code": 1}),
        (
            KeyboardInterrupt(),
            {
                "error": ["interrupted; nothing of it was saved", "已中断；没有保存任何结果"],
                "code": 130,
            },
        ),
    ],
)
def test_an_error_is_answered_with_its_text_and_its_exit_code(
    raised: BaseException, reply: dict[str, Any], declare: Declare, tmp_path: Path
) -> None:
    def fail() -> Any:
        raise raised

    declare(load_data=fail)
    assert answer(options=options(tmp_path))[0] == reply


def test_what_cannot_be_used_is_answered_with_exit_code_2(declare: Declare, tmp_path: Path) -> None:
    declare()
    for given, told in (({"epochs": 0}, "epochs: got 0"), ({"rescale": True}, "does not take")):
        reply, _ = answer(options=options(tmp_path, **given))
        assert reply["code"] == 2
        assert told in reply["error"][0]


def test_messages_are_sent_line_by_line() -> None:
    sent: list[dict[str, Any]] = []
    stream = worker._Messages(sent.append)
    print("one\ntw", end="", file=stream)
    print("o", file=stream)
    assert sent == [{"line": "one"}, {"line": "two"}]


@pytest.mark.usefixtures("stubs")
def test_when_its_parent_has_died_a_run_ends_after_its_epoch_and_is_saved() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.runner.processes.stub_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin
    assert process.stdout
    request = {"task": "run", "name": "endless", "options": {"lang": "en"}}
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()
    while "epoch" not in json.loads(process.stdout.readline()):
        pass
    process.stdin.close()
    process.stdout.close()
    assert process.wait(60) == 0
    record = json.loads(Path("runs/endless/run.json").read_text(encoding="utf-8"))
    assert record["status"] == "interrupted"
