from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras_examples import InputError, Run, datasets, predict
from keras_examples.core import catalogue
from keras_examples.inference import load_trained
from keras_examples.inference.classification import probabilities
from keras_examples.inference.pictures import prepare_digit
from tests.inference.conftest import CLASSIFIERS, network, saved
from tests.photos import photograph


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_names_the_likeliest_classes(
    name: str, runs: Path, photo: Image.Image, tmp_path: Path
) -> None:
    photo.save(tmp_path / "one.jpg")
    (found,) = predict(name, [tmp_path / "one.jpg"], runs=runs)
    reads = catalogue.load(name).reads
    assert reads
    classes = [label["en"] for label in reads.classes]
    assert found.file == str(tmp_path / "one.jpg")
    assert found.image.shape == (28, 28)
    assert found.image.dtype == np.uint8
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
        likeliest, its_chance = several[0].top[0]
        assert label == likeliest
        assert chance == pytest.approx(its_chance, abs=1e-4)


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


def test_outputs_that_are_not_probabilities_are_refused(photo: Image.Image, tmp_path: Path) -> None:
    from keras import layers

    model = network((28, 28), layers.Flatten(), layers.Dense(10))
    with pytest.raises(InputError, match="not probabilities"):
        predict("mnist-cnn", photo, model=saved(model, tmp_path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "sine-rnn"}, "does not classify pictures; these do: .*mnist-cnn"),
        ({"name": "mnist-cmn"}, "did you mean mnist-cnn"),
        ({"pictures": []}, "no picture given"),
        ({"pictures": ["nowhere.png"]}, "'nowhere.png'"),
        ({"pictures": Image.new("L", (90, 90), 255)}, "empty"),
        ({"top": 0}, "top: got 0"),
        ({"lang": "fr"}, "lang: got 'fr'"),
        ({"runs": "nowhere"}, "no trained model of mnist-cnn .*`keras-examples run mnist-cnn`"),
        ({"name": "mnist-cnn-augmented"}, "`keras-examples run mnist-cnn --augmented`"),
        ({"model": "nowhere.keras"}, "there is no model 'nowhere.keras'"),
    ],
)
def test_what_cannot_be_classified_is_refused_before_keras_is_needed(
    options: dict[str, Any], said: str, runs: Path, photo: Image.Image, monkeypatch: Any
) -> None:
    monkeypatch.setattr("keras_examples.inference.models.load", pytest.fail)
    arguments = {"name": "mnist-cnn", "pictures": photo, "runs": runs, **options}
    with pytest.raises(InputError, match=said):
        predict(arguments.pop("name"), arguments.pop("pictures"), **arguments)


@pytest.mark.real
@pytest.mark.slow
def test_a_network_that_saw_distorted_digits_reads_digits_that_are_not_of_mnist(
    real_run: Callable[..., Run],
) -> None:
    drawn, rng = datasets.load("mnist", data="stand-in"), np.random.default_rng(0)
    images, labels = drawn.x_test[:200], drawn.y_test[:200]
    photos = np.stack([prepare_digit(photograph(image, rng)) for image in images])

    def accuracy(pictures: np.ndarray, **options: bool) -> float:
        model = real_run("mnist-cnn", **options).model
        return float((probabilities(model, pictures).argmax(axis=1) == labels).mean())

    assert accuracy(images) < 0.85 < 0.92 < accuracy(images, augmented=True)
    assert accuracy(photos) < accuracy(photos, augmented=True) > 0.95


@pytest.mark.real
@pytest.mark.slow
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
