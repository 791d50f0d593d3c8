from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_examples import Run, fashion_mnist_ffn
from keras_examples.core import Trained
from keras_examples.figures import fashion_mnist_ffn as figures
from keras_examples.figures import style


def test_the_network_is_the_articles() -> None:
    model = fashion_mnist_ffn.build_model()
    flatten, hidden, output = model.layers
    assert isinstance(flatten, keras.layers.Flatten)
    assert (hidden.units, hidden.activation) == (128, keras.activations.relu)
    assert (output.units, output.activation) == (10, keras.activations.softmax)
    assert model.input_shape == (None, 28, 28)
    assert model.count_params() == 101_770


def test_it_is_compiled_as_the_article_says() -> None:
    model = fashion_mnist_ffn.build_model()
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "sparse_categorical_crossentropy"
    assert (fashion_mnist_ffn.EXAMPLE.epochs, fashion_mnist_ffn.EXAMPLE.batch_size) == (10, 32)


def test_rescale_divides_pixels_by_255_before_anything_else() -> None:
    model = fashion_mnist_ffn.build_model(rescale=True)
    first = model.layers[0]
    assert isinstance(first, keras.layers.Rescaling)
    np.testing.assert_allclose(first(np.array([0.0, 51.0, 255.0])), [0, 0.2, 1], rtol=1e-6)
    assert model.count_params() == 101_770


def test_its_hyperparameters_are_arguments() -> None:
    model = fashion_mnist_ffn.build_model(units=16, learning_rate=0.01)
    assert model.layers[1].units == 16
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


def test_its_loss_stands_beside_that_with_pixels_from_0_to_1() -> None:
    (other,) = fashion_mnist_ffn.EXAMPLE.companion_examples.values()
    model = other.build()
    assert isinstance(model.layers[0], keras.layers.Rescaling)
    example, data = fashion_mnist_ffn.EXAMPLE, fashion_mnist_ffn.load_data("stand-in")
    history = {"loss": [3.5, 0.6], "val_loss": [0.8, 0.7]}
    rescaled = Trained(
        example=other, model=model, data=data, history={"loss": [0.5, 0.4], "val_loss": [0.45, 0.4]}
    )
    for own, title in ((example.build(), "0 to 255"), (model, "0 to 1")):
        trained = Trained(example=example, model=own, data=data, history=history)
        with style.style():
            figure = figures.loss(replace(trained, companions={"rescaled": rescaled}))
        left, right = figure.axes
        assert title in left.get_title()
        assert "0 to 1" in right.get_title()
        np.testing.assert_array_equal(left.lines[0].get_ydata(), history["loss"])
        np.testing.assert_array_equal(right.lines[0].get_ydata(), [0.5, 0.4])


def test_it_learns_the_stand_in_garments(quick_run: Callable[..., Run]) -> None:
    done = quick_run("fashion-mnist-ffn")
    assert done.metrics["val_accuracy"] > 0.5  # ten classes: guessing gives 0.1


@pytest.mark.real
def test_on_the_real_data_it_does_as_the_article_says(real_run: Callable[..., Run]) -> None:
    done = real_run("fashion-mnist-ffn")
    assert len(done.history["loss"]) == 10
    assert 0.78 <= done.metrics["val_accuracy"] <= 0.87
    assert done.record["data"]["training_samples"] == 60_000


@pytest.mark.real
@pytest.mark.slow
def test_on_the_real_data_it_does_better_with_pixels_from_0_to_1(
    real_run: Callable[..., Run],
) -> None:
    assert real_run("fashion-mnist-ffn", rescale=True).metrics["val_accuracy"] >= 0.87
