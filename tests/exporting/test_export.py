"""Exports: what is written, in which formats, and what is refused."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from keras_examples import InputError, RunError, cli
from keras_examples.core import catalogue
from keras_examples.exporting import export
from tests.exporting import networks

EVERYWHERE = ("mnist-cnn", "self-attention", "sine-lstm", "mnist-gan", "three-layer-network")
SHORT = {("onnx", "self-attention"), ("litert", "sine-lstm"), ("savedmodel", "mnist-gan")}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs of some examples, with random weights."""
    folder = tmp_path_factory.mktemp("runs")
    for name in (*EVERYWHERE, "edge-detection"):
        save(networks.build(name), folder, name)
    return folder


def save(model: Any, runs: Path, name: str = "mnist-cnn") -> Path:
    (runs / name).mkdir(parents=True)
    model.save(runs / name / "model.keras")
    return runs


def network(*stack: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *stack])


def description(folder: Path, name: str = "mnist-cnn") -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def refusal(**options: Any) -> str:
    with pytest.raises(InputError) as caught:
        export("mnist-cnn", **options)
    message = str(caught.value)
    assert message.isprintable()
    assert caught.value.text.zh != message
    assert list(Path(options.get("output", "exports")).glob("*")) == []
    return message


# The web format


def test_the_web_format_is_a_description_beside_the_weights(runs: Path, tmp_path: Path) -> None:
    written = export("mnist-cnn", runs=runs, output=tmp_path / "a" / "b")
    assert written == [tmp_path / "a" / "b" / f"mnist-cnn.{ending}" for ending in ("json", "bin")]
    found = description(tmp_path / "a" / "b")
    weights = written[1].read_bytes()
    assert {key: found[key] for key in ("format", "name", "input", "outputs", "dtype", "bin")} == {
        "format": 1,
        "name": "mnist-cnn",
        "input": [28, 28, 1],
        "outputs": [found["nodes"][-1]["name"]],
        "dtype": "int16",
        "bin": "mnist-cnn.bin",
    }
    assert (found["bytes"], found["sha256"]) == (len(weights), hashlib.sha256(weights).hexdigest())
    assert len(weights) == 2 * 121_930 + (4 + 2) * (32 + 64 + 64 + 10)  # scales and biases
    assert [one["zh"] for one in found["classes"]] == list("0123456789")
    model = networks.build("mnist-cnn")
    kernel = next(node for node in found["nodes"] if node["type"] == "Conv2D")["weights"][0]
    start = kernel["offset"]
    scales = np.frombuffer(weights, "<f4", 32, start)
    stored = np.frombuffer(weights, "<i2", 9 * 32, start + 4 * 32).reshape(kernel["shape"])
    assert (np.abs(stored * scales - model.get_weights()[0]) <= scales * 0.51).all()


def test_a_column_of_zeros_stays_zero(tmp_path: Path) -> None:
    model = network(layers.Dense(2))
    model.set_weights([np.array([[0, 1], [0, -2], [0, 0], [0, 0.5]]), np.zeros(2)])
    export("mnist-cnn", runs=save(model, tmp_path / "runs"), output=tmp_path)
    weights = (tmp_path / "mnist-cnn.bin").read_bytes()
    assert list(np.frombuffer(weights, "<i2", 8, 8)) == [0, 16384, 0, -32767, 0, 0, 0, 8192]


def test_an_input_of_any_size_is_null(runs: Path, tmp_path: Path) -> None:
    export("edge-detection", runs=runs, output=tmp_path)
    assert description(tmp_path, "edge-detection")["input"] == [None, None, 1]


def test_of_the_gan_the_generator_is_exported_without_its_code(runs: Path, tmp_path: Path) -> None:
    export("mnist-gan", runs=runs, output=tmp_path)
    found = description(tmp_path, "mnist-gan")
    assert found["input"] == [64]
    assert sum(len(node["weights"]) for node in found["nodes"]) == 6
    export("mnist-gan", runs=runs, output=tmp_path, dtype="float16", force=True)
    assert description(tmp_path, "mnist-gan")["bytes"] == 2 * 222_288


def test_the_record_of_the_run_is_in_the_description(tmp_path: Path) -> None:
    runs = save(network(layers.Dense(2)), tmp_path / "runs")
    record = {
        "example": "mnist-cnn",
        "title": {"en": "A", "zh": "甲"},
        "status": "complete",
        "command": "keras-examples run mnist-cnn",
        "seed": 3,
        "data": {"name": "mnist", "source": "folder"},
        "processor": "",
        "cores": 1,
        "metrics": {"val_accuracy": 0.5, "val_loss": None},
        "parameters": 1,
        "weights_sha256": "",
        "figures": [],
        "seconds": {"total": 1},
    }
    (runs / "mnist-cnn" / "run.json").write_text(json.dumps(record))
    export("mnist-cnn", runs=runs, output=tmp_path)
    assert description(tmp_path)["record"] == {
        "command": "keras-examples run mnist-cnn",
        "seed": 3,
        "data": "mnist",
        "source": "folder",
        "metrics": {"val_accuracy": 0.5, "val_loss": None},
    }


