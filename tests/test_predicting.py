from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras_examples import InputError, Run, datasets, forecast, predict
from keras_examples.core import catalogue
from keras_examples.inference.pictures import prepare_digit
from keras_examples.inference.predicting import load_trained, probabilities
from keras_examples.inference.series import read_series
from tests.photos import photograph
from tests.stub import Declare, declarer

CLASSIFIERS = catalogue.declaring("picture")
FORECASTERS = catalogue.declaring("series")


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of each example that can be used, none of them trained."""
    folder = tmp_path_factory.mktemp("runs")
    for name in (*CLASSIFIERS, *FORECASTERS):
        (folder / name).mkdir()
        catalogue.load(name).build_model().save(folder / name / "model.keras")
    return folder


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[4:24, 13:16] = 255
    return photograph(drawn, np.random.default_rng(0))


def saved(model: Any, folder: Path) -> Path:
    model.save(folder / "saved.keras")
    return folder / "saved.keras"


def network(shape: tuple[int, ...], *layers: Any) -> Any:
    import keras

    return keras.Sequential([keras.Input(shape), *layers])


# What can be used


def test_the_classifiers_and_the_forecasters_of_the_articles_declare_themselves() -> None:
    assert {"digit-mlp", "fashion-mnist-ffn", "mnist-cnn", "self-attention"} <= set(CLASSIFIERS)
    assert {"sine-rnn", "sine-lstm"} <= set(FORECASTERS)


@pytest.mark.parametrize("name", catalogue.names())
def test_what_an_example_declares_is_what_its_source_says(name: str) -> None:
    example = catalogue.load(name)
    assert bool(example.picture) == (name in CLASSIFIERS)
    assert bool(example.series) == (name in FORECASTERS)
    assert bool(example.classes) == bool(example.picture)


def test_what_its_source_says_is_found_without_importing_an_example() -> None:
    look = (
        "import sys\n"
        "from keras_examples import catalogue, predict\n"
        "print(catalogue.declaring('picture'), catalogue.declaring('series'))\n"
        "print({'keras', 'tensorflow', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{CLASSIFIERS} {FORECASTERS}\nset()\n", done.stderr


# Classifying


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_says_what_it_takes_a_picture_for(
    name: str, runs: Path, photo: Image.Image, tmp_path: Path
) -> None:
    photo.save(tmp_path / "one.jpg")
    (found,) = predict(name, [tmp_path / "one.jpg"], runs=runs)
    classes = catalogue.load(name).classes["en"]
    assert found.file == str(tmp_path / "one.jpg")
    assert (found.image.shape, found.image.dtype) == ((28, 28), np.uint8)
    assert len(found.top) == min(3, len(classes))
    assert {label for label, _ in found.top} <= set(classes)
    chances = [chance for _, chance in found.top]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_one_picture_a_file_in_memory_and_several_are_all_taken(
    runs: Path, photo: Image.Image
) -> None:
    file = io.BytesIO()
    photo.save(file, "PNG")
    file.seek(0)
    model = load_trained("mnist-cnn", runs=runs)
    several = predict("mnist-cnn", [photo, photo], model=model, top=10)
    assert len(several) == 2
    assert abs(sum(chance for _, chance in several[0].top) - 1) < 1e-5
    for source in (file, photo):
        ((label, chance),) = predict("mnist-cnn", source, model=model, top=1)[0].top
        assert (label, chance) == (
            several[0].top[0][0],
            pytest.approx(several[0].top[0][1], abs=1e-4),
        )


def test_classes_are_named_in_chinese_on_request(runs: Path, photo: Image.Image) -> None:
    (found,) = predict("logistic-regression", photo, runs=runs, lang="zh")
    assert {label for label, _ in found.top} == {"其他", "短靴"}


def test_a_yes_or_no_answer_is_two_probabilities() -> None:
    class Boots:
        input_shape = (None, 28, 28)

        def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
            return np.full((len(images), 1), 0.25)

    found = probabilities(Boots(), np.zeros((2, 28, 28)))
    np.testing.assert_allclose(found, [[0.75, 0.25]] * 2)


def test_outputs_that_are_no_probabilities_are_refused(photo: Image.Image, tmp_path: Path) -> None:
    from keras import layers

    model = network((28, 28), layers.Flatten(), layers.Dense(10))
    with pytest.raises(InputError, match="no probabilities"):
        predict("mnist-cnn", photo, model=saved(model, tmp_path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "sine-rnn"}, "classifies no pictures; these do: .*mnist-cnn"),
        ({"name": "mnist-cmn"}, "did you mean mnist-cnn"),
        ({"pictures": []}, "no picture given"),
        ({"pictures": ["nowhere.png"]}, "'nowhere.png'"),
        ({"pictures": Image.new("L", (90, 90), 255)}, "empty"),
        ({"top": 0}, "top: got 0"),
        ({"lang": "fr"}, "lang: got 'fr'"),
        ({"runs": "nowhere"}, "no trained model of mnist-cnn .*`keras-examples run mnist-cnn`"),
        ({"model": "nowhere.keras"}, "there is no model 'nowhere.keras'"),
    ],
)
def test_what_cannot_be_classified_is_refused_before_keras_is_needed(
    options: dict[str, Any], said: str, runs: Path, photo: Image.Image, monkeypatch: Any
) -> None:
    monkeypatch.setattr("keras_examples.inference.models.load", pytest.fail)
    given = {"name": "mnist-cnn", "pictures": photo, "runs": runs, **options}
    with pytest.raises(InputError, match=said):
        predict(given.pop("name"), given.pop("pictures"), **given)


@pytest.mark.real
def test_photographed_digits_are_recognised(real_run: Callable[..., Run]) -> None:
    mnist = datasets.load("mnist", data="real")
    model = real_run("mnist-cnn").model
    images, labels = mnist.x_test[:100], mnist.y_test[:100]
    rng = np.random.default_rng(0)
    for least, pictures in (
        (0.97, [Image.fromarray(image) for image in images]),
        (0.93, [photograph(image, rng) for image in images]),
        (0.93, [photograph(image, rng, dark=False) for image in images]),
        (0.90, [photograph(image, rng, lines=True) for image in images]),
        (0.90, [photograph(image, rng, hard_shadow=True) for image in images]),
    ):
        prepared = np.stack([prepare_digit(picture) for picture in pictures])
        assert (probabilities(model, prepared).argmax(axis=1) == labels).mean() >= least


# Models


def test_a_model_is_loaded_as_it_was_saved(runs: Path) -> None:
    import keras

    model = load_trained("mnist-cnn", runs=runs)
    original = keras.saving.load_model(runs / "mnist-cnn" / "model.keras", compile=False)
    for one, other in zip(model.get_weights(), original.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_that_takes_pixels_in_a_row_will_do(photo: Image.Image, tmp_path: Path) -> None:
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
    with pytest.raises(InputError, match=rf"which is not what {name} does"):
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


def test_a_file_that_is_no_model_is_refused(runs: Path, tmp_path: Path) -> None:
    whole = (runs / "mnist-cnn" / "model.keras").read_bytes()
    broken = tmp_path / "broken.keras"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("config.json", "{}")
    middle = len(whole) // 2
    spoilt = whole[:middle] + bytes(2000) + whole[middle + 2000 :]
    for content in (b"", b"hello", whole[:middle], other.getvalue(), spoilt):
        broken.write_bytes(content)
        with pytest.raises(InputError, match="damaged, or no model of Keras"):
            load_trained("mnist-cnn", model=broken)
    with pytest.raises(InputError, match="is a folder"):
        load_trained("mnist-cnn", model=tmp_path)


# Forecasting


@pytest.mark.parametrize("name", FORECASTERS)
def test_every_forecaster_continues_its_sine(name: str, runs: Path) -> None:
    values = forecast(name, steps=7, runs=runs)
    assert values.shape == (7,)
    assert np.isfinite(values).all()


def test_a_series_of_any_scale_is_continued_in_its_own(runs: Path) -> None:
    wave = np.sin(np.arange(30.0))
    wave[[3, 7]] = 1, -1
    model = load_trained("sine-rnn", runs=runs)
    plain = forecast("sine-rnn", steps=5, series=wave, model=model)
    large = forecast("sine-rnn", steps=5, series=500 + 100 * wave, model=model)
    np.testing.assert_allclose(large, 500 + 100 * plain, rtol=1e-4)


def test_a_series_that_never_changes_is_continued(runs: Path) -> None:
    assert np.isfinite(forecast("sine-rnn", steps=3, series=np.full(20, 5.0), runs=runs)).all()


def test_the_forecasts_are_fed_back_into_the_network() -> None:
    class Sum:
        input_shape, inputs, outputs = (None, 2, 1), [0], [0]
        output_shape = (None, 1)

        def predict_on_batch(self, windows: np.ndarray) -> np.ndarray:
            return windows.sum(axis=1) / 2

    series = np.array([-1.0, 1.0, 0.0, 1.0])
    found = forecast("sine-rnn", steps=3, series=series, model=Sum())  # type: ignore[arg-type]
    np.testing.assert_allclose(found, [0.5, 0.75, 0.625])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "mnist-cnn"}, "forecasts nothing; these do: sine-rnn"),
        ({"steps": 0}, "steps: got 0, expected a whole number from 1 to 10000"),
        ({"series": np.zeros(9)}, "too few values: got 9, expected at least 10"),
        ({"series": np.zeros(0)}, "too few values"),
        ({"series": np.zeros((20, 2))}, "shape"),
        ({"series": np.array([0.0] * 20 + [np.nan])}, "value 21 of the series is nan"),
        ({"series": np.array(["a", "b"])}, "not made of numbers"),
        ({"runs": "nowhere"}, "no trained model of sine-rnn"),
    ],
)
def test_what_cannot_be_continued_is_refused(
    options: dict[str, Any], said: str, runs: Path
) -> None:
    given = {"name": "sine-rnn", "runs": runs, **options}
    with pytest.raises(InputError, match=said):
        forecast(given.pop("name"), **given)


# Series in files


@pytest.mark.parametrize(
    "text",
    [
        "1\n2.5\n-3e0\n",
        "value\n1\n2.5\n-3\n",
        "\ufeff1\r\n\r\n2.5\r\n-3",
        "1,\n2.5,\n-3,\n",
        '"1"\n2.5\n-3',
    ],
)
def test_a_series_is_read_with_a_heading_or_without(text: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_text(text, encoding="utf-8", newline="")
    np.testing.assert_array_equal(read_series(tmp_path / "series.csv"), [1, 2.5, -3])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"1\n2\nthree\n", "line 3: got 'three', expected one number a line"),
        (b"value\n1\n\nnan\n", "line 4: got 'nan'"),
        (b"1\ninf\n", "line 2: got 'inf'"),
        (b"1\n1e99\n", "line 2: got '1e99'"),
        (b"1\n2,3\n", "line 2: got '2,3'"),
        (b"t,value\n1,2\n", "line 2: got '1,2'"),
        (b"\xff\xfe\x00\x81", "is no text"),
    ],
)
def test_a_line_that_is_no_number_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_series(tmp_path / "series.csv")


def test_a_series_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv", "a\0b"):
        with pytest.raises(InputError, match="cannot read"):
            read_series(path)
