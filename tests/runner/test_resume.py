"""A run that is killed, at whatever moment and however often, ends as if nothing had happened."""

from __future__ import annotations

import errno
import functools
import hashlib
import io
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_examples import Run, cli, run
from keras_examples.core import catalogue
from keras_examples.core.errors import InputError, RunError
from keras_examples.core.example import Example
from keras_examples.core.files import write_whole
from keras_examples.datasets import Dataset
from keras_examples.runner import checkpoints as checkpoints_module
from keras_examples.runner import state
from keras_examples.runner.checkpoints import CheckpointManager
from keras_examples.runner.training import Network, Training
from tests.core.test_records import ODD
from tests.platforms import posix
from tests.runner import killed
from tests.runner.conftest import Place
from tests.stub import Declare

CHECKPOINTS = "runs/line/checkpoints"


def result(root: Path) -> dict[str, Any]:
    """Returns what must not depend on kills: the weights' digest, the history, the figures."""
    record = json.loads((root / "runs/line/run.json").read_text())
    assert record["status"] == "complete"
    files = [*root.glob("plots/*.png"), root / "runs/line/history.csv"]
    return {
        "weights": record["weights_sha256"],
        "metrics": record["metrics"],
        **{file.name: file.read_bytes() for file in files},
    }


def finish(root: Path, **options: Any) -> dict[str, Any]:
    process = killed.start(root, resume=True, **options)
    process.join(120)
    assert process.exitcode == 0
    assert not (root / CHECKPOINTS).exists()
    return result(root)


def checkpoints(root: Path) -> list[Path]:
    return sorted((root / CHECKPOINTS).glob("*/*.ckpt"))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("uninterrupted")
    process = killed.start(root)
    process.join(120)
    assert process.exitcode == 0
    return result(root)


def wait_for(happened: Callable[[], object], process: Any) -> None:
    end = time.monotonic() + 120
    while not happened() and process.is_alive() and time.monotonic() < end:
        time.sleep(0.005)