def test_names_of_classes_that_a_model_learned_are_its_own(tmp_path: Path) -> None:
    from keras_examples.core import Text
    from keras_examples.inference import models

    runs = save(network(layers.Dense(2)), tmp_path / "runs")
    models.name_classes(runs / "mnist-cnn" / "model.keras", [Text("a", "甲"), Text("b", "乙")])
    export("mnist-cnn", runs=runs, output=tmp_path)
    assert description(tmp_path)["classes"] == [{"en": "a", "zh": "甲"}, {"en": "b", "zh": "乙"}]


def test_neither_keras_nor_tensorflow_is_imported_for_it(runs: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from keras_examples import cli; code = cli.main(sys.argv[1:]); "
        "sys.exit(code or bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    words = ["export", "mnist-gan", "--runs", str(runs), "--output", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"written: {tmp_path / 'mnist-gan.json'}",
        f"written: {tmp_path / 'mnist-gan.bin'}",
    ]


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (lambda: layers.BatchNormalization(name="norm"), "'norm' (BatchNormalization)"),
        (lambda: layers.Dense(2, activation="gelu", name="last"), "'last' (Dense) has activation"),
        (lambda: layers.LayerNormalization(axis=1, name="n"), "has axis="),
        (lambda: layers.Rescaling([1.0, 2.0, 3.0, 4.0], name="r"), "'r' (Rescaling) has scale"),
    ],
)
def test_a_layer_that_the_web_format_lacks_is_named(
    tmp_path: Path, layer: Callable[[], Any], named: str
) -> None:
    runs = save(network(layer()), tmp_path / "runs")
    message = refusal(runs=runs, output=tmp_path / "exports")
    assert named in message
    assert "onnx" in message


def two_inputs() -> Any:
    inputs = [keras.Input((4,)), keras.Input((4,))]
    return keras.Model(inputs, layers.Add()(inputs))


def called_twice() -> Any:
    given, dense = keras.Input((4,)), layers.Dense(4)
    return keras.Model(given, dense(dense(given)))


def plus_a_number() -> Any:
    given = keras.Input((4,))
    return keras.Model(given, given + 1.0)


@pytest.mark.parametrize(
    ("build", "what"),
    [
        (two_inputs, "2 inputs"),
        (called_twice, "a special call of the layer"),
        (plus_a_number, "a number given to the layer"),
    ],
)
def test_a_network_that_the_web_format_cannot_tell_is_refused(
    tmp_path: Path, build: Callable[[], Any], what: str
) -> None:
    runs = save(build(), tmp_path / "runs")
    assert what in refusal(runs=runs, output=tmp_path / "exports")


@pytest.mark.parametrize(
    ("value", "dtype", "told"),
    [
        (1e5, "float16", "up to 1e+05, too much for float16; export them with --dtype float32"),
        (np.nan, "float32", "not all finite numbers: the training has diverged"),
        (np.inf, None, "not all finite numbers: the training has diverged"),
    ],
)
def test_weights_that_cannot_be_stored_are_named(
    tmp_path: Path, value: float, dtype: str | None, told: str
) -> None:
    model = network(layers.Dense(2, name="last"))
    model.set_weights([np.full((4, 2), value), np.zeros(2)])
    message = refusal(runs=save(model, tmp_path / "runs"), output=tmp_path / "exports", dtype=dtype)
    assert "'last/kernel'" in message
    assert told in message


# What the model's file may hold


def change(runs: Path, member: str, content: bytes) -> None:
    path = runs / "mnist-cnn" / "model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, old in members.items():
            archive.writestr(name, content if name == member else old)


def test_a_model_that_holds_code_is_refused(tmp_path: Path) -> None:
    runs = save(network(layers.Lambda(lambda x: x)), tmp_path / "runs")
    assert "holds code of its own" in refusal(runs=runs, output=tmp_path / "exports")


def test_weights_in_other_files_are_not_read(tmp_path: Path) -> None:
    runs = save(network(layers.Dense(2)), tmp_path / "runs")
    with zipfile.ZipFile(runs / "mnist-cnn" / "model.keras") as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(tmp_path / "other.h5", "w") as other, h5py.File(content, "r+") as file:
        other["secret"] = np.zeros((4, 2))
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "secret")
    change(runs, "model.weights.h5", content.getvalue())
    assert "reads other files" in refusal(runs=runs, output=tmp_path / "exports")


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("model.weights.h5", b""),
        ("model.weights.h5", b"\x89HDF\r\n\x1a\n"),
        ("config.json", b"[]"),
        ("config.json", b"{}"),
        ("config.json", b'{"class_name": "Sequential", "config": {"layers": [1]}}'),
        ("config.json", b'{"class_name": "Sequential", "config": {"layers": []}}'),
    ],
)
def test_a_damaged_model_is_one_line(tmp_path: Path, member: str, content: bytes) -> None:
    runs = save(network(layers.Dense(2)), tmp_path / "runs")
    change(runs, member, content)
    assert "damaged" in refusal(runs=runs, output=tmp_path / "exports")


