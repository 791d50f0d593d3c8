from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run, three_layer_network

X = np.array([[1.0, 0.5]])


def test_it_has_23_parameters() -> None:
    assert three_layer_network.build_model().count_params() == 23


def test_every_signal_is_the_articles_to_8_digits() -> None:
    found = three_layer_network.signals(three_layer_network.build_model(), X)
    for name, expected in {
        "a1": [0.3, 0.7, 1.1],
        "z1": [0.57444252, 0.66818777, 0.75026011],
        "y": [0.31682708, 0.69627909],
    }.items():
        np.testing.assert_allclose(found[name], [expected], rtol=0, atol=5e-9)


def test_keras_computes_what_numpy_computes() -> None:
    network, sigmoid = three_layer_network, three_layer_network.sigmoid
    x = np.random.default_rng(0).normal(size=(5, 2))
    z1 = sigmoid(x @ network.W1 + network.B1)
    z2 = sigmoid(z1 @ network.W2 + network.B2)
    found = network.signals(network.build_model(), x)
    np.testing.assert_allclose(found["z2"], z2, rtol=1e-12)
    np.testing.assert_allclose(found["y"], z2 @ network.W3 + network.B3, rtol=1e-12)


def test_the_gradients_by_hand_are_the_tapes() -> None:
    random = np.random.default_rng(0)
    x, target = random.normal(size=(5, 2)), random.normal(size=(5, 2))
    model = three_layer_network.build_model()
    back = three_layer_network.backpropagate(model.get_weights(), x, target)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(tf.constant(x)) - target) ** 2)
    assert back.loss == pytest.approx(float(loss), rel=1e-12)
    by_tape = tape.gradient(loss, model.trainable_variables)
    for ours, theirs in zip(back.weights, by_tape, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_signals_gradient_is_what_the_loss_changes_by_when_the_signal_does() -> None:
    weights = three_layer_network.build_model().get_weights()
    back = three_layer_network.backpropagate(weights, X)
    # A bias is added to its sum, so nudging one nudges the other.
    for place, name in ((1, "a1"), (3, "a2"), (5, "y")):
        for neuron, slope in enumerate(back.signals[name][0]):
            nudged = [array.copy() for array in weights]
            nudged[place][neuron] += 1e-6
            change = three_layer_network.backpropagate(nudged, X).loss - back.loss
            assert change / 1e-6 == pytest.approx(slope, rel=1e-3)


def test_a_small_step_lowers_the_loss_by_what_the_gradient_promises() -> None:
    weights = three_layer_network.build_model().get_weights()
    loss, _, gradients = three_layer_network.backpropagate(weights, X)
    for step, within in ((0.1, 0.1), (0.01, 0.011), (0.001, 0.0011)):
        moved = [one - step * slope for one, slope in zip(weights, gradients, strict=True)]
        promised = step * sum(float((slope**2).sum()) for slope in gradients)
        actual = loss - three_layer_network.backpropagate(moved, X).loss
        assert actual == pytest.approx(promised, rel=within)
        assert actual < promised


def test_the_saved_model_loads_with_the_articles_weights(quick_run: Callable[..., Run]) -> None:
    run = quick_run("three-layer-network")
    model = keras.saving.load_model(run.folder / "model.keras")
    np.testing.assert_allclose(
        model.predict(X, verbose=0), [[0.31682708, 0.69627909]], rtol=0, atol=5e-9
    )


def test_it_trains_nothing_and_draws_its_figures(quick_run: Callable[..., Run]) -> None:
    run = quick_run("three-layer-network")
    assert not run.history
    assert [figure.name for figure in run.figures] == [
        "three-layer-network-network.png",
        "three-layer-network-gradients.png",
    ]
    assert run.metrics == pytest.approx({"y1": 0.31682708, "y2": 0.69627909})
