"""Models from anywhere: which are loaded, and which are refused."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_examples.core import Text
from keras_examples.core.errors import InputError
from keras_examples.inference import models
from tests.platforms import posix

Config = dict[str, Any]
KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files within a small model's file."""
    path = tmp_path_factory.mktemp("model") / "model.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def open_model(path: Path) -> Any:
    return models.load(models.find("mnist-cnn", path))


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_model(path)
    message = str(caught.value)
    assert message.isprintable()
    assert repr(str(path)) in message
    return message


def with_config(members: dict[str, bytes], change: Callable[[Config], object]) -> dict[str, bytes]:
    config = json.loads(members["config.json"])
    change(config)
    return {**members, "config.json": json.dumps(config).encode()}


def dense(config: Config) -> Config:
    layer: Config = config["config"]["layers"][1]
    return layer


def with_weights(
    members: dict[str, bytes], change: Callable[[h5py.File], object]
) -> dict[str, bytes]:
    content = io.BytesIO(members["model.weights.h5"])
    with h5py.File(content, "r+") as file:
        change(file)
    return {**members, "model.weights.h5": content.getvalue()}


def test_a_sound_model_is_loaded_compressed_or_not(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        model = open_model(write(tmp_path / "model.keras", members, method))
        assert [tuple(weight.shape) for weight in model.weights] == [(4, 3), (3,)]


# Weights in other files


def other_file(folder: Path) -> str:
    with h5py.File(folder / "other.h5", "w") as other:
        other["vars/0"], other["vars/1"] = np.zeros((4, 3)), np.arange(3.0)
    return str(folder / "other.h5")


def external_link(file: h5py.File, other: str) -> None:
    del file[BIAS]
    file[BIAS] = h5py.ExternalLink(other, "vars/1")


def external_group(file: h5py.File, other: str) -> None:
    del file["layers/dense"]
    file["layers/dense"] = h5py.ExternalLink(other, "/")


def soft_link(file: h5py.File, other: str) -> None:
    del file[BIAS]
    file["aside"] = h5py.ExternalLink(other, "vars/1")
    file[BIAS] = h5py.SoftLink("/aside")


def external_storage(file: h5py.File, other: str) -> None:
    del file[BIAS]
    file.create_dataset(BIAS, (3,), "float32", external=[(other, 0, 12)])


def virtual(file: h5py.File, other: str) -> None:
    del file[BIAS]
    layout = h5py.VirtualLayout((3,), "float64")
    layout[:] = h5py.VirtualSource(other, "vars/1", (3,))
    file.create_virtual_dataset(BIAS, layout)


@pytest.mark.parametrize(
    "change", [external_link, external_group, soft_link, external_storage, virtual]
)
def test_weights_in_another_file_are_refused_before_keras_reads_them(
    members: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[h5py.File, str], None],
) -> None:
    other = other_file(tmp_path)
    changed = with_weights(members, lambda file: change(file, other))
    monkeypatch.setattr(keras.saving, "load_model", pytest.fail)
    said = refusal(write(tmp_path / "model.keras", changed))
    assert "reads other files" in said
    assert "/layers/dense" in said


