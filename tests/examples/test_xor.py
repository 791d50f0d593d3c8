from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from keras_examples import Run, perceptron, xor
from keras_examples.three_layer_network import sigmoid


def test_it_has_9_parameters() -> None:
    assert xor.build_model().count_params() == 9


def test_it_answers_the_question_that_one_neuron_fails() -> None:
    data = xor.load_data()
    np.testing.assert_array_equal(data.y_train[:, 0], perceptron.TRUTH["xor"])


def test_the_neurons_set_by_hand_are_or_and_and() -> None:
    data = xor.load_data()
    fires = sigmoid(data.x_train @ xor.W1 + xor.B1) > 0.5
    for neuron, gate in zip(fires.T, ("or", "and"), strict=True):
        np.testing.assert_array_equal(neuron, perceptron.TRUTH[gate])


def test_the_weights_set_by_hand_solve_it() -> None:
    data = xor.load_data()
    found = xor.build_by_hand()(data.x_train).numpy()
    np.testing.assert_allclose(found, data.y_train, atol=1e-3)


def test_it_learns_all_four_answers_at_seed_0(quick_run: Callable[..., Run]) -> None:
    metrics = quick_run("xor").metrics
    assert metrics["right"] == metrics["by_hand_right"] == 4
    assert metrics["final_loss"] < 0.01


def test_two_neurons_do_not_learn_it_from_every_start() -> None:
    keras.utils.set_random_seed(2)
    data, model = xor.load_data(), xor.build_model()
    x, y = np.tile(data.x_train, (300, 1)), np.tile(data.y_train, (300, 1))
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    assert ((model(data.x_train).numpy() > 0.5) == data.y_train).sum() < 4


def test_the_saved_model_loads_and_solves_it(quick_run: Callable[..., Run]) -> None:
    model = keras.saving.load_model(quick_run("xor").folder / "model.keras")
    data = xor.load_data()
    np.testing.assert_array_equal(model.predict(data.x_train, verbose=0) > 0.5, data.y_train == 1)


def test_its_figures_are_drawn(quick_run: Callable[..., Run]) -> None:
    assert [figure.name for figure in quick_run("xor").figures] == [
        "xor-regions.png",
        "xor-loss.png",
    ]
