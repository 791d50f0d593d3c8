from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_examples import Run, decision_boundary


def test_it_has_33_parameters() -> None:
    assert decision_boundary.build_model().count_params() == 33


def test_the_disc_lies_inside_the_ring() -> None:
    data = decision_boundary.load_data(points=50)
    radius, ring = np.hypot(*data.x_train.T), data.y_train[:, 0] == 1
    assert radius[~ring].max() <= 1
    assert radius[ring].min() >= 1.5
    assert radius[ring].max() <= 2.5
    assert ring.sum() == 50


def test_no_test_point_was_trained_on() -> None:
    data = decision_boundary.load_data()
    assert not set(map(tuple, data.x_train)) & set(map(tuple, data.x_test))


def test_without_an_activation_two_layers_are_one_straight_boundary() -> None:
    model = decision_boundary.build_model(activation=None)
    (first, first_bias), (last, last_bias) = (layer.get_weights() for layer in model.layers)
    x = decision_boundary.load_data(points=20).x_train
    one_layer = x @ (first @ last) + first_bias @ last + last_bias
    np.testing.assert_allclose(model.predict(x, verbose=0), 1 / (1 + np.exp(-one_layer)), rtol=1e-5)


def test_its_companion_has_no_activation() -> None:
    (linear,) = decision_boundary.EXAMPLE.companion_examples.values()
    assert linear.name == "decision-boundary-linear"
    assert linear.build().layers[0].activation == keras.activations.linear


def test_only_an_activation_tells_disc_from_ring(quick_run: Callable[..., Run]) -> None:
    metrics = quick_run("decision-boundary").metrics
    assert metrics["val_accuracy"] >= 0.98
    assert 0.3 < metrics["linear_val_accuracy"] < 0.7


def test_the_best_straight_line_gets_two_thirds_right_and_training_does_not_find_it(
    quick_run: Callable[..., Run],
) -> None:
    metrics = quick_run("decision-boundary").metrics
    assert metrics["best_line_val_accuracy"] == pytest.approx(0.687)
    assert metrics["linear_val_accuracy"] < metrics["best_line_val_accuracy"] - 0.1


def test_no_line_at_random_is_better_than_the_best_of_the_search() -> None:
    random, (x, y) = np.random.default_rng(0), decision_boundary.load_data().evaluation
    normal, offset = decision_boundary.best_line(x, y)
    assert np.linalg.norm(normal) == pytest.approx(1)
    truth = y[:, 0] == 1
    best = ((x @ normal > offset) == truth).mean()
    normals, offsets = random.normal(size=(2, 20_000)), random.uniform(-4, 4, 20_000)
    others = ((x @ normals > offsets) == truth[:, None]).mean(axis=0)
    assert 0.66 < others.max() <= best + 0.002  # between two directions there may be a better one


def test_the_search_finds_a_line_that_divides_the_classes() -> None:
    x = np.array([[0, 0], [1, 0], [3, 1], [4, 0]], np.float32)
    normal, offset = decision_boundary.best_line(x, np.array([[1], [1], [0], [0]]))
    np.testing.assert_array_equal(x @ normal > offset, [True, True, False, False])


def test_the_saved_model_loads_and_tells_disc_from_ring(quick_run: Callable[..., Run]) -> None:
    run = quick_run("decision-boundary")
    model = keras.saving.load_model(run.folder / "model.keras")
    disc, ring = model.predict(np.array([[0, 0], [2, 0]], np.float32), verbose=0)[:, 0]
    assert disc < 0.5 < ring


def test_its_figures_are_drawn(quick_run: Callable[..., Run]) -> None:
    run = quick_run("decision-boundary")
    assert [figure.name for figure in run.figures] == [
        "decision-boundary-boundaries.png",
        "decision-boundary-loss.png",
    ]
