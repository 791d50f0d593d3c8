"""The processes side by side: what becomes of requests, whatever becomes of the processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from keras_examples import InputError, RunError
from keras_examples.core.signals import INTERRUPTED
from keras_examples.runner.processes.pool import ProcessPool, Reply, error_of, is_last

pytestmark = pytest.mark.usefixtures("echo")


def ended(pool: ProcessPool) -> dict[int, Reply]:
    return {number: reply for number, reply in pool.replies() if is_last(reply)}


def test_requests_are_answered_in_turn_and_more_may_be_added() -> None:
    with ProcessPool(1, [{"task": "one"}, {"task": "two"}]) as pool:
        assert [reply["status"] for _, reply in pool.replies()] == ["one", "two"]
        assert pool.add({"task": "three"}) == 2
        assert [number for number, _ in pool.replies()] == [2]


def test_the_processes_have_the_environment_that_is_asked_for() -> None:
    with ProcessPool(1, [{"task": "one"}], environment={"ECHO": "here"}) as pool:
        assert ended(pool)[0]["environment"] == "here"


def test_a_process_that_dies_takes_along_only_its_own_request() -> None:
    with ProcessPool(2, [{"task": task} for task in ("die", "one", "die", "two", "three")]) as pool:
        replies = ended(pool)
    assert ["error" in replies[number] for number in range(5)] == [True, False, True, False, False]
    error = error_of(replies[0])
    assert isinstance(error, RunError)
    assert str(error) == "its process ended with code 9, perhaps out of memory"


def test_an_interrupt_lets_what_runs_end_and_drops_the_rest() -> None:
    with ProcessPool(1, [{"task": "wait"}, {"task": "never"}]) as pool:
        replies = {}
        for number, reply in pool.replies():
            if "epoch" in reply:
                pool.interrupt()
            else:
                replies[number] = reply
    assert replies[0]["status"] == "wait"
    assert isinstance(error_of(replies[1]), KeyboardInterrupt)


def test_leaving_the_block_ends_processes_and_their_temporary_folder() -> None:
    with ProcessPool(2, [{"task": "wait"}]) as pool:
        next(pool.replies())
        folder = Path(pool._temporary.name)
        assert folder.exists()
    assert not folder.exists()
    assert all(process.returncode is not None for process in pool._processes)


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with ProcessPool(1, [{"task": "one"}]) as pool, pytest.raises(OSError, match="/nowhere/python"):
        ended(pool)


def test_an_error_is_of_the_kind_that_its_exit_code_says() -> None:
    kinds = {
        code: type(error_of({"error": ["why", "为何"], "code": code}))
        for code in (1, 2, INTERRUPTED)
    }
    assert kinds == {1: RunError, 2: InputError, INTERRUPTED: KeyboardInterrupt}
