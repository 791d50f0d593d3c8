from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run, gradient_descent

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(30, 4)), RANDOM.integers(0, 2, (30, 1)).astype(float)
W, B = RANDOM.normal(size=(4, 1)), np.array([0.3])


def descended(learning_rate: float) -> list[float]:
    """The cost at the start and after each step."""
    data = gradient_descent.load_data()
    x, y = data.x_train.astype(float), data.y_train.astype(float)
    path = gradient_descent.descend(x, y, learning_rate)
    return [gradient_descent.cost(x, y, np.array([[w]]), np.array([b])) for w, b in path]


def test_it_has_a_weight_and_a_bias() -> None:
    assert gradient_descent.build_model().count_params() == 2


def test_the_loop_and_the_product_find_the_same_gradient() -> None:
    for looped, whole in zip(
        gradient_descent.gradient_by_loop(X, Y, W, B),
        gradient_descent.gradient(X, Y, W, B),
        strict=True,
    ):
        np.testing.assert_allclose(looped, whole, rtol=1e-12)
        assert looped.shape == whole.shape


def test_the_gradient_is_the_tapes() -> None:
    w, b = tf.Variable(W), tf.Variable(B)
    with tf.GradientTape() as tape:
        z = X @ w + b
        cost = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=Y, logits=z))
    assert gradient_descent.cost(X, Y, W, B) == pytest.approx(float(cost), rel=1e-12)
    for ours, theirs in zip(
        gradient_descent.gradient(X, Y, W, B), tape.gradient(cost, (w, b)), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_the_middle_learning_rate_arrives_and_the_others_do_not() -> None:
    small, right, large = map(descended, gradient_descent.LEARNING_RATES)
    assert right[-1] == pytest.approx(0.3814, abs=1e-4)
    assert small[-1] == pytest.approx(0.477, abs=1e-3)
    assert large[-1] > 0.5
    assert (np.diff(small) < 0).all()
    assert (np.diff(large) > 0).any()


def test_keras_takes_the_steps_that_are_taken_by_hand(quick_run: Callable[..., Run]) -> None:
    run = quick_run("gradient-descent")
    data = gradient_descent.load_data()
    path = gradient_descent.descend(data.x_train, data.y_train, 2.0)
    assert [run.metrics["w"], run.metrics["b"]] == pytest.approx(path[-1], abs=1e-4)


def test_the_saved_model_loads_and_answers_with_a_probability(
    quick_run: Callable[..., Run],
) -> None:
    model = keras.saving.load_model(quick_run("gradient-descent").folder / "model.keras")
    low, high = model.predict(np.array([[-2], [4]], np.float32), verbose=0)[:, 0]
    assert 0 < low < 0.5 < high < 1


def test_its_figures_are_drawn(quick_run: Callable[..., Run]) -> None:
    assert [figure.name for figure in quick_run("gradient-descent").figures] == [
        "gradient-descent-descent.png",
        "gradient-descent-loss.png",
    ]
