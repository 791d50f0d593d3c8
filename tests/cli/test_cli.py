from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from keras_examples import Run, RunError, cli
from keras_examples.core import catalogue
from tests.platforms import posix
from tests.stub import Declare, load_data

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Main:
    """Runs the command in this process; returns the exit code, stdout and stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        return code, *capsys.readouterr()

    return call


def shell(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs `python` in a process of its own."""
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=120, **options
    )


def one_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.startswith("keras-examples: error: ")
    return line


# list and --help


def test_list_shows_every_example_with_what_it_is(main: Main) -> None:
    code, out, err = main("list")
    titles = [title.en for title, _ in catalogue.chapters()]
    assert [line for line in out.splitlines() if not line.startswith("  ")] == titles
    lines = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in lines] == catalogue.names()
    for line in lines:
        name, _, summary = line.partition("  ")
        assert len(summary.strip()) > 20, name
    assert (code, err) == (0, "")


@pytest.mark.parametrize("words", [["list"], ["--help"], ["run", "--help"], ["run", "sine"]])
def test_what_needs_no_keras_imports_none(words: list[str]) -> None:
    look = (
        "import sys\n"
        "from keras_examples.cli import main\n"
        "try:\n"
        f"    main({words})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print({'keras', 'tensorflow', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    done = shell("-c", look)
    assert done.stdout.endswith("set()\n"), done.stderr


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["gallery", "--help"]])
def test_help_explains_itself(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    out, err = capsys.readouterr()
    assert (ended.value.code, err) == (0, "")
    assert out.startswith("usage: keras-examples")


def test_the_help_of_run_has_every_option_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    import inspect

    from keras_examples import run

    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])
    out = capsys.readouterr().out
    for option in set(inspect.signature(run).parameters) - {"name", "verbose"}:
        assert f"--{option.replace('_', '-')}" in out


def test_the_package_runs_as_a_module() -> None:
    done = shell("-m", "keras_examples", "list")
    assert f"  {catalogue.names()[0]} " in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def list_into(stdout: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keras_examples", "list"]
    # As usual, Python keeps what is printed until there is enough of it.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, env=usual
    )


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    seen, written = os.pipe()
    os.close(seen)
    done = list_into(written)
    os.close(written)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_list_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = list_into(full)
    assert "No space left on device" in one_line(done.stderr)
    assert done.returncode == 1


# Bad input


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "COMMAND"),
        (["rum"], "'rum'"),
        (["run"], "NAME"),
        (["run", "mnist-cmn"], "did you mean mnist-cnn"),
        (["run", "sine-rnn", "fashion"], "did you mean fashion-mnist-ffn"),
        (["run", "all", "mnist-cmn"], "did you mean mnist-cnn"),
        (["run", "qqqq"], "keras-examples list"),
        (["run", "sine-rnn", "--epochs", "0"], "--epochs: got '0', expected a whole number"),
        (["run", "sine-rnn", "--epochs=-1"], "--epochs: got '-1', expected a whole number"),
        (["run", "sine-rnn", "--epochs", "ten"], "--epochs: got 'ten', expected a whole number"),
        (["run", "sine-rnn", "--epochs", "1.5"], "--epochs: got '1.5', expected a whole number"),
        (["run", "sine-rnn", "--epochs", "9" * 5000], "expected a whole number"),
        (["run", "sine-rnn", "--epochs"], "--epochs: expected one argument"),
        (["run", "sine-rnn", "--batch-size", "0"], "--batch-size: got '0'"),
        (["run", "sine-rnn", "--batch-size", "many"], "--batch-size: got 'many'"),
        (["run", "sine-rnn", "--seed=-1"], "from 0 to 4294967295"),
        (["run", "sine-rnn", "--seed", "4294967296"], "from 0 to 4294967295"),
        (["run", "sine-rnn", "--data", "fake"], "'fake'"),
        (["run", "sine-rnn", "--lang", "fr"], "'fr'"),
        (["run", "sine-rnn", "--speed", "9"], "--speed"),
        (["run", "mnist-cnn", "--data-dir", "nowhere"], "data folder 'nowhere' does not exist"),
        (["run", "sine-rnn", "--rescale"], "sine-rnn does not take --rescale"),
        (
            ["run", "mnist-cnn", "sine-rnn", "--rescale", "--jobs", "1"],
            "sine-rnn does not take --res",
        ),
        (["gallery"], "no run.json of any example below 'runs'"),
    ],
)
def test_bad_input_is_one_line_and_exit_2_and_writes_nothing(
    main: Main, tmp_path: Path, words: list[str], said: str
) -> None:
    code, out, err = main(*words)
    assert said in one_line(err)
    assert (code, out) == (2, "")
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_cannot_be_written_is_one_line_and_exit_2(
    main: Main, declare: Declare, tmp_path: Path
) -> None:
    declare(build_model=pytest.fail)
    (tmp_path / "file").touch()
    code, out, err = main("run", "line", "--plots", "file/plots")
    assert "cannot write to folder 'file/plots'" in one_line(err)
    assert (code, out) == (2, "")