def test_a_layer_without_its_weights_is_one_line(tmp_path: Path) -> None:
    runs = save(network(layers.Dense(2, name="last")), tmp_path / "runs")
    empty = io.BytesIO()
    with h5py.File(empty, "w") as file:
        file.create_group("layers")
    change(runs, "model.weights.h5", empty.getvalue())
    message = refusal(runs=runs, output=tmp_path / "exports")
    assert "'last' (Dense) has 0 weights in the model's file, expected 2" in message


# Files


def test_what_is_there_is_replaced_only_by_force(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "sine-lstm.bin").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"sine-lstm.bin' exists; .* --force"):
        export("sine-lstm", runs=runs, output=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sine-lstm.bin"]
    export("sine-lstm", runs=runs, output=tmp_path, force=True)
    assert description(tmp_path, "sine-lstm")["bytes"] == len(
        (tmp_path / "sine-lstm.bin").read_bytes()
    )


def test_a_folder_that_cannot_be_written_to_is_one_line(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=r"cannot write to .* \(--output\)"):
            export("sine-lstm", runs=runs, output=output)


def test_without_a_run_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    message = refusal(runs=tmp_path, output=tmp_path / "exports")
    assert "keras-examples run mnist-cnn" in message


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"format": "tfjs"}, "web, onnx, litert, savedmodel"),
        ({"dtype": "float64"}, "int16, float16, float32"),
        ({"format": "litert", "dtype": "float32"}, "--dtype is for the format web"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line(
    runs: Path, tmp_path: Path, options: dict[str, str], told: str
) -> None:
    assert told in refusal(runs=runs, output=tmp_path / "exports", **options)


def test_the_command_speaks_chinese(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", "sine-lstm", "--runs", str(runs), "--output", str(tmp_path), "--lang", "zh"]
    assert cli.main(words) == 0
    assert capsys.readouterr().out.startswith(f"已写出：{tmp_path / 'sine-lstm.json'}\n")
    assert cli.main(words) == 2
    assert "已存在；请换一个文件夹（--output），或用 --force 替换它。" in capsys.readouterr().err


# Other runtimes, each by itself


def in_onnx(path: Path, x: np.ndarray) -> np.ndarray:
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: x})[0])


def in_litert(path: Path, x: np.ndarray) -> np.ndarray:
    module = pytest.importorskip("ai_edge_litert.interpreter", reason="needs ai-edge-litert")
    interpreter = module.Interpreter(str(path))
    given, found = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(given["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(found["index"]))


def in_tensorflow(path: Path, x: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))  # which has to live as long as it is called
    return np.asarray(loaded.serve(x))


RUNTIMES = {"onnx": in_onnx, "litert": in_litert, "savedmodel": in_tensorflow}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, name, marks=[] if (kind, name) in SHORT else pytest.mark.slow)
        for kind in RUNTIMES
        for name in EVERYWHERE
    ],
)
def test_in_its_own_runtime_an_export_gives_keras_numbers(
    runs: Path, tmp_path: Path, kind: str, name: str
) -> None:
    if kind == "onnx":
        for module in ("onnx", "tf2onnx", "onnxruntime"):
            pytest.importorskip(module, reason=f"needs {module}: pip install -e '.[test]'")
    written = export(name, format=kind, runs=runs, output=tmp_path)
    assert list(tmp_path.iterdir()) == written
    model = networks.build(name)
    model = getattr(model, catalogue.declared(name, "part") or "", model)
    x = np.random.default_rng(0).random((3, *model.input_shape[1:])).astype(model.inputs[0].dtype)
    found = RUNTIMES[kind](written[0], x)
    np.testing.assert_allclose(found, np.asarray(model(x)), rtol=1e-5, atol=1e-5)


def test_a_missing_package_is_named_with_what_installs_it(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = refusal(runs=runs, output=tmp_path / "exports", format="onnx")
    assert "needs onnx and tf2onnx" in message
    assert 'pip install "keras-examples[export]"' in message


def test_what_keras_cannot_convert_is_one_line_and_leaves_nothing(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, path: str, **options: Any) -> None:
        Path(path).write_text("half")
        raise TypeError("not this\nmodel")

    monkeypatch.setattr(keras.Model, "export", fail)
    with pytest.raises(RunError, match=r"could not convert .* to litert \(TypeError: not this\)"):
        export("sine-lstm", format="litert", runs=runs, output=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_whole(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(self: Any, path: str, **options: Any) -> None:
        Path(path).mkdir()
        Path(path, "new").write_text("")

    monkeypatch.setattr(keras.Model, "export", write)
    (tmp_path / "sine-lstm").mkdir()
    (tmp_path / "sine-lstm" / "old").write_text("")
    export("sine-lstm", format="savedmodel", runs=runs, output=tmp_path, force=True)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
        "sine-lstm",
        str(Path("sine-lstm", "new")),
    ]
