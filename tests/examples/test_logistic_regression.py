from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run, logistic_regression
from keras_examples.core import Trained
from keras_examples.figures import logistic_regression as figures
from keras_examples.figures import style


def test_it_has_a_weight_for_every_pixel_and_a_bias() -> None:
    assert logistic_regression.build_model().count_params() == 28 * 28 + 1


def test_the_articles_vectorised_gradient_is_the_tapes() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (50, 28, 28)).astype(np.float32)
    y = random.integers(0, 2, (50, 1)).astype(np.float32)
    model = logistic_regression.build_model()
    model.set_weights([random.normal(0, 0.01, (784, 1)), np.array([0.1])])
    with tf.GradientTape() as tape:
        predicted = model(images)
        cost = model.compute_loss(images, y, predicted)
    by_tape = tape.gradient(cost, model.trainable_variables)
    x = images.reshape(50, 784) / 255
    error = predicted.numpy() - y
    np.testing.assert_allclose(by_tape[0], x.T @ error / len(x), atol=1e-6)
    np.testing.assert_allclose(by_tape[1], error.mean(axis=0), atol=1e-6)


def test_the_question_is_ankle_boot_or_not() -> None:
    data = logistic_regression.load_data(data="stand-in")
    assert data.y_train.shape == (len(data.x_train), 1)
    assert set(data.y_train.ravel()) == {0, 1}
    assert data.y_test.mean() == pytest.approx(0.1, abs=0.05)


def test_every_iteration_sees_all_samples_and_lowers_the_cost(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("logistic-regression")
    assert run.record["config"]["batch_size"] >= run.record["data"]["training_samples"]
    assert run.history["loss"][0] == pytest.approx(np.log(2), abs=1e-4)  # every ŷ is ½ at first
    assert (np.diff(run.history["loss"]) < 0).all()


def test_both_costs_stand_over_the_steps_after_which_they_were_taken() -> None:
    model = logistic_regression.build_model()
    history = {"loss": [0.7, 0.5, 0.4], "val_loss": [0.51, 0.41, 0.35]}
    data = logistic_regression.load_data(data="stand-in")
    trained = Trained(example=logistic_regression.EXAMPLE, model=model, data=data, history=history)
    with style.style():
        (axes,) = figures.cost(trained).axes
    training, test = axes.lines
    assert list(np.asarray(training.get_xdata())) == [0, 1, 2]  # before each step
    assert list(np.asarray(test.get_xdata())) == [1, 2, 3]  # after it
    assert list(axes.get_xticks()) == [0, 1, 2, 3]


def test_the_saved_model_loads_and_answers_with_a_probability(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("logistic-regression")
    model = keras.saving.load_model(run.folder / "model.keras")
    answer = model.predict(np.full((1, 28, 28), 255, np.uint8), verbose=0)
    assert answer.shape == (1, 1)
    assert 0 <= answer.item() <= 1


def test_its_figures_are_drawn(quick_run: Callable[..., Run]) -> None:
    run = quick_run("logistic-regression")
    assert [figure.name for figure in run.figures] == [
        "logistic-regression-cost.png",
        "logistic-regression-weights.png",
    ]


@pytest.mark.real
@pytest.mark.slow
def test_on_the_real_data_it_does_better_than_always_no(real_run: Callable[..., Run]) -> None:
    run = real_run("logistic-regression")
    assert (np.diff(run.history["loss"]) < 0).all()
    assert run.metrics["val_accuracy"] > 0.96  # "no" to everything is right for 0.90
    assert run.metrics["recall"] > 0.85
    assert run.metrics["precision"] > 0.80
