"""Several devices and several machines train as one does, and notice when one is gone."""

from __future__ import annotations

import csv
import functools
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_examples import cli, run
from keras_examples.core import catalogue
from keras_examples.core.errors import InputError, RunError
from keras_examples.datasets import Dataset
from keras_examples.runner.distributed import cluster
from tests.platforms import posix
from tests.runner.conftest import Place
from tests.runner.distributed import together
from tests.runner.distributed.together import NOTICED, Workers
from tests.stub import Declare

slow = pytest.mark.slow

# 100 samples: no batch size is divided by 3, and the last batch is 1 sample, less than the workers.
QUIET = ("--epochs", "4", "--batch-size", "33", "--hyperparameters", "dropout=0")


def history(folder: Path) -> dict[str, np.ndarray]:
    with (folder / "runs/line/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def record(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "runs/line/run.json").read_text()))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on one device."""
    folder = tmp_path_factory.mktemp("one")
    together.alone(together.command, folder, QUIET)
    return folder


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Any]:
    made: list[Workers] = []

    def gather(count: int) -> Workers:
        made.append(Workers(tmp_path, count))
        return made[-1]

    yield gather
    for group in made:
        group.kill()


def assert_same_training(folder: Path, one: Path) -> None:
    found, expected = history(folder), history(one)
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("count", [2, pytest.param(3, marks=slow)])
def test_workers_train_as_one_process_does_and_only_the_chief_writes(
    count: int, one: Path, crowd: Any
) -> None:
    group = crowd(count)
    group.start(*QUIET)
    assert group.end() == [0] * count
    assert_same_training(group.root / "0", one)
    assert record(group.root / "0")["config"]["replicas"] == count
    for index in range(1, count):
        assert files(group.root / str(index)) == ["err", "out"]
        assert group.said(index) == ("", "")


@pytest.mark.parametrize("devices", [pytest.param(2, marks=slow), 3])
def test_devices_of_one_machine_train_as_one_does(devices: int, one: Path, tmp_path: Path) -> None:
    together.alone(together.mirrored, tmp_path, devices, QUIET)
    assert_same_training(tmp_path, one)
    assert record(tmp_path)["config"]["replicas"] == devices
    assert files(tmp_path) == sorted([*files(one)])


LONGER = ("--epochs", "30")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict[str, Any]]:
    """Returns the record of workers that nothing happens to, by their number."""

    @functools.cache
    def of(count: int) -> dict[str, Any]:
        group = Workers(tmp_path_factory.mktemp("undisturbed"), count)
        group.start(*LONGER)
        assert group.end() == [0] * count
        return record(group.root / "0")

    return of


@posix("SIGKILL")
@pytest.mark.parametrize(
    ("count", "victim"), [(2, 1), *(pytest.param(*case, marks=slow) for case in ((3, 1), (2, 0)))]
)
def test_a_killed_worker_is_noticed_and_resume_ends_the_same(
    count: int, victim: int, undisturbed: Callable[[int], dict[str, Any]], crowd: Any
) -> None:
    group = crowd(count)
    group.start(*LONGER)
    wait_for_epoch(group, 10)
    os.kill(group.processes[victim].pid, signal.SIGKILL)
    start = time.monotonic()
    codes = group.end(NOTICED)
    assert time.monotonic() - start < NOTICED
    assert codes == [1 if index != victim else -signal.SIGKILL for index in range(count)]
    for index in set(range(count)) - {victim}:
        assert last_line(group, index) == (
            f"keras-examples: error: worker {victim} ({group.addresses[victim]}) is gone or no "
            "longer responds. Start all the workers again, with --resume to continue from the "
            "last checkpoint."
        )
    again = crowd(count)
    again.start(*LONGER, "--resume")
    assert again.end() == [0] * count
    resumed = record(again.root / "0")
    assert resumed["resumed_from_epoch"]
    for name in ("weights_sha256", "metrics"):
        assert resumed[name] == undisturbed(count)[name]


def wait_for_epoch(group: Workers, epoch: int) -> None:
    """Waits until the chief has a checkpoint of an epoch of the example itself."""
    folder, end = group.root / "0/runs/line/checkpoints/line", time.monotonic() + 120
    while not any(int(path.stem[len("epoch-") :]) >= epoch for path in folder.glob("*.ckpt")):
        assert time.monotonic() < end, [group.said(index) for index in range(len(group.addresses))]
        time.sleep(0.01)


def last_line(group: Workers, index: int) -> str:
    return group.said(index)[1].splitlines()[-1]


