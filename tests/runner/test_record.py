from __future__ import annotations

import csv
import hashlib
import json
import math
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run
from keras_examples.runner.record import (
    VARIABLES,
    environment,
    weights_digest,
    write_history,
    write_record,
)


@pytest.fixture
def done(quick_run: Callable[..., Run]) -> Run:
    return quick_run("fashion-mnist-ffn")


@pytest.fixture
def record(done: Run) -> dict[str, Any]:
    return json.loads((done.folder / "run.json").read_text(encoding="utf-8"))


def test_the_record_on_disk_is_the_one_handed_back(done: Run, record: dict[str, Any]) -> None:
    assert record == done.record


def test_the_record_says_what_was_run(record: dict[str, Any]) -> None:
    assert record["example"] == "fashion-mnist-ffn"
    assert record["article"] == "004"
    assert record["status"] == "complete"
    assert record["seed"] == 0
    assert record["command"] == (
        "keras-examples run fashion-mnist-ffn --epochs 5 --data stand-in --lang en"
    )
    assert record["config"] == {
        "animate": False,
        "epochs": 5,
        "batch_size": 32,
        "units": 128,
        "learning_rate": 0.001,
        "rescale": False,
        "seed": 0,
        "plain": False,
        "strategy": None,
        "replicas": 1,
        "data_sha256": record["data"]["sha256"],
    }
    assert record["optimizer"] == "Adam"
    assert record["loss"] == "sparse_categorical_crossentropy"


def test_the_record_says_what_it_learned_from(done: Run, record: dict[str, Any]) -> None:
    assert record["data"]["name"] == "fashion-mnist"
    assert record["data"]["source"] == "stand-in"
    assert len(bytes.fromhex(record["data"]["sha256"])) == 32
    assert record["data"]["training_samples"] > record["data"]["test_samples"] > 0


def test_the_record_says_what_it_ran_on(record: dict[str, Any]) -> None:
    assert record["versions"] == {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
    assert record["processor"]
    assert record["cores"] >= 1


def test_the_record_says_which_settings_change_how_tensorflow_computes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert environment()["settings"] == {}
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    passes = {"remapping": False, "disable_model_pruning": True}
    usual = tf.config.optimizer.get_experimental_options()
    monkeypatch.setattr(
        tf.config.optimizer, "get_experimental_options", lambda: {**usual, **passes}
    )
    assert environment()["settings"] == {"TF_ENABLE_ONEDNN_OPTS": "0", **passes}


def test_the_record_says_where_the_seconds_went(record: dict[str, Any]) -> None:
    seconds = record["seconds"]
    assert {"import", "data", "build", "train", "evaluate", "figures", "save"} < set(seconds)
    parts = sum(spent for name, spent in seconds.items() if name != "total")
    assert 0 < parts <= seconds["total"] + 0.01


def test_the_record_says_what_came_of_it(done: Run, record: dict[str, Any]) -> None:
    assert record["parameters"] == 101_770
    assert record["weights_sha256"] == weights_digest(done.model)
    assert record["metrics"] == {name: values[-1] for name, values in done.history.items()}
    assert set(record["metrics"]) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_the_figures_of_the_record_are_there(done: Run, record: dict[str, Any]) -> None:
    kinds = ("loss", "article-loss", "accuracy", "predictions", "confusion")
    assert record["figures"] == [f"fashion-mnist-ffn-{kind}.png" for kind in kinds]
    assert [path.name for path in done.figures] == record["figures"]
    for path in done.figures:
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_history_has_a_row_for_each_epoch_in_keras_words(done: Run) -> None:
    with (done.folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    for name, values in done.history.items():
        assert [float(row[name]) for row in rows] == values


def test_the_saved_model_predicts_as_the_trained_one(done: Run) -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    saved = keras.models.load_model(done.folder / "model.keras")
    assert weights_digest(saved) == weights_digest(done.model)
    np.testing.assert_allclose(
        saved.predict(images, verbose=0), done.model.predict(images, verbose=0), atol=1e-6
    )
    assert type(saved.optimizer) is keras.optimizers.Adam
    assert saved.loss == "sparse_categorical_crossentropy"


def test_the_validation_is_over_the_whole_test_set(done: Run) -> None:
    from keras_examples.fashion_mnist_ffn import load_data

    x, y = load_data("stand-in").evaluation
    loss, accuracy = done.model.evaluate(x, y, verbose=0)
    assert done.metrics["val_loss"] == pytest.approx(loss, rel=1e-4)
    assert done.metrics["val_accuracy"] == pytest.approx(accuracy)


def test_an_example_without_test_data_records_how_it_fits_in_the_end(
    quick_run: Callable[..., Run],
) -> None:
    done = quick_run("sine-rnn")
    assert list(done.history) == ["loss"]
    assert set(done.metrics) == {"loss", "final_loss"}
    assert done.record["data"]["test_samples"] == 0
    x, y = done.model.inputs[0].shape, done.model.outputs[0].shape
    assert (x, y) == ((None, 10, 1), (None, 1))


def test_history_reads_back_as_the_same_floats(tmp_path: Path) -> None:
    history: dict[str, list[Any]] = {
        "loss": [0.1 + 0.2, 1e-17],
        "val_loss": [np.float32(1 / 3), math.nan],
    }
    write_history(tmp_path / "history.csv", history)
    with (tmp_path / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    for name, values in history.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values, rel=0, nan_ok=True)


def test_a_number_that_json_has_no_word_for_becomes_null(tmp_path: Path) -> None:
    write_record(tmp_path / "run.json", {"metrics": {"loss": math.nan, "top": math.inf, "n": 1.5}})
    record = json.loads((tmp_path / "run.json").read_text(), parse_constant=pytest.fail)
    assert record == {"metrics": {"loss": None, "top": None, "n": 1.5}}


def test_the_digest_is_over_types_shapes_and_bytes_of_the_weights() -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.array([3.0])])
    content = b"<f4(1, 1)" + np.float32(2).tobytes() + b"<f4(1,)" + np.float32(3).tobytes()
    assert weights_digest(model) == hashlib.sha256(content).hexdigest()


def test_the_digest_tells_weights_apart_that_differ_in_a_bit() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    before = weights_digest(model)
    kernel, bias = model.get_weights()
    kernel[0, 0] = np.nextafter(kernel[0, 0], np.float32(9))
    model.set_weights([kernel, bias])
    assert weights_digest(model) != before
