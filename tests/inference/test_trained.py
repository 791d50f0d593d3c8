from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from keras_examples import InputError, forecast, predict
from keras_examples.core import catalogue
from keras_examples.inference import load_trained
from tests.inference.conftest import CLASSIFIERS, FORECASTERS, network, saved


def test_the_classifiers_and_the_forecasters_of_the_articles_declare_themselves() -> None:
    assert {"digit-mlp", "fashion-mnist-ffn", "mnist-cnn", "self-attention"} <= set(CLASSIFIERS)
    assert {"sine-rnn", "sine-lstm"} <= set(FORECASTERS)


def test_a_network_trained_by_a_recipe_is_used_under_its_own_name(
    photo: Image.Image, tmp_path: Path
) -> None:
    (tmp_path / "mnist-cnn-augmented").mkdir()
    model = catalogue.load("mnist-cnn-augmented").build(steps=1)
    model.save(tmp_path / "mnist-cnn-augmented" / "model.keras")

    assert len(predict("mnist-cnn-augmented", photo, runs=tmp_path)) == 1
    with pytest.raises(InputError, match="no trained model of mnist-cnn in"):
        predict("mnist-cnn", photo, runs=tmp_path)


@pytest.fixture
def other_settings() -> Iterator[None]:
    """Sets Keras to something else than its defaults."""
    config = keras.config
    before = config.dtype_policy(), config.floatx(), config.image_data_format()
    config.set_dtype_policy("mixed_float16")
    config.set_floatx("float64")
    config.set_image_data_format("channels_first")
    yield
    # What a network is used for leaves them as they are.
    after = config.dtype_policy().name, config.floatx(), config.image_data_format()
    for name, value in zip(("dtype_policy", "floatx", "image_data_format"), before, strict=True):
        getattr(config, f"set_{name}")(value)
    assert after == ("mixed_float16", "float64", "channels_first")


@pytest.fixture
def usual(runs: Path, photo: Image.Image) -> list[Any]:
    return used(runs, photo)


def used(runs: Path, photo: Image.Image) -> list[Any]:
    forecasts = forecast("sine-rnn", steps=5, runs=runs)
    return [predict("mnist-cnn", photo, runs=runs)[0].top, forecasts.tolist(), forecasts.dtype]


def test_a_network_predicts_the_same_whatever_keras_is_set_to(
    usual: list[Any], other_settings: None, runs: Path, photo: Image.Image
) -> None:
    assert used(runs, photo) == usual


@pytest.mark.parametrize("name", catalogue.names())
def test_what_an_example_declares_is_what_its_source_declares(name: str) -> None:
    example = catalogue.load(name)
    assert bool(example.reads) == (name in CLASSIFIERS)
    assert bool(example.series) == (name in FORECASTERS)


def test_what_its_source_declares_is_found_without_importing_an_example() -> None:
    look = (
        "import sys\n"
        "from keras_examples import predict\n"
        "from keras_examples.core import catalogue\n"
        "print(catalogue.declaring('reads'), catalogue.declaring('series'))\n"
        "print({'keras', 'tensorflow', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{CLASSIFIERS} {FORECASTERS}\nset()\n", done.stderr


def test_a_model_is_loaded_as_it_was_saved(runs: Path) -> None:
    import keras

    model = load_trained("mnist-cnn", runs=runs)
    original = keras.saving.load_model(runs / "mnist-cnn" / "model.keras", compile=False)
    for one, other in zip(model.get_weights(), original.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_that_takes_flat_pixels_will_do(photo: Image.Image, tmp_path: Path) -> None:
    from keras import layers

    model = saved(network((784,), layers.Dense(10, activation="softmax")), tmp_path)
    assert len(predict("mnist-cnn", photo, model=model)) == 1


@pytest.mark.parametrize(
    ("name", "shape", "outputs"),
    [
        ("mnist-cnn", (32, 32), 10),
        ("mnist-cnn", (28, 28), 9),
        ("mnist-cnn", (28, 28), 1),
        ("sine-rnn", (10, 2), 1),
        ("sine-rnn", (10, 1), 2),
    ],
)
def test_a_model_of_something_else_is_refused(
    name: str, shape: tuple[int, ...], outputs: int, tmp_path: Path
) -> None:
    from keras import layers

    model = network(shape, layers.Flatten(), layers.Dense(outputs, activation="sigmoid"))
    with pytest.raises(InputError, match=rf"which does not fit {name}"):
        load_trained(name, model=saved(model, tmp_path))


def test_a_model_with_code_in_it_is_refused_and_the_code_does_not_run(tmp_path: Path) -> None:
    from keras import layers

    model = network((28, 28), layers.Flatten(), layers.Lambda(lambda x: x), layers.Dense(10))
    with pytest.raises(InputError, match=r"holds code of its own .*\(Lambda"):
        load_trained("mnist-cnn", model=saved(model, tmp_path))


def rewritten(path: Path, change: Callable[[dict[str, Any]], None], folder: Path) -> Path:
    """A copy of a model whose config was tampered with."""
    copy = folder / "tampered.keras"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(copy, "w") as after:
        for entry in before.namelist():
            content = before.read(entry)
            if entry == "config.json":
                config = json.loads(content)
                change(config)
                content = json.dumps(config).encode()
            after.writestr(entry, content)
    return copy


@pytest.mark.parametrize(
    ("foreign", "said"),
    [
        ({"module": "os", "class_name": "system", "config": "true"}, "os.system"),
        ({"module": "builtins", "class_name": "function", "config": "eval"}, "builtins.function"),
        ({"module": "keras.utils", "class_name": "get_file", "config": {}}, "keras.utils.get_file"),
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {}}, "TFSMLayer"),
        ({"class_name": "__lambda__", "config": {"value": "4wEA"}}, "lambda"),
    ],
)
def test_a_model_with_foreign_parts_is_refused_before_keras_sees_it(
    foreign: dict[str, Any], said: str, runs: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    def tamper(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["config"]["kernel_initializer"] = foreign

    monkeypatch.setattr("keras_examples.inference.models.load", pytest.fail)
    path = rewritten(runs / "mnist-cnn" / "model.keras", tamper, tmp_path)
    with pytest.raises(InputError, match=said):
        load_trained("mnist-cnn", model=path)


def test_a_file_that_is_not_a_model_is_refused(runs: Path, tmp_path: Path) -> None:
    whole = (runs / "mnist-cnn" / "model.keras").read_bytes()
    broken = tmp_path / "broken.keras"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("config.json", "{}")
    middle = len(whole) // 2
    overwritten = whole[:middle] + bytes(2000) + whole[middle + 2000 :]
    for content in (b"", b"hello", whole[:middle], other.getvalue(), overwritten):
        broken.write_bytes(content)
        with pytest.raises(InputError, match="damaged, or not a Keras model"):
            load_trained("mnist-cnn", model=broken)
    with pytest.raises(InputError, match="is a folder"):
        load_trained("mnist-cnn", model=tmp_path)
