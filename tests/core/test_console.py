from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keras_examples.core import console
from tests.platforms import posix


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

    monkeypatch.setattr("tempfile.TemporaryFile", full)
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


@posix("a shell that closes streams")
def test_a_program_without_stderr_runs() -> None:
    program = "from keras_examples.core import console\nwith console.quiet(): print('done')"
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "{program}" 2>&-'], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_announcing_without_stderr_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console.announce("a line", "一行")
    assert capsys.readouterr() == ("", "a line\n")
    monkeypatch.setattr(sys, "stderr", None)
    console.announce("a line", "一行")
    assert capsys.readouterr().out == ""


@posix("descriptors that are closed")
def test_no_file_gets_a_descriptor_of_the_streams_into_which_c_prints(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from keras_examples.core import console\n"
        f"with console.usable_streams(), open({str(tmp_path / 'file')!r}, 'w') as file:\n"
        "    file.write(str(file.fileno()))"
    )
    line = f'"{sys.executable}" -c "{program}" <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", line]).returncode == 0
    assert int((tmp_path / "file").read_text(encoding="utf-8")) > 2


class Broken(io.StringIO):
    """A stream that raises an error when it is written."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, _: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        ValueError("I/O operation on closed file"),
        RuntimeError("reentrant call"),  # a line at Ctrl-C, in the middle of another
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_line_that_cannot_be_printed_is_left_out(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(sys, "stderr", Broken(error))
    console.announce("a line", "一行")


def test_a_line_is_printed_above_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    stream = Terminal(io.BytesIO(), encoding="utf-8", newline="")
    monkeypatch.setattr(sys, "stderr", stream)
    with console.progress_bar(2, "name", "step") as bar:
        bar.update()
        console.announce("a line", "一行")
    stream.seek(0)
    shown = stream.read()
    assert re.search(r"\rname: .*\r +\ra line\n\rname: ", shown)
    assert shown.endswith("\r")


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_without_a_terminal_a_bar_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with console.progress_bar(2, "name", "step") as bar:
        bar.update(2)
    assert stream is None or stream.getvalue() == ""