@posix("SIGSTOP")
@slow
def test_a_frozen_worker_is_noticed(crowd: Any) -> None:
    group = crowd(2)
    group.start("--epochs", "5000")
    wait_for_epoch(group, 10)
    os.kill(group.processes[1].pid, signal.SIGSTOP)
    group.processes[0].join(NOTICED)
    assert group.processes[0].exitcode == 1
    assert f"worker 1 ({group.addresses[1]}) is gone" in last_line(group, 0)


def test_workers_with_another_task_are_told_so(crowd: Any) -> None:
    group = crowd(2)
    group.start(*QUIET, own={1: ("--seed", "7")})
    assert group.end() == [2, 2]
    for index in range(2):
        line = last_line(group, index)
        assert f"worker 1 ({group.addresses[1]}) was given" in line
        assert "seed 7" in line
        assert "same command, on the same data" in line
    assert files(group.root / "1") == ["err", "out"]


@posix("/dev/null")
def test_a_chief_that_cannot_begin_tells_the_others(crowd: Any) -> None:
    group = crowd(2)
    group.start(*QUIET, own={0: ("--plots", "/dev/null/plots")})
    assert group.end() == [2, 1]
    assert "cannot write to folder '/dev/null/plots'" in last_line(group, 0)
    assert last_line(group, 1).startswith(
        f"keras-examples: error: worker 0 ({group.addresses[0]}) cannot start: cannot write to"
    )


@posix("Ctrl-C for another process")
@slow
def test_ctrl_c_on_one_worker_ends_all_after_the_epoch(crowd: Any) -> None:
    group = crowd(2)
    group.start("--epochs", "5000")
    wait_for_epoch(group, 10)
    os.kill(group.processes[1].pid, signal.SIGINT)
    assert group.end() == [130, 130]
    assert record(group.root / "0")["status"] == "interrupted"


@slow
def test_what_is_complete_is_left_by_all(crowd: Any) -> None:
    first = crowd(2)
    first.start(*QUIET)
    assert first.end() == [0, 0]
    before = (first.root / "0/runs/line/run.json").read_bytes()
    again = crowd(2)
    again.start(*QUIET, "--resume")
    assert again.end() == [0, 0]
    assert (again.root / "0/runs/line/run.json").read_bytes() == before
    assert again.said(1) == ("", "")


def test_a_worker_that_does_not_start_is_named() -> None:
    nobody = Workers(Path(), 2).addresses
    members = cluster.Cluster({f"/job:worker/task:{index}": nobody[index] for index in (0, 1)}, 0)
    with pytest.raises(RunError) as caught:
        cluster.meet(members, seconds=0.5)
    assert str(caught.value) == (
        f"worker 1 ({nobody[1]}) did not start within 0.5 s. Start all the workers, and check that "
        "they can reach one another."
    )


GOOD = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 0}}