slow = pytest.mark.slow


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=slow) for seed in (1, 2, 3))])
def test_killed_at_random_moments_it_ends_the_same(
    seed: int, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    # Most hit training, some what is before the first or after the last epoch.
    moments = random.Random(seed)
    kills, before = 0, newest(tmp_path)
    while kills < (4 if seed else 2):
        process = killed.start(tmp_path, resume=kills > 0)
        wait_for(functools.partial(gone_on, tmp_path, before), process)
        time.sleep(moments.uniform(0, 0.1))
        assert process.pid
        process.kill()
        process.join()
        if process.exitcode == 0:
            break  # faster than the kill: it is complete
        kills += 1
        before = newest(tmp_path)
    assert kills
    assert finish(tmp_path) == uninterrupted


def newest(root: Path) -> tuple[str, ...]:
    """Returns the name of the newest checkpoint, the companion's before the example's own."""
    return max((path.parts[-2:] for path in checkpoints(root)), default=())


def gone_on(root: Path, since: tuple[str, ...]) -> bool:
    return newest(root) > since


HALF, CALL = killed.in_the_middle_of_a_checkpoint, killed.at_call
MIDDLE = killed.EPOCHS * 3 // 2  # of the example, whose companion comes first
MOMENTS = {
    "in a late checkpoint": functools.partial(HALF, MIDDLE),
    "before an old checkpoint goes": functools.partial(CALL, "pathlib", "Path", "unlink", MIDDLE),
    "while the results are moved": functools.partial(
        CALL, "pathlib", "Path", "replace", 2 * killed.EPOCHS + 4
    ),
}
MORE_MOMENTS = {
    "in the first checkpoint": functools.partial(HALF, 1),
    "in a companion's checkpoint": functools.partial(HALF, killed.EPOCHS // 2),
    "in the last checkpoint": functools.partial(HALF, 2 * killed.EPOCHS),
    "before a checkpoint is in place": functools.partial(
        CALL, "pathlib", "Path", "replace", MIDDLE
    ),
    "before the checkpoints go": functools.partial(CALL, "shutil", "", "rmtree", 3),
}


@pytest.mark.parametrize(
    "dies",
    [
        *(pytest.param(dies, id=name) for name, dies in MOMENTS.items()),
        *(pytest.param(dies, id=name, marks=slow) for name, dies in MORE_MOMENTS.items()),
    ],
)
def test_killed_while_it_writes_it_ends_the_same(
    dies: Callable[[], None], uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    process = killed.start(tmp_path, dies)
    process.join(120)
    assert process.exitcode == killed.CODE
    assert finish(tmp_path) == uninterrupted


@pytest.fixture(scope="module")
def killed_in_its_middle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed")
    process = killed.start(root, MOMENTS["in a late checkpoint"])
    process.join(120)
    assert len(checkpoints(root)) == 4
    return root


@pytest.fixture
def cut_off(killed_in_its_middle: Path, tmp_path: Path) -> Path:
    """A folder with a run that was killed in its middle."""
    return Path(shutil.copytree(killed_in_its_middle, tmp_path / "cut-off"))


@pytest.mark.parametrize("left", [0.5, *(pytest.param(left, marks=slow) for left in (0, 10, -1))])
def test_a_truncated_checkpoint_is_noticed_and_the_one_before_it_taken(
    left: float,
    cut_off: Path,
    uninterrupted: dict[str, Any],
) -> None:
    path = checkpoints(cut_off)[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left) if left == 0.5 else int(left)])
    assert finish(cut_off) == uninterrupted
    said = (cut_off / "stderr").read_text()
    assert f"{path}: damaged checkpoint, using the one before.\n" in said


def test_want_of_memory_is_not_taken_for_damage(
    cut_off: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> bytes:
        raise MemoryError

    killed.declare(monkeypatch)
    before = checkpoints(cut_off)
    monkeypatch.setattr(checkpoints_module, "read", no_memory)
    with pytest.raises(RunError, match="not enough memory"):
        run("line", resume=True, plots=cut_off / "plots", runs=cut_off / "runs", verbose=False)
    assert checkpoints(cut_off) == before


def test_without_a_whole_checkpoint_it_starts_afresh(
    cut_off: Path, uninterrupted: dict[str, Any]
) -> None:
    for path in checkpoints(cut_off):
        path.write_bytes(b"")
    assert finish(cut_off) == uninterrupted
    said = (cut_off / "stderr").read_text()
    assert said.count("damaged checkpoint, using the one before.") == 2
    assert said.count("damaged checkpoint, there is none before it.") == 2


@given(data=st.data())
def test_no_damage_goes_unnoticed(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = CheckpointManager(tmp_path_factory.mktemp("checkpoints"), {})
    for epoch in (1, 2):
        found.save(epoch, [np.full(3, epoch, np.float32)], {"loss": [0.1] * epoch})
    path = found.files()[-1]
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    path.write_bytes(content)
    taken = found.latest()
    assert taken
    assert taken.epoch == 1
    np.testing.assert_array_equal(taken.state[0], np.ones(3, np.float32))


def test_a_checkpoint_reads_back_as_it_was_written(tmp_path: Path) -> None:
    found = CheckpointManager(tmp_path, {"seed": 3})
    assert found.latest() is None
    arrays: list[np.ndarray] = [
        np.array([-0.0, 1e-45], np.float32),
        np.array(3, np.int64),
        np.array([7, 2**32 - 1], np.uint32),
    ]
    pictures = (np.array([[1]], np.uint8), np.array([[2]], np.uint8))
    for epoch in (1, 2, 3):
        found.save(epoch, arrays, {"loss": [0.1, 1 / 3]}, pictures)
    assert [path.name for path in found.files()] == [
        "epoch-0000000002.ckpt",
        "epoch-0000000003.ckpt",
    ]
    taken = found.latest()
    assert taken
    assert (taken.config, taken.epoch) == ({"seed": 3}, 3)
    assert taken.history == {"loss": [0.1, 1 / 3]}
    for before, after in zip((*arrays, *pictures), (*taken.state, *taken.snapshots), strict=True):
        assert (before.dtype, before.shape, before.tobytes()) == (
            after.dtype,
            after.shape,
            after.tobytes(),
        )


def few(example: Example) -> Dataset:
    """Loads some samples of an example's data."""
    data = example.load(data="stand-in", data_dir=None)
    test = data.test and (data.test[0][:50], data.test[1][:50])
    return Dataset.computed("few", (data.x_train[:210], data.y_train[:210]), test)


@pytest.mark.parametrize(
    "name",
    [
        "sine-lstm",
        *(
            pytest.param(name, marks=slow)
            for name in ("mnist-cnn", "mnist-gan", "fashion-mnist-ffn")
        ),
    ],
)
def test_an_example_goes_on_to_the_bit(name: str, tmp_path: Path) -> None:
    example: Example = catalogue.load(name)
    if "fast" in example.recipes:  # its learning rate changes from step to step
        example = example.recipe_examples["fast"]
    data = few(example)

    def trained(epochs: int, folder: str) -> tuple[list[np.ndarray], Any]:
        import keras

        class Stop(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                self.model.stop_training = epoch + 1 == epochs

        network = Network(example=example, data=data, epochs=3, batch_size=64, seed=5)
        checkpoints = CheckpointManager(tmp_path / folder, {})
        outcome = Training(network, checkpoints=checkpoints, callbacks=[Stop()]).run()
        return state.read(outcome.model), outcome

    at_once, whole = trained(3, "a")
    trained(1, "b")
    in_two, rest = trained(3, "b")
    assert (whole.resumed_from, rest.resumed_from) == (0, 1)
    assert whole.history == rest.history
    assert len(at_once) > 4
    for one, other in zip((*at_once, *whole.snapshots), (*in_two, *rest.snapshots), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"epochs": 70}, f"epochs is 70, was {killed.EPOCHS}"),
        ({"batch_size": 5}, "batch_size is 5, was 10"),
        ({"seed": 1}, "seed is 1, was 0"),
        ({"hyperparameters": {"units": 9}}, "units is 9, was 8"),
    ],
)
def test_another_run_is_not_resumed_and_the_difference_spelled_out(
    changed: dict[str, Any], said: str, cut_off: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.declare(monkeypatch)
    before = {path: path.read_bytes() for path in checkpoints(cut_off)}
    with pytest.raises(InputError, match=said) as caught:
        run("line", resume=True, plots=cut_off / "plots", runs=cut_off / "runs", **changed)
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in checkpoints(cut_off)} == before


def test_a_complete_run_is_left_as_it_is(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare()
    first = place.run()
    before = {path: path.stat().st_mtime_ns for path in place.root.rglob("*") if path.is_file()}
    again = run("line", resume=True, plots=place.plots, runs=place.runs)
    after = {path: path.stat().st_mtime_ns for path in before}
    assert after == before
    assert capsys.readouterr().err == "line: already complete, left as it is.\n"
    assert (again.history, again.metrics) == (first.history, first.metrics)
    assert (again.status, again.figures) == ("complete", first.figures)
    for one, other in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_complete_run_of_other_data_is_refused(declare: Declare, place: Place) -> None:
    declare()
    place.run()
    before = place.files()
    declare(load_data=killed.load_data, build_model=killed.build_model)
    with pytest.raises(InputError, match=r"data_sha256 is '\w+', was '\w+'"):
        place.run(resume=True)
    assert place.files() == before


def test_a_complete_run_whose_model_is_lost_is_not_run_over(declare: Declare, place: Place) -> None:
    declare()
    place.run()
    (place.runs / "line" / "model.keras").write_bytes(b"lost")
    before = place.files()
    with pytest.raises(InputError, match=r"complete by its record, .* cannot be read"):
        place.run(resume=True)
    assert place.files() == before


def test_a_complete_run_with_the_model_of_another_is_not_taken_for_it(
    declare: Declare, place: Place
) -> None:
    declare()
    place.run(seed=1)
    other = (place.runs / "line" / "model.keras").read_bytes()
    place.run()
    (place.runs / "line" / "model.keras").write_bytes(other)
    with pytest.raises(InputError, match="leave out --resume to run it again"):
        place.run(resume=True)


@pytest.mark.parametrize("last", ["", "2,1.5,1.5"], ids=["lost", "changed"])
def test_a_complete_run_with_another_history_is_not_taken_for_it(
    declare: Declare, place: Place, last: str
) -> None:
    declare()
    place.run()
    path = place.runs / "line" / "history.csv"
    *rows, _ = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*rows, last]), encoding="utf-8")
    with pytest.raises(InputError, match="leave out --resume to run it again"):
        place.run(resume=True)


