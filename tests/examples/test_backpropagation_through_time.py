from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run
from keras_examples import backpropagation_through_time as through_time


def test_it_has_131_parameters() -> None:
    assert through_time.build_model().count_params() == 131


def test_scaling_changes_the_recurrent_weights_alone() -> None:
    keras.utils.set_random_seed(0)
    usual = through_time.build_model().get_weights()
    keras.utils.set_random_seed(0)
    scaled = through_time.build_model(scale=2.0).get_weights()
    np.testing.assert_allclose(usual[1] @ usual[1].T, np.eye(10), atol=1e-6)
    for place, (one, other) in enumerate(zip(usual, scaled, strict=True)):
        np.testing.assert_allclose(other, one * (2 if place == 1 else 1))


def test_the_gradients_by_hand_are_the_tapes() -> None:
    keras.utils.set_random_seed(0)
    data, model = through_time.load_data(), through_time.build_model()
    by_hand, _ = through_time.gradients(model.get_weights(), data.x_train, data.y_train)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(data.x_train) - data.y_train) ** 2)
    for ours, theirs in zip(by_hand, tape.gradient(loss, model.trainable_variables), strict=True):
        assert np.abs(ours).max() > 1e-3
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_without_input_an_orthogonal_matrix_keeps_the_gradients_length() -> None:
    # The state stays 0, where the derivative of tanh is 1.
    model = through_time.build_model()
    _, dh = through_time.gradients(model.get_weights(), np.zeros((1, 50, 1)), np.ones((1, 1)))
    lengths = np.linalg.norm(dh[:, 0], axis=1)
    np.testing.assert_allclose(lengths, lengths[-1], rtol=1e-4)


@pytest.mark.parametrize(
    ("scale", "least", "most"), [(0.5, 0, 1e-15), (1.0, 1e-5, 0.1), (2.0, 10, 1e4)]
)
def test_small_recurrent_weights_lose_the_gradient_and_large_ones_blow_it_up(
    scale: float, least: float, most: float
) -> None:
    found = through_time.sizes(scale, seed=1)
    assert found[-1] == 1
    assert least < found[0] < most


def test_the_record_has_the_gradient_at_the_first_step(quick_run: Callable[..., Run]) -> None:
    run = quick_run("backpropagation-through-time")
    halved, usual, doubled = (run.metrics[f"first_step_{scale}"] for scale in (50, 100, 200))
    assert halved < 1e-10 < usual < 1 < doubled
    assert not run.history


def test_the_saved_model_loads_and_forecasts(quick_run: Callable[..., Run]) -> None:
    run = quick_run("backpropagation-through-time")
    model = keras.saving.load_model(run.folder / "model.keras")
    assert model.predict(through_time.load_data().x_train, verbose=0).shape == (50, 1)


def test_its_figure_is_drawn(quick_run: Callable[..., Run]) -> None:
    run = quick_run("backpropagation-through-time")
    assert [figure.name for figure in run.figures] == ["backpropagation-through-time-sizes.png"]
