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
    console.release_stderr()


def write(line: str) -> None:
    """Writes to stderr as C++ does."""
    os.write(2, line.encode())


def test_what_is_written_while_quiet_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with console.quiet():
        write("noise\n")
    write("shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_an_error_while_quiet_shows_what_was_written(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        write("the reason\n")
        raise ImportError

    with pytest.raises(ImportError), console.quiet():
        fail()
    assert capfd.readouterr().err == "the reason\n"


def test_ctrl_c_while_quiet_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        write("noise\n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), console.quiet():
        interrupt()
    write("shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_holding_twice_is_holding_once(capfd: pytest.CaptureFixture[str]) -> None:
    console.hold_stderr()
    console.hold_stderr()
    write("noise\n")
    console.release_stderr()
    console.release_stderr()
    write("shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_without_room_for_a_temporary_file_stderr_stays_as_it_is(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(console.tempfile, "TemporaryFile", full)
    with console.quiet():
        write("noise\n")
    assert capfd.readouterr().err == "noise\n"


def test_a_level_that_the_user_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with console.quiet():
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_a_program_that_fails_while_quiet_shows_why() -> None:
    program = (
        "from keras_examples.core import console; console.hold_stderr(); import no_such_module"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "No module named 'no_such_module'" in done.stderr


def test_a_program_without_stderr_runs() -> None:
    program = "from keras_examples.core import console\nwith console.quiet(): print('done')"
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "{program}" 2>&-'], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_announcing_without_stderr_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console.announce("a line")
    assert capsys.readouterr() == ("", "a line\n")
    monkeypatch.setattr(sys, "stderr", None)
    console.announce("a line")
    assert capsys.readouterr().out == ""
