from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from keras_examples import cli
from keras_examples.core import catalogue
from keras_examples.figures import fonts
from keras_examples.inference.series import read_series
from tests.photos import photograph
from tests.platforms import posix

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs whose models are not trained."""
    folder = tmp_path_factory.mktemp("models")
    for name in ("mnist-cnn", "fashion-mnist-ffn", "sine-rnn"):
        (folder / name).mkdir()
        catalogue.load(name).build_model().save(folder / name / "model.keras")
    return folder


@pytest.fixture(autouse=True)
def _beside_two_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = np.zeros((28, 28), np.uint8)
    drawn[4:24, 13:16] = 255
    photo = photograph(drawn, np.random.default_rng(0))
    photo.save("one.jpg")
    Path("more").mkdir()
    photo.save("more/one.png")
    Image.new("L", (50, 50), 255).save("blank.png")
    Path("text.png").write_text("not a picture", encoding="utf-8")


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Main:
    """Runs the command in this process; returns the exit code, stdout and stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        return code, *capsys.readouterr()

    return call


def test_predict_prints_the_three_likeliest_of_each_picture(main: Main, models: Path) -> None:
    code, out, err = main("predict", "mnist-cnn", "one.jpg", "more/one.png", "--runs", str(models))
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 8)
    assert lines[0] == f"one.jpg: {lines[1].split()[0]}"
    assert lines[4].startswith("more/one.png: ")
    assert all(line.endswith("%") for line in lines[1:4])
    assert not Path("plots").exists()


def test_predict_prints_json_for_machines(main: Main, models: Path) -> None:
    code, out, err = main("predict", "MNIST_CNN", "one.jpg", "--json", "--runs", str(models))
    ((found),) = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) == {"file", "top"}
    assert found["file"] == "one.jpg"
    assert [set(entry) for entry in found["top"]] == [{"label", "probability"}] * 3
    assert all(0 <= entry["probability"] <= 1 for entry in found["top"])


def test_predict_takes_a_model_by_its_path(main: Main, models: Path) -> None:
    path = str(models / "mnist-cnn" / "model.keras")
    assert main("predict", "mnist-cnn", "one.jpg", "--model", path)[0] == 0


def test_predict_explains_each_picture_in_a_figure_of_its_own(main: Main, models: Path) -> None:
    words = ("predict", "mnist-cnn", "one.jpg", "more/one.png", "--explain", "--plots", "figures")
    code, out, _ = main(*words, "--runs", str(models))
    assert code == 0
    for name in ("mnist-cnn-explain-one.png", "mnist-cnn-explain-one-2.png"):
        assert str(Path("figures", name)) in out
        with Image.open(Path("figures", name)) as figure:
            assert figure.width > 600


@pytest.mark.skipif(fonts.chinese() is None, reason="needs a Chinese font")
def test_predict_and_forecast_speak_chinese(main: Main, models: Path) -> None:
    words = ("--lang", "zh", "--runs", str(models))
    code, out, err = main("predict", "fashion-mnist-ffn", "one.jpg", "--explain", *words)
    assert (code, err) == (0, "")
    reads = catalogue.load("fashion-mnist-ffn").reads
    assert reads
    names = [label["zh"] for label in reads.classes]
    assert out.splitlines()[0].removeprefix("one.jpg: ") in names
    assert main("forecast", "sine-rnn", "--steps", "2", *words)[0] == 0


def test_forecast_prints_numbers_that_it_can_read_back(main: Main, models: Path) -> None:
    code, out, err = main("forecast", "sine-rnn", "--steps", "12", "--runs", str(models))
    assert (code, len(out.splitlines())) == (0, 12)
    assert str(Path("plots", "sine-rnn-continued.png")) in err
    assert Path("plots", "sine-rnn-continued.png").exists()
    Path("series.csv").write_text(out, encoding="utf-8")
    assert len(read_series("series.csv")) == 12
    code, out, _ = main(
        *("forecast", "sine-rnn", "--csv", "series.csv", "--steps", "3", "--json"),
        *("--runs", str(models)),
    )
    assert (code, len(json.loads(out))) == (0, 3)


