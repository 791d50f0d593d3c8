"""Whatever stdout and stderr are, and whatever they can encode, a command ends as it should."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text as FigureText
from PIL import Image

from keras_examples import Prediction, cli, run
from keras_examples.compare import Comparison
from keras_examples.core import Text, catalogue
from keras_examples.demo.training import TrainingQueue
from keras_examples.figures import fonts
from keras_examples.figures.explaining import explanation
from keras_examples.figures.style import style
from tests.platforms import posix
from tests.stub import Declare

# Those of Western and Chinese consoles of Windows among them.
ENCODINGS = ("ascii", "latin-1", "cp1252", "cp437", "cp936", "utf-16")
ANY_ENCODING = pytest.mark.parametrize("encoding", ENCODINGS)
COMMANDS = next(
    list(action.choices)
    for action in cli.make_parser()._actions
    if isinstance(action, argparse._SubParsersAction)
)
HELP: list[list[str]] = [["--help"], *([name, "--help"] for name in COMMANDS)]

Printed = tuple[int, str, str]
Main = Callable[..., Printed]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def main_in(monkeypatch: pytest.MonkeyPatch) -> Main:
    """Runs the command with streams of an encoding; returns the exit code and what is printed."""

    def call(encoding: str, *words: str) -> Printed:
        files = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            for name, file in zip(("stdout", "stderr"), files, strict=True):
                patch.setattr(sys, name, io.TextIOWrapper(file, encoding=encoding))
            try:
                code = cli.main(words)
            except SystemExit as end:
                code = int(end.code or 0)
            sys.stderr.flush()
            out, err = (file.getvalue().decode(encoding) for file in files)
        return code, out, err

    return call


def shown_in(encoding: str, text: str) -> str:
    """Returns a text as a stream shows it whose encoding lacks some of its characters."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


# Encodings


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        *((["list"], encoding) for encoding in ENCODINGS),
        *((words, "ascii") for words in (*HELP, ["--print-completion", "zsh"])),
    ],
)
def test_what_a_terminal_cannot_show_is_escaped_and_the_rest_is_as_usual(
    main_in: Main, words: list[str], encoding: str
) -> None:
    code, usual, _ = main_in("utf-8", *words)
    assert code == 0
    assert main_in(encoding, *words) == (0, shown_in(encoding, usual), "")