@pytest.fixture
def earlier(tmp_path: Path) -> Callable[[], dict[Path, bytes]]:
    """What an earlier run of `mnist-cnn` left."""
    files = [
        tmp_path / "plots" / "mnist-cnn-loss.png",
        tmp_path / "runs" / "mnist-cnn" / "run.json",
    ]
    for path in files:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"earlier")

    def now() -> dict[Path, bytes]:
        return {
            path: path.read_bytes()
            for folder in ("plots", "runs")
            for path in (tmp_path / folder).rglob("*")
            if path.is_file() and not path.name.endswith(".lock")
        }

    return now


IMAGES = "train-images-idx3-ubyte"
HEADER = bytes.fromhex("00000803 0000ea60 0000001c 0000001c")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (IMAGES, b""),
        (IMAGES, HEADER + bytes(1000)),
        (IMAGES, b"\x00\x00\x08\x01" + HEADER[4:] + bytes(60000 * 784)),
        (IMAGES, HEADER[:4] + b"\x00\x00\x00\x02" + HEADER[8:] + bytes(2 * 784)),
        (IMAGES, HEADER + bytes(60000 * 784)),
        (IMAGES + ".gz", b"<html>This mirror has moved.</html>"),
        (IMAGES + ".gz", gzip.compress(HEADER + bytes(1000), 1)[:-9]),
    ],
    ids=["empty", "truncated", "magic", "count", "other images", "not gzip", "cut off gzip"],
)
def test_a_wrong_data_file_is_named_and_earlier_results_stay(
    main: Main,
    tmp_path: Path,
    earlier: Callable[[], dict[Path, bytes]],
    file: str,
    content: bytes,
) -> None:
    before = earlier()
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    (tmp_path / "data" / "mnist" / file).write_bytes(content)
    code, out, err = main("run", "mnist-cnn", "--data-dir", "data")
    assert str(Path("data", "mnist", file)) in one_line(err)
    assert (code, out) == (2, "")
    assert earlier() == before


def test_a_data_folder_without_the_set_is_named(
    main: Main, tmp_path: Path, earlier: Callable[[], dict[Path, bytes]]
) -> None:
    before = earlier()
    (tmp_path / "data").mkdir()
    code, out, err = main("run", "mnist-cnn", "--data-dir", "data")
    assert str(Path("data", "mnist")) in one_line(err)
    assert (code, out) == (2, "")
    assert earlier() == before


# Runs


def test_a_run_ends_with_a_summary_of_what_was_saved(main: Main, declare: Declare) -> None:
    declare()
    code, out, _ = main("run", "line", "--epochs", "1")
    first, data, figure, saved = out.splitlines()
    assert first.startswith("line: complete in ")
    assert "val_loss" in first
    assert "line (computed)" in data
    assert str(Path("plots", "line-fit.png")) in figure
    for file in ("history.csv", "model.keras", "run.json"):
        assert str(Path("runs", "line", file)) in saved
        assert Path("runs", "line", file).exists()
    assert code == 0


def test_options_reach_the_run(main: Main, declare: Declare) -> None:
    declare()
    options = "--epochs 1 --batch-size 2 --data real --lang en --seed 3 --plain"
    code, _, _ = main("run", "LINE", *options.split(), "--plots", "p", "--runs", "r")
    assert code == 0
    record = json.loads(Path("r/line/run.json").read_text(encoding="utf-8"))
    assert record["command"] == f"keras-examples run line {options}"
    assert Path("p/line-fit.png").exists()


def test_a_name_given_twice_runs_once(main: Main, declare: Declare) -> None:
    declare(epochs=0)
    assert main("run", "line", "Line")[1].count("complete") == 1