def test_a_group_that_contains_itself_is_not_followed_for_ever(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    def tie(file: h5py.File) -> None:
        file["layers/again"] = file["/"]

    assert open_model(write(tmp_path / "model.keras", with_weights(members, tie)))


# Bombs, and what is not a file


def test_weights_larger_than_they_can_be_are_refused(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    def enlarge(file: h5py.File) -> None:
        del file[KERNEL]
        shape = (1 << 20, 1 << 20)
        file.create_dataset(KERNEL, shape, "float32", chunks=(1024, 1024), compression="gzip")

    path = write(tmp_path / "model.keras", with_weights(members, enlarge))
    assert "damaged, or not a Keras model" in refusal(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5", "assets/more"])
def test_a_zip_bomb_is_not_unpacked(members: dict[str, bytes], tmp_path: Path, name: str) -> None:
    bomb = {**members, name: bytes(50_000_000)}
    path = write(tmp_path / "model.keras", bomb, zipfile.ZIP_DEFLATED)
    assert "damaged, or not a Keras model" in refusal(path)


@posix("pipes and devices")
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/dev/null", "/proc/kmsg"])
def test_what_is_not_a_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "model.keras"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(kind)
    assert any(said in refusal(path) for said in ("not a regular file", "damaged", "there is no"))


def test_a_file_with_a_hole_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.touch()
    os.truncate(path, 1 << 40)
    assert "damaged, or not a Keras model" in refusal(path)


# Code


def activation(**part: Any) -> Callable[[Config], object]:
    return lambda config: dense(config)["config"].update(activation=part)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        # Keras finds these in `keras`, too.
        (activation(module="keras", class_name="layers.Lambda", config={}), "(Lambda)"),
        (activation(module="keras", class_name="layers.TFSMLayer", config={}), "(TFSMLayer)"),
        (activation(module="keras", class_name="function", config="utils.get_file"), "(keras.f"),
        (activation(module="keras.models", class_name="function", config="load_model"), "(keras.m"),
        (
            lambda config: dense(config).update(
                compile_config={"loss": {"class_name": "__lambda__", "config": {"value": "4wEA"}}}
            ),
            "(lambda)",
        ),
        (
            lambda config: dense(config).update(module="\x1b[31m\nos\ud800", class_name="run"),
            r"(\x1b[31m\nos\ud800.run)",
        ),
        (
            lambda config: config.update(
                more=[{"module": "os", "class_name": f"a{i}"} for i in range(9)]
            ),
            "os.a4, …)",
        ),
        (lambda config: dense(config).update(module="m" * 9000), "mmm), so"),
    ],
)
def test_code_is_refused_however_it_is_named(
    members: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Config], object],
    said: str,
) -> None:
    monkeypatch.setattr(models, "load", pytest.fail)
    message = refusal(write(tmp_path / "model.keras", with_config(members, change)))
    assert said in message
    assert len(message) < 1000


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"null",
        b"[]",
        b"NaN",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b'{"class_name": []}',
        b'{"class_name": {}, "module": "keras"}',
        b'{"class_name": "Dense", "module": ["keras"]}',
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_config_that_is_not_one_is_refused(
    members: dict[str, bytes], tmp_path: Path, config: bytes
) -> None:
    path = write(tmp_path / "model.keras", {**members, "config.json": config})
    assert "damaged, or not a Keras model" in refusal(path)


@given(data=st.data())
def test_a_damaged_model_is_a_model_or_one_line(
    members: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    path = write(tmp_path / "model.keras", members)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans(), label="cut"):
        del content[data.draw(st.integers(0, len(content) - 1), label="length") :]
    for bit in data.draw(st.lists(st.integers(0, max(0, 8 * len(content) - 1)), max_size=9)):
        if content:
            content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    try:
        model = open_model(path)
    except InputError as error:
        message = str(error)
    else:
        message = model.name
    assert message.isprintable()


def test_the_names_of_classes_stand_in_the_models_file(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    path = write(tmp_path / "own.keras", members)
    assert models.classes_of(path) == ()
    models.name_classes(path, [Text("一", "一"), Text("b", "b")])
    assert models.classes_of(path) == (Text("一", "一"), Text("b", "b"))
    assert open_model(path).output_shape == (None, 3)


@pytest.mark.parametrize(
    "names",
    [
        b"no JSON",
        b'{"en": "a"}',
        b'["a", "b"]',
        b'[{"en": "a"}]',
        b'[{"en": 1, "zh": 2}]',
        b'[{"en": "a\\u001b[2J", "zh": "a"}]',
        b"[" * 100_000,
    ],
)
def test_damaged_names_of_classes_are_one_line(
    names: bytes, members: dict[str, bytes], tmp_path: Path
) -> None:
    path = write(tmp_path / "own.keras", {**members, "classes.json": names})
    with pytest.raises(InputError, match="damaged, or not a Keras model"):
        models.classes_of(path)
