from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from keras_examples.core import console


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    console.release()


def say(line: str) -> None:
    """Writes to stderr as C++ does."""
    os.write(2, line.encode())


def test_what_is_written_in_quiet_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with console.quiet():
        say("noise\n")
    say("heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_an_error_in_quiet_shows_what_was_written(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        say("the reason\n")
        raise ImportError

    with pytest.raises(ImportError), console.quiet():
        fail()
    assert capfd.readouterr().err == "the reason\n"


def test_ctrl_c_in_quiet_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        say("noise\n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), console.quiet():
        interrupt()
    say("heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_holding_twice_is_holding_once(capfd: pytest.CaptureFixture[str]) -> None:
    console.hold()
    console.hold()
    say("noise\n")
    console.release()
    console.release()
    say("heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_without_room_for_what_is_held_it_is_let_through(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(console.tempfile, "TemporaryFile", full)
    with console.quiet():
        say("noise\n")
    assert capfd.readouterr().err == "noise\n"


def test_a_level_that_the_user_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with console.quiet():
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_a_program_that_dies_in_quiet_says_why() -> None:
    program = "from keras_examples.core import console; console.hold(); import no_such_module"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "No module named 'no_such_module'" in done.stderr


def test_a_program_without_stderr_runs() -> None:
    program = "from keras_examples import quiet\nwith console.quiet(): print('done')"
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "{program}" 2>&-'], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "done\n")