def test_all_leaves_out_what_an_example_has_no_use_for(
    main: Main, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.stub import build_model

    def with_pixels(*, rescale: bool = False) -> Any:
        return build_model()

    monkeypatch.setattr(catalogue, "MODULES", ())
    declare(name="given", epochs=0)
    declare(name="line")
    declare(name="pixels", build_model=with_pixels)
    assert main("run", "all", "--rescale", "--epochs", "1", "--jobs", "1")[0] == 0
    commands = {
        name: json.loads(Path(f"runs/{name}/run.json").read_text(encoding="utf-8"))["command"]
        for name in ("given", "line", "pixels")
    }
    assert commands == {
        "given": "keras-examples run given --lang en",
        "line": "keras-examples run line --epochs 1 --lang en",
        "pixels": "keras-examples run pixels --epochs 1 --rescale --lang en",
    }


def test_a_loss_that_is_no_number_is_one_line_and_exit_1(main: Main, declare: Declare) -> None:
    from tests.stub import build_model

    declare(build_model=lambda: build_model(learning_rate=1e30), epochs=50)
    code, out, err = main("run", "line")
    assert "the loss of line became NaN" in err.splitlines()[-1]
    assert (code, out) == (1, "")


def test_what_breaks_while_running_is_one_line_and_exit_1(
    main: Main, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    declare(epochs=0)
    monkeypatch.setattr(keras.Model, "save", full)
    code, out, err = main("run", "line")
    assert "No space left on device" in one_line(err)
    assert (code, out) == (RunError.exit_code, "")


def test_ctrl_c_outside_training_is_one_line_and_exit_130(main: Main, declare: Declare) -> None:
    def interrupted() -> Any:
        load_data()
        raise KeyboardInterrupt

    declare(load_data=interrupted)
    code, out, err = main("run", "line")
    assert "interrupted" in err
    assert len(err.splitlines()) == 1
    assert (code, out) == (130, "")


def test_an_example_runs_alone_without_a_word_from_tensorflow() -> None:
    done = shell("-m", "keras_examples.sine_rnn", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("sine-rnn  epoch 1/1  loss")
    assert done.stdout.startswith("sine-rnn: complete")
    assert Path("runs/sine-rnn/run.json").exists()


@pytest.mark.slow
def test_an_example_alone_reports_bad_input_as_the_command_does() -> None:
    done = shell("-m", "keras_examples.sine_rnn", "--epochs", "0")
    assert "--epochs: got '0'" in one_line(done.stderr)
    assert (done.returncode, done.stdout) == (2, "")


@posix("Ctrl-C for another process")
def test_ctrl_c_on_a_running_command_saves_and_exits_130_without_a_word_from_tensorflow() -> None:
    program = (
        "import signal\n"
        "from keras_examples.cli import main\n"
        # What a terminal has, and a background job of some shells has not.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "words = ['run', 'sine-rnn', 'mnist-cnn', '--jobs', '1', '--epochs', '2000']\n"
        "raise SystemExit(main(words))"
    )
    expected = re.compile("sine-rnn  epoch")
    if metadata.version("tensorflow") < "2.21":  # which tells when it first compiles by XLA
        expected = re.compile(r"sine-rnn  epoch|WARNING: All log messages before absl|[IW]\d{4} ")
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert running.stderr
        first = running.stderr.readline()  # of ten while it trains
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert first.startswith("sine-rnn  epoch"), first + err
    assert running.returncode == 130, err
    record = json.loads(Path("runs/sine-rnn/run.json").read_text(encoding="utf-8"))
    assert record["status"] == "interrupted"
    rows = Path("runs/sine-rnn/history.csv").read_text(encoding="utf-8").splitlines()
    assert 1 < len(rows) < 2000
    assert "sine-rnn: interrupted" in out
    assert not Path("runs/mnist-cnn").exists()
    assert [line for line in err.splitlines() if not expected.match(line)] == [
        "Interrupted: saving after this epoch; press Ctrl-C again to stop at once.",
        "sine-rnn: interrupted; run it again with --resume to continue.",
    ]


def test_the_gallery_of_runs_is_written(main: Main, quick_run: Callable[..., Run]) -> None:
    done = quick_run("sine-rnn")
    runs, plots = str(done.folder.parent), str(done.figures[0].parent)
    code, out, err = main("gallery", "--runs", runs, "--plots", plots)
    assert (code, err) == (0, "")
    assert str(Path(plots, "README.md")) in out
    assert "sine-rnn-forecast.png" in Path(plots, "README.md").read_text(encoding="utf-8")


def test_of_several_machines_only_the_chief_draws_what_has_nothing_to_train(
    main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["activations", "three-layer-network"]
    assert not any(catalogue.load(name).epochs for name in names)
    monkeypatch.setattr(catalogue, "names", lambda: names)
    cluster = {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}
    for index, drawn in ((1, False), (0, True)):
        task = {"type": "worker", "index": index}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
        code, out, err = main("run", "all", "--strategy", "multi-worker")
        assert (code, err) == (0, "")
        assert bool(out) == drawn
        assert Path("plots").exists() == drawn


@pytest.mark.parametrize("name", ["bash", "zsh", "tcsh"])
def test_a_shell_can_complete_the_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--print-completion", name])
    script = capsys.readouterr().out
    assert "forecast" in script
    assert "--batch-size" in script or name == "tcsh"  # which completes commands alone


@pytest.mark.parametrize(
    "options",
    [
        ["sine-rnn", "--rescale"],
        pytest.param(["mnist-cnn", "--fast", "--hyperparameters", "a=1"], marks=pytest.mark.slow),
    ],
)
def test_what_only_the_example_can_refuse_is_one_line_without_a_word_from_tensorflow(
    options: list[str],
) -> None:
    done = shell("-m", "keras_examples", "run", *options)
    assert done.returncode == 2
    one_line(done.stderr)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--epochs", "1", "--epochs", "2"], "argument --epochs: given twice; leave out one"),
        (["--epochs", "1", "--epochs", "1"], "argument --epochs: given twice; leave out one"),
        (["--seed", "0", "--seed", "1"], "argument --seed: given twice; leave out one"),
        (["--hyperparameters", "units=4,units=5"], "got units twice; leave out one of the two"),
        (
            ["--hyperparameters", "units=4", "--hyperparameters", "learning_rate=1"],
            "argument --hyperparameters: given twice; leave out one",
        ),
    ],
)
def test_what_is_given_twice_is_refused_with_what_to_do(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "sine-rnn", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
