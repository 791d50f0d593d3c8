from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from keras_examples import mnist_cnn
from keras_examples.core import Trained
from keras_examples.datasets import Dataset
from keras_examples.figures import cnn, style


@pytest.fixture(scope="module")
def trained() -> Trained:
    """The network after few steps on drawn digits: enough for answers that differ."""
    keras.utils.set_random_seed(0)
    data, model = mnist_cnn.load_data("stand-in"), mnist_cnn.build_model(rescale=True)
    model.fit(data.x_train[:1000], data.y_train[:1000], verbose=0)
    return Trained(example=mnist_cnn.EXAMPLE, model=model, data=data, history={})


def digit(trained: Trained) -> Any:
    return trained.data.x_test[0]


def test_the_feature_maps_are_the_networks_own_activations(trained: Trained) -> None:
    model, image = trained.model, digit(trained)
    found = cnn.activations(model, image)
    every = keras.Model(model.inputs, [layer.output for layer in model.layers])
    expected = every.predict_on_batch(np.float32(image[None]))
    assert len(found) == len(model.layers)
    for values, ones in zip(found, expected, strict=True):
        np.testing.assert_allclose(values, ones[0], rtol=1e-4, atol=1e-5)


def test_they_have_the_shapes_of_the_article(trained: Trained) -> None:
    shapes = [values.shape for values in cnn.activations(trained.model, digit(trained))]
    convolved = [(26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64)]
    assert shapes == [(28, 28, 1), *convolved, (1600,), (64,), (10,)]


def test_covering_nothing_changes_nothing(trained: Trained) -> None:
    image = digit(trained)
    np.testing.assert_allclose(cnn.occlusion_map(trained.model, image, 0), 0, atol=1e-5)
    # Nor does covering background, which is what it is covered with.
    fall = cnn.occlusion_map(trained.model, image, 1)
    np.testing.assert_allclose(fall[image[..., 0] == 0], 0, atol=1e-5)


def test_a_covered_square_costs_what_it_costs_when_it_is_covered_by_hand(trained: Trained) -> None:
    image = digit(trained)
    before = trained.model.predict_on_batch(np.float32(image[None]))[0]
    fall = cnn.occlusion_map(trained.model, image, 5)
    assert fall.shape == (28, 28)
    for row, column in ((14, 13), (10, 17), (0, 27)):  # the last one sticks out of the image
        other = np.array(image[None], np.float32)
        other[:, max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = 0
        after = trained.model.predict_on_batch(other)[0]
        expected = before[before.argmax()] - after[before.argmax()]
        assert fall[row, column] == pytest.approx(expected, abs=1e-5)


def test_some_square_matters_to_some_digit(trained: Trained) -> None:
    falls = [cnn.occlusion_map(trained.model, image) for image in trained.data.x_test[:5]]
    assert max(np.abs(fall).max() for fall in falls) > 0.05


def test_the_kernels_that_are_drawn_are_the_first_layers(trained: Trained) -> None:
    with style.style():
        figure = cnn.kernels(trained)
    drawn = [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]
    weights = trained.model.get_weights()[0]
    np.testing.assert_array_equal(np.stack(drawn, axis=-1), weights[:, :, 0])


def test_the_parameters_of_the_layers_that_are_drawn_are_all_of_them(trained: Trained) -> None:
    with style.style():
        titles = [axes.get_title() for axes in cnn.feature_maps(trained).axes]
    counts = [int(title.split("\n")[2].split()[0].replace(",", "")) for title in titles[1:7]]
    assert counts == [320, 0, 18_496, 0, 102_464, 650]
    assert sum(counts) == trained.model.count_params()


@pytest.mark.parametrize("mistakes", [True, False])
def test_the_second_digit_is_a_mistake_where_there_is_one(trained: Trained, mistakes: bool) -> None:
    data, guess = trained.data, trained.outputs.argmax(axis=1)
    truth = guess.copy()
    truth[7] = (truth[7] + mistakes) % 10
    changed = dataclasses.replace(data, y_test=truth)
    other = dataclasses.replace(trained, data=changed)
    with style.style():
        titles = [axes.get_title() for axes in cnn.occlusion(other).axes]
    is_wrong = f"A {truth[7]}, read as {guess[7]}"
    assert any(title.startswith(is_wrong) for title in titles[3:4]) is mistakes


@pytest.mark.parametrize("draw", [cnn.kernels, cnn.feature_maps, cnn.occlusion])
def test_a_network_of_two_classes_without_rescaling_is_drawn_too(
    draw: Callable[[Trained], Any], trained: Trained
) -> None:
    x, y, names = trained.data.x_test[:40], trained.data.y_test[:40] % 2, trained.data.class_names
    two = Dataset.computed("two", (x, y), class_names=names[:2])
    model = mnist_cnn.build_model(classes=2)
    with style.style():
        draw(Trained(example=trained.example, model=model, data=two, history={}))
