"""What a run saves, and what it leaves alone when something breaks."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.text import Text

import keras_examples
from keras_examples import InputError, RunError, datasets, mnist_cnn
from keras_examples.core import Recipe
from keras_examples.datasets import Dataset
from keras_examples.figures import fonts
from keras_examples.runner import job
from keras_examples.runner.output import Output
from keras_examples.runner.steps import Steps
from tests.platforms import posix
from tests.runner.conftest import Place
from tests.runner.distributed import together
from tests.runner.killed import PROCESSES
from tests.stub import LINE, Declare, build_model

Texts = dict[str, str]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Texts:
    """All text of each figure that is saved, by the figure's file name."""
    texts: Texts = {}
    savefig = Figure.savefig

    def note(self: Figure, path: Path, **options: Any) -> None:
        texts[Path(path).name] = "\n".join(text.get_text() for text in self.findobj(Text))
        savefig(self, path, **options)

    monkeypatch.setattr(Figure, "savefig", note)
    return texts


def few_digits(data: str = "auto", data_dir: str | None = None) -> Dataset:
    """Loads the first stand-in digits."""
    mnist = datasets.load("mnist", data=data, data_dir=data_dir)
    train, test = (
        (x[:100], y[:100]) for x, y in ((mnist.x_train, mnist.y_train), mnist.evaluation)
    )
    return Dataset.of("mnist", (*train, *test), mnist.source)


def few_images(data: str = "auto", data_dir: str | None = None) -> Dataset:
    """Loads them as the CNN reads them."""
    return few_digits("stand-in", data_dir).with_channels()


