from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_examples import Run, activations
from keras_examples.core import Trained
from keras_examples.figures import activations as figures
from keras_examples.figures import style

X = np.linspace(-6, 6, 601)


def apply(activation: str, x: np.ndarray, dtype: str = "float64") -> np.ndarray:
    model = activations.build_model(activation=activation, dtype=dtype)
    return np.asarray(model(keras.ops.convert_to_tensor(x, dtype)))


@pytest.mark.parametrize(
    ("activation", "least", "most"),
    [("sigmoid", 0, 1), ("tanh", -1, 1), ("softplus", 0, np.inf), ("softmax", 0, 1)],
)
def test_an_open_range_is_never_left_nor_reached(
    activation: str, least: float, most: float
) -> None:
    values, _ = activations.curve(activation, X)
    assert values.min() > least
    assert values.max() < most


def test_relu_is_zero_up_to_zero_and_its_input_beyond() -> None:
    values, slope = activations.curve("relu", np.array([-2.0, 0.0, 3.0]))
    np.testing.assert_array_equal(values, [0, 0, 3])
    np.testing.assert_array_equal(slope, [0, 0, 1])


def test_the_step_does_not_fire_at_zero() -> None:
    values, slope = activations.curve("step", np.array([-1.0, 0.0, 1e-9, 1.0]))
    np.testing.assert_array_equal(values, [0, 0, 1, 1])
    assert not slope.any()


@pytest.mark.parametrize(
    ("activation", "derivative"),
    [
        ("sigmoid", lambda value: value * (1 - value)),
        ("tanh", lambda value: 1 - value**2),
        ("softplus", lambda value: 1 - np.exp(-value)),
        ("softmax", lambda value: value * (1 - value)),
    ],
)
def test_the_derivative_is_the_one_of_the_textbook(
    activation: str, derivative: Callable[[np.ndarray], np.ndarray]
) -> None:
    values, slope = activations.curve(activation, X)
    np.testing.assert_allclose(slope, derivative(values), atol=1e-12)


def test_softmax_gives_the_articles_digits_where_the_naive_form_gives_nan() -> None:
    scores = np.array([[1010.0, 1000.0, 990.0]])
    assert np.isnan(activations.naive_softmax(scores)).any()
    probabilities = apply("softmax", scores)
    assert [f"{value:.8e}" for value in probabilities[0]] == [
        "9.99954600e-01",
        "4.53978686e-05",
        "2.06106005e-09",
    ]
    assert probabilities.sum() == pytest.approx(1)


def test_where_nothing_overflows_both_forms_of_softmax_agree() -> None:
    scores = np.random.default_rng(0).normal(0, 5, (20, 4))
    np.testing.assert_allclose(
        apply("softmax", scores), activations.naive_softmax(scores), rtol=1e-12
    )


def test_softmax_does_not_change_which_output_is_largest() -> None:
    scores = np.random.default_rng(0).normal(0, 5, (100, 10))
    largest = apply("softmax", scores, "float32").argmax(axis=1)
    np.testing.assert_array_equal(largest, scores.argmax(axis=1))


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
def test_every_model_saves_and_loads(activation: str, tmp_path: Path) -> None:
    model = activations.build_model(activation=activation)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.array([[-1, 0, 2]], np.float32)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_the_derivative_of_relu_is_drawn_in_two_pieces_with_nothing_upright_between() -> None:
    x = np.linspace(-6, 6, 13)
    curves = {name: activations.curve(name, x) for name in activations.ACTIVATIONS}
    trained = Trained(
        example=activations.EXAMPLE,
        model=activations.build_model(),
        data=activations.load_data(),
        history={},
    )
    trained.__dict__["measures"] = {"x": x, "curves": curves}
    with style.style():
        axes = next(
            axes for axes in figures.curves(trained).axes if axes.get_title().startswith("ReLU")
        )
    pieces = [line for line in axes.lines if line.get_color() == style.VERMILION]
    assert [np.unique(np.asarray(piece.get_ydata())).tolist() for piece in pieces] == [[0], [1]]


def test_it_trains_nothing_and_draws_its_figures(quick_run: Callable[..., Run]) -> None:
    run = quick_run("activations")
    assert not run.history
    assert [figure.name for figure in run.figures] == [
        "activations-curves.png",
        "activations-overflow.png",
    ]
    assert run.metrics["sigmoid_largest_derivative"] == pytest.approx(0.25)