def test_a_cluster_may_name_its_chief_or_take_the_first_worker() -> None:
    assert cluster.read_tf_config(json.dumps(GOOD)).is_chief
    config = {
        "cluster": {"worker": ["a:1", "[::1]:2"], "chief": ["c:3"]},
        "task": {"type": "worker", "index": 0},
    }
    found = cluster.read_tf_config(json.dumps(config))
    assert not found.is_chief
    assert [found.describe(index) for index in range(3)] == [
        "chief 0 (c:3)",
        "worker 0 (a:1)",
        "worker 1 ([::1]:2)",
    ]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("", "is not set"),
        ("{", "is not JSON"),
        ("[]", 'has no "cluster"'),
        (json.dumps({**GOOD, "cluster": {}}), 'has no "cluster"'),
        (json.dumps({**GOOD, "cluster": {"worker": []}}), "no list of addresses"),
        (json.dumps({**GOOD, "cluster": {"worker": ["a"]}}), "'a' as the address of a worker"),
        (json.dumps({**GOOD, "cluster": {"worker": ["a:0"]}}), "not host:port"),
        (json.dumps({**GOOD, "cluster": {"worker": [["a:1"]]}}), "not host:port"),
        (json.dumps({**GOOD, "cluster": {"worker": ["a:1", "a:1"]}}), "'a:1' twice"),
        (json.dumps({**GOOD, "cluster": {"worker": ["a:1"], "ps": ["b:1"]}}), 'has a "ps"'),
        (json.dumps({**GOOD, "cluster": {"chief": ["a:1", "b:1"]}}), "2 chiefs"),
        (json.dumps({**GOOD, "task": {"type": "worker", "index": 2}}), "task 'worker' 2"),
        (json.dumps({**GOOD, "task": {"type": "worker", "index": "0"}}), "task 'worker' '0'"),
        (json.dumps({**GOOD, "task": {"type": "evaluator", "index": 0}}), "task 'evaluator' 0"),
        (json.dumps({"cluster": GOOD["cluster"]}), "task None None"),
    ],
)
def test_a_wrong_tf_config_is_one_line_and_exit_2(
    config: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TF_CONFIG", config)
    assert cli.main(["run", "sine-rnn", "--strategy", "multi-worker"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert "such as TF_CONFIG='{" in err


def test_plain_training_cannot_be_shared_and_says_why(declare: Declare, place: Place) -> None:
    declare()
    with pytest.raises(InputError, match="--plain and --strategy: "):
        place.run(plain=True, strategy="mirrored")


def test_what_has_nothing_to_train_has_no_strategy() -> None:
    with pytest.raises(InputError, match=r"nothing to train, .*; leave out --strategy"):
        run("activations", strategy="mirrored")


def test_every_replica_draws_its_own_random_numbers(tmp_path: Path) -> None:
    together.alone(draw_on_two_devices, tmp_path / "drawn.npy")
    mean, square = np.load(tmp_path / "drawn.npy")
    # With the same number on both devices in each step the two would be equal.
    assert square > mean**2 * 1.01


def draw_on_two_devices(path: Path) -> None:
    """Trains a model whose metrics are those of random numbers; the body of a process."""
    import keras
    import tensorflow as tf

    from keras_examples.runner.distributed.steps import ReplicatedSteps
    from keras_examples.runner.plain import epoch_order

    class Drawing(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.draws = keras.random.SeedGenerator(0)
            self.means = [keras.metrics.Mean(name=name) for name in ("mean", "square")]

        @property
        def metrics(self) -> list[Any]:
            return self.means

        def train_step(self, data: Any) -> dict[str, Any]:
            drawn = keras.random.uniform((), seed=self.draws)
            for metric, value in zip(self.means, (drawn, drawn**2), strict=True):
                metric.update_state(value)
            return {}

    cpu = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, logical)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = Drawing()
        model.compile(optimizer="sgd")
    x = np.zeros((2, 1), np.float32)
    steps = ReplicatedSteps(strategy, model, model.train_step, x, x, batch_size=2)
    found = steps(epoch_order(2, 0, 0), 0, 1)  # one step: one number on each device
    np.save(path, [float(found["mean"]), float(found["square"])])


def test_the_noise_of_every_layer_is_found_whatever_it_is_inside_of() -> None:
    import keras

    from keras_examples.runner.distributed.private import seed_generators

    layers = keras.layers
    dropout = layers.LSTM(2, dropout=0.5, return_sequences=True)
    model = keras.Sequential(
        [
            keras.Input((3, 1)),
            dropout,
            layers.Bidirectional(layers.LSTM(2, dropout=0.5, return_sequences=True)),
            keras.Sequential([layers.Dropout(0.5)]),
        ]
    )
    assert len(seed_generators(model)) == 4


@slow
def test_every_example_trains_the_same_on_three_devices(tmp_path: Path) -> None:
    together.alone(train_every_example, tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    trained = {name for name in catalogue.names() if catalogue.load(name).epochs}
    assert set(found) == trained
    for name, (alone, shared) in found.items():
        assert np.isfinite(shared).all(), name
        if name != "mnist-gan":  # whose noise is another on each device
            np.testing.assert_allclose(shared, alone, rtol=1e-3, atol=1e-6, err_msg=name)


def train_every_example(path: Path) -> None:
    """Trains all examples on some samples, on one device and on three; the body of a process."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration()] * 3
    tf.config.set_logical_device_configuration(cpu, logical)
    from keras_examples.runner.devices import Devices
    from keras_examples.runner.distributed.devices import ReplicatedDevices
    from keras_examples.runner.distributed.group import connect
    from keras_examples.runner.training import Network, Training

    found = {}
    for name in catalogue.names():
        example = catalogue.load(name)
        if not example.epochs:
            continue
        data = example.load(data="stand-in", data_dir=None)
        # The last batch has fewer samples than there are devices.
        size = min(50, len(data.x_train))
        data = Dataset.computed("few", (data.x_train[:size], data.y_train[:size]))
        network = Network(example=example, data=data, epochs=2, batch_size=16)
        histories = []
        for devices in (Devices(), ReplicatedDevices(connect("mirrored"))):
            history = Training(network, devices=devices).run().history
            histories.append([value for values in history.values() for value in values])
        found[name] = histories
    path.write_text(json.dumps(found))