def test_the_checkpoint_of_another_network_is_refused(
    cut_off: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.declare(monkeypatch)
    monkeypatch.setattr(killed, "WIDTH", 3)
    with pytest.raises(InputError, match="of another network"):
        run("line", resume=True, plots=cut_off / "plots", runs=cut_off / "runs", verbose=False)
    assert len(checkpoints(cut_off)) == 4


def test_checkpoints_after_two_damaged_ones_are_kept(cut_off: Path) -> None:
    for path in checkpoints(cut_off)[-2:]:  # the example's, not its companion's
        path.write_bytes(b"damaged")
    process = killed.start(cut_off, functools.partial(HALF, 5), resume=True)
    process.join(120)
    names = [path.name for path in checkpoints(cut_off)[-2:]]
    assert names == ["epoch-0000000003.ckpt", "epoch-0000000004.ckpt"]


@pytest.mark.parametrize(
    "name",
    [
        name
        if name in ("activations", "decision-boundary", "sine-rnn")
        else pytest.param(name, marks=slow)
        for name in catalogue.names()
    ],
)
def test_every_complete_example_is_left_as_it_is(
    name: str, quick_run: Callable[..., Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = quick_run(name)
    epochs = done.record["config"]["epochs"] if done.history else None
    # A copy: another process may be loading the shared one, and only one can at a time.
    plots = shutil.copytree(done.figures[0].parent, tmp_path / "plots")
    runs = shutil.copytree(done.folder.parent, tmp_path / "runs")
    run(name, resume=True, data="stand-in", epochs=epochs, plots=plots, runs=runs)
    assert f"{name}: already complete, left as it is." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "saved"), [(0.3, [4, 8, 9]), (5.0, [1, 2, 3, 4, 5, 6, 7, 8, 9])]
)
def test_short_epochs_are_saved_once_a_second_and_the_last_one_always(
    declare: Declare,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    saved: list[int],
) -> None:
    now, epochs = 0.0, []

    def snapshot(model: Any, data: Any) -> np.ndarray:
        nonlocal now
        now += seconds
        return np.zeros(1)

    def save(self: CheckpointManager, epoch: int, *rest: Any) -> None:
        epochs.append(epoch)

    declare(epochs=9, snapshot=snapshot)
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr(CheckpointManager, "save", save)
    place.run()
    assert epochs == saved


def test_with_nothing_to_resume_it_starts_afresh_and_says_so(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare()
    folders = ["--plots", str(place.plots), "--runs", str(place.runs)]
    assert cli.main(["run", "line", "--resume", *folders]) == 0
    assert "line: nothing to resume, starting afresh." in capsys.readouterr().err
    assert cli.main(["run", "line", "--resume", *folders]) == 0
    assert cli.main(["run", "line", "--resume", "--seed", "3", *folders]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == (
        "keras-examples: error: cannot resume line: seed is 3, was 0. Run it as it was "
        "started, or leave out --resume to start afresh."
    )


def test_a_run_without_resume_forgets_the_one_before(
    cut_off: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.declare(monkeypatch)
    monkeypatch.setattr(CheckpointManager, "save", full)
    with pytest.raises(RunError, match="no room"):
        run("line", plots=cut_off / "plots", runs=cut_off / "runs", verbose=False, seed=4)
    assert checkpoints(cut_off) == []


def full(*_: Any) -> None:
    raise RunError("no room", "没有空间")


def test_a_disk_without_room_for_a_checkpoint_ends_the_run_and_keeps_what_there_is(
    declare: Declare, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare()
    before = place.write_earlier()
    written = []

    def fails_the_second_time(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, content)

    monkeypatch.setattr("keras_examples.runner.training.CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(checkpoints_module, "write_whole", fails_the_second_time)
    with pytest.raises(RunError, match="No space left on device; earlier results are intact"):
        place.run()
    assert place.files() == before
    resumed = place.run(resume=True)
    assert (resumed.status, resumed.record["resumed_from_epoch"]) == ("complete", 1)


def test_ctrl_c_saves_and_resume_goes_on(
    uninterrupted: dict[str, Any], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.declare(monkeypatch)
    save = CheckpointManager.save

    def save_and_press(self: CheckpointManager, epoch: int, *rest: Any) -> None:
        save(self, epoch, *rest)
        if epoch == 7 and len(checkpoints(place.root)) > 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(CheckpointManager, "save", save_and_press)
    first = place.run()
    assert (first.status, len(first.history["loss"])) == ("interrupted", 8)
    monkeypatch.setattr(CheckpointManager, "save", save)
    second = place.run(resume=True)
    assert (second.status, second.record["resumed_from_epoch"]) == ("complete", 8)
    assert result(place.root) == uninterrupted


def test_plain_training_cannot_be_resumed_and_says_why(declare: Declare, place: Place) -> None:
    declare()
    with pytest.raises(InputError, match=r"--plain and --resume: .* leave out one of the two"):
        place.run(plain=True, resume=True)
    assert not place.root.exists()


def test_a_complete_run_of_version_0_1_is_left_as_it_is(
    declare: Declare, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    declare()
    weights = place.run().model.get_weights()
    path = place.runs / "line" / "run.json"
    record = json.loads(path.read_text())
    record["asked"] = record.pop("config")  # what it was called
    path.write_text(json.dumps(record))
    again = place.run(resume=True, verbose=True)
    assert capsys.readouterr().err == "line: already complete, left as it is.\n"
    for before, after in zip(weights, again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_checkpoint_of_version_0_1_is_read(tmp_path: Path) -> None:
    about = {"asked": {"seed": 3}, "epoch": 1, "history": {"loss": [0.5]}}
    content = io.BytesIO()
    arrays: dict[str, Any] = {"about": np.array(json.dumps(about)), "state-0": np.ones(2)}
    np.savez(content, **arrays)
    digest = hashlib.sha256(content.getvalue()).digest()
    (tmp_path / "epoch-0000000001.ckpt").write_bytes(digest + content.getvalue())
    found = CheckpointManager(tmp_path, {}).latest()
    assert found
    assert (found.config, found.epoch) == ({"seed": 3}, 1)


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_a_run_whose_record_is_odd_is_not_run_over(
    content: bytes, declare: Declare, place: Place
) -> None:
    declare()
    before = place.write_earlier()
    path = place.runs / "line" / "run.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json' is not the record of a run.* put the file"):
        place.run(resume=True)
    assert place.files() == {**before, str(path.relative_to(place.root)): content}


def test_a_complete_run_that_does_not_say_how_it_was_made_is_not_run_over(
    declare: Declare, place: Place
) -> None:
    declare()
    place.run()
    path = place.runs / "line" / "run.json"
    record = json.loads(path.read_text())
    odd: tuple[Any, ...] = ({}, [], 5, None)
    for config in odd:
        path.write_text(json.dumps({**record, "config": config}))
        before = place.files()
        with pytest.raises(InputError, match="cannot resume line: epochs is 2, was None"):
            place.run(resume=True)
        assert place.files() == before


@posix("named pipes")
@pytest.mark.parametrize("file", ["model.keras", "history.csv"])
def test_a_complete_run_with_a_pipe_for_a_file_is_not_waited_for(
    file: str, declare: Declare, place: Place
) -> None:
    declare()
    place.run()
    (place.runs / "line" / file).unlink()
    os.mkfifo(place.runs / "line" / file)
    with pytest.raises(InputError, match=r"complete by its record, .* cannot be read"):
        place.run(resume=True)


@posix("named pipes")
def test_a_pipe_for_a_checkpoint_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "epoch-0000000001.ckpt")
    with pytest.raises(RunError, match=r"cannot read the checkpoint .* a named pipe"):
        CheckpointManager(tmp_path, {}).latest()