def digit_model() -> Any:
    model = keras.Sequential(
        [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    return model


# Same seed, same result


@pytest.mark.parametrize("plain", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_one_seed_gives_one_result_to_the_bit_and_another_seed_another(
    declare: Declare, tmp_path: Path, plain: bool
) -> None:
    declare()
    places = [Place(tmp_path / name) for name in ("first", "again", "other")]
    first, again, other = (
        (place.run(seed=seed, plain=plain).record["weights_sha256"], place.files())
        for place, seed in zip(places, (5, 5, 6), strict=True)
    )
    for file in ("plots/line-fit.png", "runs/line/history.csv"):
        assert first[1][file] == again[1][file]
        assert first[1][file] != other[1][file]
    assert first[0] == again[0] != other[0]


def test_many_threads_do_not_make_a_difference(declare: Declare, place: Place) -> None:
    figures = mnist_cnn.EXAMPLE.figures
    declare(load_data=few_images, build_model=mnist_cnn.build_model, figures=figures)
    first = place.run()
    before = place.files()
    again = place.run()
    assert again.record["weights_sha256"] == first.record["weights_sha256"]
    for figure in first.record["figures"]:
        assert place.files()[f"plots/{figure}"] == before[f"plots/{figure}"]


def test_the_figures_ignore_the_users_own_matplotlib_settings(
    declare: Declare, place: Place
) -> None:
    import matplotlib as mpl

    declare(epochs=0)
    (figure,) = place.run().figures
    before = figure.read_bytes()
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 20, "lines.linewidth": 9}):
        place.run()
    assert figure.read_bytes() == before


# What is written


def test_a_run_leaves_its_figures_history_model_and_record_and_nothing_else(
    declare: Declare, place: Place
) -> None:
    declare()
    done = place.run()
    assert set(place.files()) == {
        "plots/line-fit.png",
        "runs/line/history.csv",
        "runs/line/model.keras",
        "runs/line/run.json",
    }
    assert done.folder == place.runs / "line"
    assert done.figures == (place.plots / "line-fit.png",)


def test_given_weights_are_drawn_and_saved_without_a_history(
    declare: Declare, place: Place
) -> None:
    declare(epochs=0)
    done = place.run()
    assert "runs/line/history.csv" not in place.files()
    assert done.history == {}
    assert done.status == "complete"
    assert done.record["optimizer"] is None


def test_what_an_example_measures_is_among_its_metrics(declare: Declare, place: Place) -> None:
    declare(epochs=0, measure=lambda trained: {"slope": 2.5})
    assert place.run().metrics == {"slope": 2.5}


def test_what_an_example_remembers_of_each_epoch_reaches_its_figures(
    declare: Declare, place: Place
) -> None:
    seen = []

    def fit(trained: Any) -> Figure:
        seen.append(np.concatenate(trained.snapshots))
        return LINE.figures[0](trained)

    declare(snapshot=lambda model, _: model.get_weights()[1], figures=(fit,))
    done = place.run()
    assert len(seen[0]) == 2
    assert seen[0][-1] == done.model.get_weights()[1]


def test_a_companion_is_trained_alike_and_reaches_the_figures(
    declare: Declare, place: Place
) -> None:
    seen = []

    def fit(trained: Any) -> Figure:
        seen.append(trained.companions["twin"])
        return LINE.figures[0](trained)

    declare(figures=(fit,), companions={"twin": LINE})
    done = place.run(epochs=1, seed=3)
    assert len(seen[0].history["loss"]) == 1
    np.testing.assert_array_equal(seen[0].model.get_weights()[0], done.model.get_weights()[0])


def test_the_seed_of_a_companions_recipe_is_added_to_the_runs(
    declare: Declare, place: Place
) -> None:
    seen = {}

    def fit(trained: Any) -> Figure:
        seen.update(trained.companions)
        return LINE.figures[0](trained)

    declare(figures=(fit,), companions={"next": Recipe(seed=1), "other": Recipe(of=LINE, seed=2)})
    done = place.run(epochs=1, seed=3)
    assert [one.seed for one in seen.values()] == [4, 5]
    assert [one.example.name for one in seen.values()] == ["line-next", "line-other"]
    # Nothing is random here but the first weight.
    assert len({float(one.get_weights()[0][0, 0]) for one in (done.model, seen["next"].model)}) == 2
    place.run(epochs=1, seed=2**32 - 1)
    assert seen["next"].seed == 0


def test_a_companion_whose_loss_becomes_nan_ends_the_run(declare: Declare, place: Place) -> None:
    import dataclasses

    wild = dataclasses.replace(
        LINE, name="wild", build_model=lambda: build_model(learning_rate=1e30)
    )
    declare(companions={"twin": wild})
    with pytest.raises(RunError, match="wild, which line is compared with"):
        place.run()
    assert place.files() == {}


def test_the_command_in_the_record_repeats_the_run(declare: Declare, place: Place) -> None:
    declare()
    done = place.run(epochs=1, batch_size=8, seed=7, plain=True)
    assert done.record["command"] == (
        "keras-examples run line --epochs 1 --batch-size 8 --lang en --seed 7 --plain"
    )
    assert done.record["config"]["plain"] is True
    assert done.record["config"]["batch_size"] == 8


def test_plain_training_keeps_the_same_history(declare: Declare, place: Place) -> None:
    declare()
    plain, fast = place.run(plain=True), place.run()
    assert list(plain.history) == list(fast.history) == ["loss", "val_loss"]
    assert plain.record["command"].endswith("--plain")


def test_a_run_without_progress_says_nothing(
    declare: Declare, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    declare()
    place.run(verbose=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_many_runs_in_one_process_draw_no_warning_from_tensorflow(
    declare: Declare, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    declare()
    for _ in range(6):  # TensorFlow warns of compiling anew from the fifth on
        place.run(epochs=1)
    assert not caplog.records


# Stand-ins and languages


def test_a_stand_in_is_never_silent(
    declare: Declare, place: Place, drawn: Texts, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(load_data=few_digits, build_model=digit_model, figures=(confusions, other))
    done = place.run(epochs=1, data="stand-in")
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert done.record["data"]["source"] == "stand-in"
    assert len(drawn) == 2
    for text in drawn.values():
        assert "STAND-IN DATA drawn by code, not the real mnist" in text


def test_a_stand_in_is_not_silent_in_chinese_either(
    declare: Declare, place: Place, drawn: Texts
) -> None:
    needs_chinese_font()
    declare(load_data=few_digits, build_model=digit_model, figures=(confusions,), epochs=0)
    place.run(data="stand-in", lang="zh")
    assert "替代数据：由程序绘制，不是真实的 mnist" in drawn["line-confusions.png"]


def test_a_companion_on_stand_in_data_is_not_silent(
    declare: Declare, place: Place, drawn: Texts
) -> None:
    import dataclasses

    twin = dataclasses.replace(LINE, load_data=few_digits, build_model=digit_model, epochs=0)
    declare(epochs=0, companions={"twin": twin})
    place.run(data="stand-in")
    assert "STAND-IN DATA" in drawn["line-fit.png"]


def test_figures_of_computed_data_are_no_stand_ins_and_say_the_seed(
    declare: Declare, place: Place, drawn: Texts
) -> None:
    declare(epochs=1)
    place.run(seed=42)
    assert "STAND-IN" not in drawn["line-fit.png"]
    assert "seed 42" in drawn["line-fit.png"]


def test_chinese_figures_have_chinese_titles(declare: Declare, place: Place, drawn: Texts) -> None:
    needs_chinese_font()
    declare(epochs=1)
    assert place.run(lang="zh").record["command"].endswith("--lang zh")
    assert "直线" in drawn["line-fit.png"]
    assert "随机种子 0" in drawn["line-fit.png"]


def needs_chinese_font() -> None:
    if fonts.chinese() is None:
        pytest.skip("no Chinese font on this machine")


def confusions(trained: Any) -> Figure:
    from keras_examples.figures.style import new_figure

    return new_figure(trained.title, figsize=(3, 2))


def other(trained: Any) -> Figure:
    return confusions(trained)


# Bad days


def test_an_output_folder_that_cannot_be_written_is_found_before_training(
    declare: Declare, tmp_path: Path, place: Place
) -> None:
    (tmp_path / "file").touch()
    declare(build_model=pytest.fail, load_data=pytest.fail)
    with pytest.raises(InputError, match="cannot write to folder"):
        place.run(runs=tmp_path / "file" / "runs")


def test_a_second_run_of_the_same_example_in_the_same_folder_is_told_so(
    declare: Declare, place: Place
) -> None:
    declare(build_model=pytest.fail)
    with (
        Output("line", place.plots, place.runs),
        pytest.raises(InputError, match="in use by another run of the same example"),
    ):
        place.run()


@posix("Ctrl-C for another process")
def test_of_two_processes_in_one_folder_the_second_is_told_and_the_first_is_whole(
    place: Place,
) -> None:
    first = PROCESSES.Process(
        target=together.command, args=(place.root, ("--epochs", "5000")), daemon=True
    )
    first.start()
    end = time.monotonic() + 60
    while not list(place.root.glob("runs/line/checkpoints/line/*")) and time.monotonic() < end:
        time.sleep(0.01)
    second = PROCESSES.Process(
        target=together.command,
        args=(place.root / "second", ("--plots", "../plots", "--runs", "../runs")),
        daemon=True,
    )
    second.start()
    second.join(60)
    assert second.exitcode == 2
    assert "is in use by another run" in (place.root / "second/err").read_text()
    assert first.pid
    os.kill(first.pid, signal.SIGINT)
    first.join(60)
    assert first.exitcode == 130
    record = json.loads((place.runs / "line/run.json").read_text())
    rows = (place.runs / "line/history.csv").read_text().splitlines()
    assert record["status"] == "interrupted"
    assert float(rows[-1].split(",")[1]) == record["metrics"]["loss"]


def test_data_that_cannot_be_had_leaves_earlier_results_alone(
    declare: Declare, place: Place, tmp_path: Path
) -> None:
    def missing(data_dir: str | None = None) -> Dataset:
        return datasets.load("mnist", data_dir=data_dir)

    before = place.write_earlier()
    declare(load_data=missing)
    with pytest.raises(InputError, match="mnist: no such folder"):
        place.run(data_dir=tmp_path)
    assert place.files() == before


@pytest.mark.parametrize(
    ("owner", "function"),
    [
        (Figure, "savefig"),
        (keras.Model, "save"),
        (job, "write_history"),
        (job, "write_record"),
    ],
)
def test_a_full_disk_at_any_write_leaves_earlier_results_alone(
    declare: Declare, place: Place, monkeypatch: pytest.MonkeyPatch, owner: Any, function: str
) -> None:
    def full(*places: Any, **_: Any) -> None:
        path = next(place for place in places if isinstance(place, Path))
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    before = place.write_earlier()
    declare(epochs=1)
    monkeypatch.setattr(owner, function, full)
    with pytest.raises(RunError, match=r"^cannot write.*No space left on device.*intact.*$"):
        place.run(seed=1)
    assert place.files() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if not mount or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("kilobytes", [0, 4, 12, 24])
def test_a_disk_that_fills_up_leaves_earlier_results_alone(
    declare: Declare, small_disk: Path, kilobytes: int
) -> None:
    place = Place(small_disk / "place")
    before = place.write_earlier()
    declare(epochs=0)
    (small_disk / "filler").write_bytes(bytes((shutil.disk_usage(small_disk).free >> 10) * 1024))
    with (small_disk / "filler").open("r+b") as filler:
        filler.truncate(max(0, (small_disk / "filler").stat().st_size - kilobytes * 1024))
    with pytest.raises((RunError, InputError), match="No space left on device"):
        place.run(seed=1)
    (small_disk / "filler").unlink()
    assert place.files() == before
    place.run(seed=1)  # and there is room again
    assert json.loads(place.files()["runs/line/run.json"])["seed"] == 1


def test_a_loss_that_becomes_nan_stops_training_and_keeps_the_history(
    declare: Declare, place: Place
) -> None:
    before = place.write_earlier()
    declare(build_model=lambda: build_model(learning_rate=1e30), epochs=50)
    with pytest.raises(RunError, match=r"became NaN in epoch \d, .*diverged") as caught:
        place.run()
    assert caught.value.exit_code == 1
    after = place.files()
    assert {path: after[path] for path in before} == before
    assert after.keys() - before.keys() == {
        "runs/line/diverged/history.csv",
        "runs/line/diverged/run.json",
    }
    rows = after["runs/line/diverged/history.csv"].decode().splitlines()
    assert 2 <= len(rows) < 10
    record = json.loads(after["runs/line/diverged/run.json"])
    assert record["status"] == "diverged"
    assert record["metrics"]["loss"] is None
    assert record["figures"] == []


def test_keras_on_another_backend_is_told_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        place.run("sine-rnn")


def test_a_step_is_four_frames_from_run(
    declare: Declare, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[str] = []
    take = Steps.__call__

    def looked_at(self: Steps, *given: Any) -> Any:
        package = str(Path(keras_examples.__file__).parent)
        stack = traceback.extract_stack()[:-1]
        frames[:] = frames or [one.name for one in stack if one.filename.startswith(package)]
        return take(self, *given)

    monkeypatch.setattr(Steps, "__call__", looked_at)
    declare(epochs=1)
    place.run()
    # `run()` itself, the job, the training; the step is the fourth.
    assert len(frames) == 3


def test_hyperparameters_may_be_none_and_numbers_may_be_text(
    declare: Declare, place: Place
) -> None:
    declare()
    done = place.run(hyperparameters=None, epochs="1", batch_size="4")
    assert (done.record["config"]["epochs"], done.record["config"]["batch_size"]) == (1, 4)


# What others do meanwhile


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("lost", ["runs", "plots"])
def test_a_folder_removed_during_the_run_is_made_anew_with_everything_in_it(
    lost: str, plain: bool, declare: Declare, place: Place
) -> None:
    def remove(model: Any, data: Any) -> np.ndarray:
        shutil.rmtree(place.root / lost, ignore_errors=True)
        return np.zeros(1)

    declare()
    usual = place.run(plain=plain).record
    declare(snapshot=remove)
    done = place.run(plain=plain)
    assert done.status == "complete"
    assert done.record["weights_sha256"] == usual["weights_sha256"]
    files = {"history.csv", "model.keras", "run.json"}
    assert files <= {path.name for path in done.folder.iterdir()}
    assert all(figure.exists() for figure in done.figures)
    assert not [path for path in place.root.rglob("*") if "partial" in path.name]


def test_a_folder_that_was_removed_and_is_another_runs_by_now_ends_the_run_at_once(
    declare: Declare, place: Place
) -> None:
    taken: list[Output] = []

    def take(model: Any, data: Any) -> np.ndarray:
        if not taken:
            shutil.rmtree(place.root)
            taken.append(Output("line", place.plots, place.runs))
        return np.zeros(1)

    declare(snapshot=take, epochs=50)
    with pytest.raises(RunError, match=r"were removed, and now folder .* is in use by another run"):
        place.run()
    (other,) = taken
    other.check()
    assert not list(place.root.rglob("*.ckpt"))
    other.__exit__()


@pytest.mark.parametrize(
    "error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM\nat op")]
)
def test_without_enough_memory_a_run_ends_in_one_line_and_earlier_results_stay(
    error: Exception, declare: Declare, place: Place
) -> None:
    def exhaust(**_: Any) -> Any:
        raise error

    before = place.write_earlier()
    declare(build_model=exhaust)
    with pytest.raises(
        RunError, match="there is not enough memory to train line like this"
    ) as told:
        place.run()
    assert len(str(told.value).splitlines()) == 1
    assert place.files() == before
