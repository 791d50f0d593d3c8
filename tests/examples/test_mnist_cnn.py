from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_examples import Run, mnist_cnn
from keras_examples.core import Example


def fast_example() -> Example:
    return mnist_cnn.EXAMPLE.recipe_examples["fast"]


def test_the_network_is_the_articles() -> None:
    layers = keras.layers
    model = mnist_cnn.build_model()
    kinds = [layers.Conv2D, layers.MaxPooling2D] * 2
    assert [type(layer) for layer in model.layers] == [
        *kinds,
        layers.Flatten,
        layers.Dense,
        layers.Dense,
    ]
    assert [model.layers[place].filters for place in (0, 2)] == [32, 64]
    assert [model.layers[place].kernel_size for place in (0, 2)] == [(3, 3)] * 2
    assert [model.layers[place].pool_size for place in (1, 3)] == [(2, 2)] * 2
    assert [model.layers[place].units for place in (5, 6)] == [64, 10]
    assert [model.layers[place].activation.__name__ for place in (0, 2, 5, 6)] == [
        "relu",
        "relu",
        "relu",
        "softmax",
    ]
    assert model.input_shape == (None, 28, 28, 1)
    assert model.count_params() == 121_930


def test_it_is_compiled_as_the_article_says() -> None:
    model = mnist_cnn.build_model()
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "sparse_categorical_crossentropy"
    assert (mnist_cnn.EXAMPLE.epochs, mnist_cnn.EXAMPLE.batch_size) == (5, 32)


def test_rescale_divides_pixels_by_255_before_anything_else() -> None:
    first = mnist_cnn.build_model(rescale=True).layers[0]
    assert isinstance(first, keras.layers.Rescaling)
    np.testing.assert_allclose(first(np.array([0.0, 51.0, 255.0])), [0, 0.2, 1], rtol=1e-6)


def test_its_images_have_a_channel() -> None:
    data = mnist_cnn.load_data("stand-in")
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == (28, 28, 1)
    assert data.x_train.dtype == np.uint8


def test_it_learns_the_stand_in_digits(quick_run: Callable[..., Run]) -> None:
    done = quick_run("mnist-cnn")
    assert done.metrics["val_accuracy"] > 0.5  # ten classes: guessing gives 0.1
    learned = ("kernels", "feature-maps", "occlusion")
    kinds = ("loss", "accuracy", "article-accuracy", "predictions", "confusion", *learned)
    assert done.record["figures"] == [f"mnist-cnn-{kind}.png" for kind in kinds]


@pytest.mark.real
@pytest.mark.slow
def test_on_the_real_data_it_does_as_the_article_says(real_run: Callable[..., Run]) -> None:
    done = real_run("mnist-cnn")
    assert len(done.history["loss"]) == 5
    assert done.metrics["val_accuracy"] >= 0.98
    assert done.record["data"]["training_samples"] == 60_000


def test_the_fast_recipe_trains_the_same_network_on_scaled_pixels() -> None:
    model = fast_example().build(steps=100)
    assert model.count_params() == 121930
    assert isinstance(model.layers[0], keras.layers.Rescaling)


def test_the_learning_rate_of_the_fast_recipe_rises_to_its_peak_and_falls_to_0() -> None:
    adam = fast_example().build(steps=100).optimizer
    for step, rate in ((0, 0.0005), (10, 0.005), (100, 0)):
        adam.iterations.assign(step)
        assert float(adam.learning_rate) == pytest.approx(rate)
    assert adam.beta_2 == 0.99


def test_the_augmented_recipe_adds_distorted_digits_to_the_training_set_alone() -> None:
    usual = mnist_cnn.load_data("stand-in")
    augmented = mnist_cnn.EXAMPLE.recipe_examples["augmented"]

    data = augmented.load(data="stand-in", data_dir=None)

    assert data.x_train.shape == (24_000, 28, 28, 1)
    np.testing.assert_array_equal(data.x_train[:6000], usual.x_train)
    np.testing.assert_array_equal(data.x_test, usual.x_test)
    assert data.digest != usual.digest


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["fast", "augmented"])
def test_what_a_recipe_trains_is_saved_beside_the_articles(
    quick_run: Callable[..., Run], recipe: str
) -> None:
    done = quick_run("mnist-cnn", epochs=1, **{recipe: True})
    assert done.folder.name == f"mnist-cnn-{recipe}"
    assert {figure.name.startswith(f"mnist-cnn-{recipe}-") for figure in done.figures} == {True}
    command = f"keras-examples run mnist-cnn --epochs 1 --data stand-in --lang en --{recipe}"
    assert done.record["command"] == command


@pytest.mark.real
@pytest.mark.slow
def test_the_fast_recipe_reaches_99_percent(real_run: Callable[..., Run]) -> None:
    assert real_run("mnist-cnn", fast=True).metrics["val_accuracy"] >= 0.99
