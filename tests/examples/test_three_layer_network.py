from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

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
    def sigmoid(a: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-a))

    network = three_layer_network
    x = np.random.default_rng(0).normal(size=(5, 2))
    z1 = sigmoid(x @ network.W1 + network.B1)
    z2 = sigmoid(z1 @ network.W2 + network.B2)
    found = network.signals(network.build_model(), x)
    np.testing.assert_allclose(found["z2"], z2, rtol=1e-12)
    np.testing.assert_allclose(found["y"], z2 @ network.W3 + network.B3, rtol=1e-12)


def test_the_saved_model_loads_with_the_articles_weights(quick_run: Callable[..., Run]) -> None:
    run = quick_run("three-layer-network")
    model = keras.saving.load_model(run.folder / "model.keras")
    np.testing.assert_allclose(
        model.predict(X, verbose=0), [[0.31682708, 0.69627909]], rtol=0, atol=5e-9
    )


def test_it_trains_nothing_and_draws_its_figure(quick_run: Callable[..., Run]) -> None:
    run = quick_run("three-layer-network")
    assert not run.history
    assert [figure.name for figure in run.figures] == ["three-layer-network-network.png"]
    assert run.metrics == pytest.approx({"y1": 0.31682708, "y2": 0.69627909})