@pytest.mark.parametrize(
    ("words", "figure"),
    [
        (["predict", "mnist-cnn", "one.jpg", "--explain"], "mnist-cnn-explain-one.png"),
        (["forecast", "sine-rnn", "--steps", "2"], "sine-rnn-continued.png"),
    ],
)
def test_a_figure_is_replaced_whole_and_somebody_elses_only_by_force(
    words: list[str], figure: str, main: Main, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, path = [*words, "--runs", str(models)], Path("plots", figure)
    assert main(*words)[0] == 0
    earlier = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Figure, "savefig", write_half)
        code, _, err = main(*words)
    assert code == 1
    assert "No space left on device" in err
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == earlier
    path.write_text("mine", encoding="utf-8")
    with monkeypatch.context() as patched:  # before anything takes time
        patched.setattr("keras_examples.inference.models.load", pytest.fail)
        code, out, err = main(*words)
    assert (code, out) == (2, "")
    assert f"{str(path)!r} exists, and keras-examples did not write it" in err
    assert path.read_text(encoding="utf-8") == "mine"
    assert main(*words, "--force")[0] == 0
    assert main(*words)[0] == 0
    assert path.read_bytes() == earlier


def write_half(self: Figure, path: Path, **options: object) -> None:
    """Writes half a figure to a disk that is then full."""
    path.write_bytes(b"half")
    raise OSError(28, "No space left on device")


@posix("named pipes and devices")
@pytest.mark.parametrize("file", ["pipe", "/dev/zero"])
def test_what_is_no_file_is_not_waited_for(file: str, main: Main) -> None:
    os.mkfifo("pipe")
    for words in (("predict", "mnist-cnn", file), ("forecast", "sine-rnn", "--csv", file)):
        code, out, err = main(*words)
        assert (code, out) == (2, "")
        (line,) = err.splitlines()
        assert f"cannot read {file!r} (a" in line


@posix("named pipes")
def test_a_pipe_is_not_replaced_by_a_figure(main: Main) -> None:
    Path("plots").mkdir()
    os.mkfifo("plots/sine-rnn-continued.png")
    code, _, err = main("forecast", "sine-rnn", "--force")
    assert code == 2
    assert "(a named pipe, expected a file)" in err
    assert Path("plots/sine-rnn-continued.png").is_fifo()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict"], "NAME"),
        (["predict", "mnist-cnn"], "FILE"),
        (["predict", "mnist-cmn", "one.jpg"], "did you mean mnist-cnn"),
        (["predict", "sine-rnn", "one.jpg"], "sine-rnn does not classify pictures"),
        (["predict", "mnist-cnn", "nowhere.png"], "cannot read 'nowhere.png'"),
        (["predict", "mnist-cnn", "text.png"], "'text.png' is not a readable picture"),
        (["predict", "mnist-cnn", "one.jpg", "blank.png"], "'blank.png': a picture is empty"),
        (["predict", "mnist-cnn", "more"], "'more' is a folder"),
        (["predict", "mnist-cnn", "one.jpg"], "run `keras-examples run mnist-cnn` first"),
        (["predict", "mnist-cnn", "one.jpg", "--model", "no.keras"], "no model 'no.keras'"),
        (["predict", "mnist-cnn", "one.jpg", "--model", "one.jpg"], "not a Keras model"),
        (["predict", "mnist-cnn", "one.jpg", "--explain", "--plots", "one.jpg"], "is a file"),
        (["forecast", "mnist-cnn"], "mnist-cnn does not forecast series"),
        (["forecast", "sine-rnn", "--steps", "0"], "--steps: got '0'"),
        (["forecast", "sine-rnn", "--csv", "nowhere.csv"], "cannot read 'nowhere.csv'"),
        (["forecast", "sine-rnn", "--csv", "text.png"], "too few values"),
        (["forecast", "sine-rnn", "--csv", "one.jpg"], "is not a text file"),
        (["forecast", "sine-rnn"], "run `keras-examples run sine-rnn` first"),
    ],
)
def test_bad_input_is_one_line_and_exit_2_without_tensorflow(
    words: list[str], said: str, main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keras_examples.inference.models.load", pytest.fail)
    monkeypatch.setattr("keras_examples.core.catalogue.load", pytest.fail)
    before = sorted(Path().rglob("*"))
    code, out, err = main(*words)
    (line,) = err.splitlines()
    assert line.startswith("keras-examples: error: ")
    assert said in line
    assert (code, out) == (2, "")
    assert sorted(Path().rglob("*")) == before


def test_predict_prints_nothing_of_tensorflow(models: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "keras_examples", "predict", "mnist-cnn", "one.jpg"),
            *("--runs", str(models)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("one.jpg: ")