@pytest.mark.parametrize("encoding", ["ascii", "cp936"])
@pytest.mark.parametrize(
    "words",
    [
        ["run", "图像"],
        ["run", "mnist-cnn", "--data-dir", "数据"],
        ["predict", "mnist-cnn", "图片.png"],
        ["gallery", "--runs", "记录"],
        ["list", "列表"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_exit_2_in_any_encoding(
    main_in: Main, words: list[str], encoding: str
) -> None:
    code, out, err = main_in(encoding, *words)
    (line,) = err.splitlines()
    assert (code, out) == (2, "")
    assert shown_in(encoding, words[-1]) in line


@pytest.mark.parametrize("encoding", ["ascii", "cp936"])
def test_a_run_says_where_its_results_are_in_any_encoding(
    main_in: Main, declare: Declare, encoding: str
) -> None:
    declare(epochs=0)
    code, out, err = main_in(encoding, "run", "line", "--plots", "图", "--runs", "记录")
    assert (code, err) == (0, "")
    assert shown_in(encoding, str(Path("图", "line-fit.png"))) in out
    assert Path("图", "line-fit.png").exists()
    assert Path("记录", "line", "run.json").exists()


@ANY_ENCODING
def test_a_comparison_in_chinese_is_shown_in_any_encoding(
    main_in: Main, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    table = "| 设置 | 完成的运行 |"
    done = Comparison(
        name="line-by-units", status="complete", results=[], table=table, files=(Path("图.png"),)
    )
    monkeypatch.setattr("keras_examples.compare.compare", lambda *_, **__: done)
    code, out, err = main_in(encoding, "compare", "sine-rnn", "--vary", "units=1")
    assert (code, err) == (0, "")
    assert out.splitlines() == [shown_in(encoding, table), shown_in(encoding, "saved: 图.png")]


@pytest.fixture
def predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces `predict` by one that takes anything for an ankle boot."""

    def predict(name: str, pictures: list[str], *, lang: str, **_: Any) -> list[Prediction]:
        picture, image = Image.new("RGB", (28, 28)), np.zeros((28, 28))
        top = ((Text("Boot", "短靴")[lang], 0.9),)
        return [Prediction(file, picture, image, top) for file in pictures]

    monkeypatch.setattr("keras_examples.cli.predict.predict", predict)


PREDICT = ("predict", "fashion-mnist-ffn")


@ANY_ENCODING
@pytest.mark.usefixtures("predicted")
def test_a_prediction_in_chinese_is_not_lost_in_any_encoding(main_in: Main, encoding: str) -> None:
    code, out, err = main_in(encoding, *PREDICT, "图片.png", "--lang", "zh")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        shown_in(encoding, "图片.png: 短靴"),
        shown_in(encoding, "  短靴   90.0%"),
    ]


@ANY_ENCODING
@pytest.mark.usefixtures("predicted")
def test_json_is_the_same_in_any_encoding(main_in: Main, encoding: str) -> None:
    code, out, err = main_in(encoding, *PREDICT, "图😀.png", "--lang", "zh", "--json")
    assert (code, err) == (0, "")
    (found,) = json.loads(out)
    assert found == {"file": "图😀.png", "top": [{"label": "短靴", "probability": 0.9}]}


@posix("names of files that are not text")
@pytest.mark.usefixtures("predicted")
def test_a_picture_whose_name_is_no_text_is_predicted_and_explained(main_in: Main) -> None:
    code, out, err = main_in("utf-8", *PREDICT, os.fsdecode(b"\xff.png"), "--explain")
    assert (code, err) == (0, "")
    assert out.startswith(r"\udcff.png: Boot")
    assert Path("plots", "fashion-mnist-ffn-explain-_.png").exists()


@pytest.mark.usefixtures("predicted")
def test_pictures_with_long_or_strange_names_are_explained(main_in: Main) -> None:
    files = ["长" * 80 + ".png", "长" * 80 + ".jpg", "$x$ 短😀.png"]
    code, out, err = main_in("ascii", *PREDICT, *files, "--explain")
    assert (code, err) == (0, "")
    assert len(list(Path("plots").glob("*.png"))) == out.count("  figure") == 3


@pytest.mark.skipif(fonts.chinese() is None, reason="needs a Chinese font")
def test_a_figure_in_english_has_the_chinese_name_of_a_picture() -> None:
    prediction = Prediction(
        "短靴.png", Image.new("RGB", (28, 28)), np.zeros((28, 28)), (("a", 1.0),)
    )
    with style():
        figure = explanation(prediction, "Boots")
    assert "短靴.png" in [text.get_text() for text in figure.findobj(FigureText)]


def start(*command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a program in a process of its own, with Python's settings as they are by default."""
    changed = ("PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONUTF8")
    usual = {name: text for name, text in os.environ.items() if name not in changed}
    return subprocess.run(command, capture_output=True, timeout=120, env={**usual, **environment})


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a line in a shell, where `$MAIN` is the command."""
    return start("sh", "-c", line.replace("$MAIN", f'"{sys.executable}" -m keras_examples'))


LIST = (sys.executable, "-m", "keras_examples", "list")


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ([], {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}),
        (["-X", "utf8=0"], {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}),
        ([], {"PYTHONIOENCODING": "cp1252"}),
        ([], {"PYTHONIOENCODING": "cp936"}),
    ],
    ids=["ascii", "C without UTF-8", "cp1252", "cp936"],
)
def test_the_list_is_shown_in_any_locale(options: list[str], environment: dict[str, str]) -> None:
    done = start(LIST[0], *options, *LIST[1:], **environment, KERAS_EXAMPLES_LANG="zh")
    assert (done.returncode, done.stderr) == (0, b"")
    for name in catalogue.names():
        assert f"  {name} ".encode() in done.stdout
    heading = "神经元" if "cp936" in environment.values() else "The neuron"
    assert done.stdout.startswith(heading.encode("cp936"))


def test_what_the_user_chose_for_lacking_characters_is_kept() -> None:
    show = "from keras_examples.core.console import usable_streams as u\nwith u(): print('数字')"
    done = start(sys.executable, "-c", show, PYTHONIOENCODING="ascii:replace")
    assert done.stdout == b"??\n"


def test_the_demo_shows_a_message_of_training_in_any_locale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp936")
    queue = TrainingQueue(["--data-dir", "数据"])
    queue.add(["mnist-cnn"], "en")
    while queue.progress:
        time.sleep(0.1)
    assert queue.failures["mnist-cnn"].startswith("data folder '数据' does not exist")


# No stdout, no stderr, or none that works


@pytest.mark.parametrize("missing", [("stdout",), ("stderr",), ("stdout", "stderr")])
def test_a_command_works_without_streams_as_in_a_windows_program_without_a_console(
    monkeypatch: pytest.MonkeyPatch, declare: Declare, missing: tuple[str, ...]
) -> None:
    declare(epochs=1)
    for name in missing:
        monkeypatch.setattr(sys, name, None)
    assert cli.main(["run", "line"]) == 0
    assert Path("runs/line/run.json").exists()
    assert cli.main(["list"]) == 0
    assert cli.main(["run", "lime"]) == 2


@posix("a shell that closes streams")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list >&-", 0),
        ("--help >&-", 0),
        ("list 2>&-", 0),
        ("run lime 2>&-", 2),
        ("list <&- >&- 2>&-", 0),
    ],
)
def test_a_command_ends_as_usual_where_streams_are_closed(line: str, code: int) -> None:
    done = shell(f"$MAIN {line}")
    assert (done.returncode, done.stderr) == (code, b"")


@posix("/dev/full")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["--help", "--print-completion bash"])
def test_what_cannot_be_printed_is_one_line_and_exit_1(words: str) -> None:
    done = shell(f"$MAIN {words} >/dev/full")
    assert done.stderr == b"keras-examples: error: [Errno 28] No space left on device.\n"
    assert done.returncode == 1


@posix("/dev/full")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_mistake_is_exit_2_where_the_message_cannot_be_printed() -> None:
    assert shell("$MAIN run lime 2>/dev/full").returncode == 2


@posix("a shell with pipes")
def test_a_reader_of_the_help_who_has_seen_enough_is_no_error() -> None:
    done = shell("{ $MAIN run --help; echo code $? >&2; } | true")
    assert done.stderr == b"code 0\n"


class Broken(io.StringIO):
    """A stream that cannot be written, as when its disk is full."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, _: str) -> int:
        raise self.error

    def flush(self) -> None:
        raise self.error


def test_a_reader_who_has_gone_is_no_error_on_windows_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(OSError(errno.EINVAL, "Invalid argument")))
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().err == ""


def test_a_path_that_is_invalid_on_windows_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def invalid() -> None:
        raise OSError(errno.EINVAL, "Invalid argument", "a:b?")

    monkeypatch.setattr(catalogue, "chapters", invalid)
    assert cli.main(["list"]) == 1
    assert "Invalid argument: 'a:b?'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        ValueError("I/O operation on closed file"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_run_is_not_lost_because_its_progress_cannot_be_printed(
    monkeypatch: pytest.MonkeyPatch, declare: Declare, error: Exception
) -> None:
    declare(epochs=1)
    with redirect_stderr(Broken(error)):
        done = run("line", epochs=1)
    assert done.status == "complete"
    assert done.figures[0].exists()


def test_a_run_from_python_needs_no_streams(
    monkeypatch: pytest.MonkeyPatch, declare: Declare
) -> None:
    declare(epochs=1)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run("line").status == "complete"


def test_a_run_from_python_prints_in_any_encoding(declare: Declare) -> None:
    declare(name="line", epochs=1)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    checkpoint = Path("记录", "line", "checkpoints", "line", "epoch-0000000001.ckpt")
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"damaged")
    with redirect_stderr(stream):
        run("line", runs="记录", resume=True)
    stream.seek(0)
    first, *_, last = stream.read().splitlines()
    assert "damaged checkpoint" in first
    assert r"\u8bb0\u5f55" in first
    assert last.startswith("line  epoch 1/1")


# Terminals


@pytest.mark.parametrize("words", [["list"], *HELP], ids=" ".join)
def test_a_terminal_of_20_columns_shows_the_same_words(
    main_in: Main, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    usual = main_in("utf-8", *words)[1]
    monkeypatch.setenv("COLUMNS", "20")
    code, out, err = main_in("utf-8", *words)
    assert (code, err) == (0, "")
    assert "".join(out.split()) == "".join(usual.split())


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs `line` with stderr on a terminal; returns what the terminal gets."""
    import pty

    terminal, stderr = pty.openpty()

    def call(columns: int = 80, **environment: str) -> str:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"TERM": "xterm", **environment}.items():
            monkeypatch.setenv(name, value)
        with open(stderr, "w", encoding="utf-8", closefd=False) as stream:
            with redirect_stderr(stream):
                assert cli.main(["run", "line"]) == 0
            print("the end", file=stream)
        shown = b""
        while b"the end" not in shown:
            shown += os.read(terminal, 4096)
        return shown.decode().replace("\r\n", "\n").partition("the end")[0]

    yield call
    os.close(stderr)
    os.close(terminal)


BAR = re.compile(r"line: .*%")
EPOCHS = re.compile(r"(?:^|\r)line  epoch (\d)/2  loss", re.MULTILINE)


@posix("pseudo-terminals")
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}], ids=str)
def test_a_terminal_gets_a_bar_and_a_line_for_each_epoch_and_no_escape_codes(
    on_a_terminal: Callable[..., str], declare: Declare, environment: dict[str, str]
) -> None:
    declare(epochs=2)
    shown = on_a_terminal(**environment)
    assert BAR.search(shown)
    assert EPOCHS.findall(shown) == ["1", "2"]
    assert "\x1b" not in shown


@posix("pseudo-terminals")
def test_a_dumb_terminal_gets_lines_alone(
    on_a_terminal: Callable[..., str], declare: Declare
) -> None:
    declare(epochs=2)
    shown = on_a_terminal(TERM="dumb")
    assert EPOCHS.findall(shown) == ["1", "2"]
    assert len(shown.splitlines()) == 2
    assert set(shown) & set("\r\x1b\b") == set()


@posix("pseudo-terminals")
def test_a_bar_stays_in_a_line_of_20_columns(
    on_a_terminal: Callable[..., str], declare: Declare
) -> None:
    declare(epochs=2)
    shown = on_a_terminal(20)
    bars = [part for part in re.split(r"[\r\n]", shown) if BAR.match(part)]
    assert bars
    assert max(map(len, bars)) <= 20


class Shell(io.StringIO):
    """What stands for a terminal in IDLE: it says that it is one, and cannot go back in a line."""

    def isatty(self) -> bool:
        return True


def test_what_only_stands_for_a_terminal_gets_lines_alone(declare: Declare) -> None:
    declare(epochs=2)
    with redirect_stderr(Shell()) as shell:
        run("line")
    assert EPOCHS.findall(shell.getvalue()) == ["1", "2"]
    assert "\r" not in shell.getvalue()


def test_a_file_gets_lines_alone(declare: Declare) -> None:
    declare(epochs=2)
    with Path("log").open("w", encoding="utf-8") as log, redirect_stderr(log):
        run("line")
    text = Path("log").read_bytes().decode()
    assert len(text.splitlines()) == 2
    assert set(text) & set("\x1b\b") == set()
    assert text.count("\r") == text.count(os.linesep) * os.linesep.count("\r")
