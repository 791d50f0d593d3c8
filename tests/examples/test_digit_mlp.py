from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run
from keras_examples.core import Trained
from keras_examples.datasets import Dataset
from keras_examples.digit_mlp import EXAMPLE, activations, build_model, load_data
from keras_examples.figures import digit_mlp


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load_data("stand-in")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model()


def test_it_has_the_articles_13002_parameters(model: keras.Model) -> None:
    shapes = [weight.shape for weight in model.get_weights()]

    assert shapes == [(784, 16), (16,), (16, 16), (16,), (16, 10), (10,)]
    assert model.count_params() == 13_002


def test_weights_and_biases_start_from_a_normal_distribution(model: keras.Model) -> None:
    first, *others = model.get_weights()
    rest = np.concatenate([weight.ravel() for weight in others])

    assert first.mean() == pytest.approx(0, abs=0.05)
    assert first.std() == pytest.approx(1, abs=0.05)
    assert rest.std() == pytest.approx(1, abs=0.15)
    assert not np.array_equal(others[0], others[2])


def test_a_step_is_nielsens_step_of_eta_3(data: Dataset) -> None:
    keras.utils.set_random_seed(1)
    model = build_model()
    x, y = data.x_train[:10], data.y_train[:10]
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean(tf.reduce_sum((y - model(x)) ** 2, axis=1) / 2)
    slopes = tape.gradient(cost, model.trainable_variables)
    expected = [
        weight - 3.0 * np.asarray(slope)
        for weight, slope in zip(model.get_weights(), slopes, strict=True)
    ]

    model.train_on_batch(x, y)

    for weight, wanted in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(weight, wanted, atol=1e-5)


def test_accuracy_is_how_often_the_brightest_output_is_the_digit(
    model: keras.Model, data: Dataset
) -> None:
    found = model.evaluate(data.x_test, data.y_test, verbose=0, return_dict=True)

    guesses = model.predict(data.x_test, verbose=0).argmax(axis=1)
    assert found["accuracy"] == pytest.approx((guesses == data.y_test.argmax(axis=1)).mean())


def test_targets_are_one_for_the_digit_and_zero_for_the_others(data: Dataset) -> None:
    assert data.y_train.shape == (len(data.x_train), 10)
    assert set(np.unique(data.y_train)) == {0, 1}
    assert (data.y_train.sum(axis=1) == 1).all()


def test_activations_are_the_pixels_the_hidden_layers_and_the_output(
    model: keras.Model, data: Dataset
) -> None:
    image = data.x_test[0]

    pixels, first, second, output = activations(model, image)

    np.testing.assert_allclose(pixels, image.ravel() / 255, atol=1e-6)
    assert first.shape == second.shape == (16,)
    np.testing.assert_allclose(output, model.predict(image[None], verbose=0)[0], atol=1e-6)


def test_the_lit_network_is_labelled_in_both_languages(model: keras.Model, data: Dataset) -> None:
    def labels(lang: str) -> set[str]:
        trained = Trained(example=EXAMPLE, model=model, data=data, history={}, lang=lang)
        (axes, _) = digit_mlp.lit_network(trained).axes
        return {text.get_text() for text in axes.texts}

    assert "784 pixels" in labels("en")
    assert "784 个像素" in labels("zh")


def test_the_lit_network_says_that_it_draws_the_32_strongest_connections(
    model: keras.Model, data: Dataset
) -> None:
    trained = Trained(example=EXAMPLE, model=model, data=data, history={})
    (axes, _) = digit_mlp.lit_network(trained).axes
    legend = axes.get_legend()
    assert legend is not None
    assert "32 strongest" in legend.get_title().get_text()
    assert [len(lines.get_paths()) for lines in axes.collections[:3]] == [32, 32, 32]


def test_weights_of_pixels_that_no_image_lights_are_left_out_and_one_scale_holds_for_all(
    model: keras.Model, data: Dataset
) -> None:
    trained = Trained(example=EXAMPLE, model=model, data=data, history={})
    figure = digit_mlp.first_weights(trained)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    lit = data.x_train.any(axis=0)
    assert 0 < lit.sum() < 784
    assert len(images) == 16
    for image in images:
        drawn = image.get_array()
        assert drawn is not None
        np.testing.assert_array_equal(np.ma.getmaskarray(drawn), ~lit)
        assert image.get_clim() == images[0].get_clim()


def test_it_trains_draws_its_figures_and_leaves_a_model_that_loads(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("digit-mlp")

    assert [figure.stem for figure in run.figures] == [
        "digit-mlp-loss",
        "digit-mlp-accuracy",
        "digit-mlp-lit-network",
        "digit-mlp-first-weights",
    ]
    loaded = keras.models.load_model(run.folder / "model.keras")
    x = load_data("stand-in").x_test[:5]
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), run.model.predict(x, verbose=0))


@pytest.mark.real
@pytest.mark.slow
def test_on_mnist_it_reads_93_percent_of_the_test_digits(real_run: Callable[..., Run]) -> None:
    history = real_run("digit-mlp").history

    assert len(history["val_accuracy"]) == 30
    assert history["val_accuracy"][-1] >= 0.93
