from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_examples import Run, perceptron
from keras_examples.core import Trained
from keras_examples.figures import perceptron as figures
from keras_examples.figures import style


@pytest.mark.parametrize("gate", ["and", "or", "not"])
def test_the_articles_weights_compute_the_gate(gate: str) -> None:
    outputs = perceptron.build_gate(gate).predict(perceptron.INPUTS, verbose=0)
    assert tuple(outputs[:, 0]) == perceptron.TRUTH[gate]


def test_the_step_fires_at_its_threshold() -> None:
    both_on = np.array([[1, 1]], np.float32)
    assert perceptron.build_gate("and").predict(both_on, verbose=0) == 1


def test_not_looks_at_the_first_input_alone() -> None:
    x1, x2 = perceptron.INPUTS.T
    assert perceptron.TRUTH["not"] == tuple(1 - x1)
    assert perceptron.TRUTH["xor"] == tuple((x1 != x2).astype(int))


def test_a_step_of_learning_follows_rosenblatts_rule() -> None:
    model = perceptron.build_model(learning_rate=0.5)
    model.fit(np.array([[1, 0]], np.float32), np.array([[0]], np.float32), verbose=0)
    # At weights of 0 it fires, which is wrong by −1; x with its constant is (1, 0, −1).
    np.testing.assert_array_equal(model.get_weights()[0][:, 0], [-0.5, 0, 0.5])


def test_a_right_answer_changes_no_weight() -> None:
    model = perceptron.build_gate("or")
    before = model.get_weights()[0]
    model.fit(perceptron.INPUTS, np.array(perceptron.TRUTH["or"], np.float32)[:, None], verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before)


def test_the_rule_compiles_with_xla() -> None:
    model = perceptron.build_model()
    model.jit_compile = True
    x, y = perceptron.INPUTS, np.array(perceptron.TRUTH["or"], np.float32)[:, None]
    model.fit(x, y, batch_size=1, epochs=10, shuffle=False, verbose=0)
    np.testing.assert_array_equal(model.predict(x, verbose=0), y)


def test_it_learns_every_gate_but_xor(quick_run: Callable[..., Run]) -> None:
    metrics = quick_run("perceptron").metrics
    assert [metrics[f"{gate}_errors"] for gate in ("and", "or", "not")] == [0, 0, 0]
    assert metrics["xor_errors"] >= 1


def test_once_every_answer_is_right_learning_stops_changing_anything(
    quick_run: Callable[..., Run],
) -> None:
    losses = np.array(quick_run("perceptron").history["loss"])
    assert not losses[losses.argmin() :].any()


def test_the_saved_model_loads_and_computes_the_gate(quick_run: Callable[..., Run]) -> None:
    run = quick_run("perceptron")
    model = keras.saving.load_model(run.folder / "model.keras")
    outputs = model.predict(perceptron.INPUTS, verbose=0)
    assert tuple(outputs[:, 0]) == perceptron.TRUTH["and"]
    assert model.count_params() == 3


def test_its_figures_are_drawn(quick_run: Callable[..., Run]) -> None:
    run = quick_run("perceptron")
    assert [figure.name for figure in run.figures] == [
        "perceptron-gates.png",
        "perceptron-errors-per-epoch.png",
    ]


def test_the_figure_shows_the_lines_after_the_last_ten_epochs_of_xor() -> None:
    def one(gate: str, weights: list[list[float]]) -> Trained:
        model = perceptron.build_model()
        model.set_weights([np.array(weights[-1], np.float32)[:, None]])
        taken = tuple(np.array(each, np.float32) for each in weights)
        data = perceptron.load_data(gate)
        return Trained(
            example=perceptron.EXAMPLE, model=model, data=data, history={}, snapshots=taken
        )

    line = [[1.0, 1.0, 1.0]]
    some = [[5.0, 5, 1], [1.0, 0, 0], [0.0, 0, -1], [0.0, -1, 0], [2.0, 0, 0]]
    others = {gate: one(gate, line) for gate in ("or", "not")}
    others["xor"] = one("xor", [*some, *some, *line])
    with style.style():
        *_, last = figures.gates(replace(one("and", line), companions=others)).axes
    legend = last.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "2, 5, 7, 10",
        "3, 8: no line,\nw1 = w2 = 0",
        "4, 9",
        "6",
        "11",
    ]


def test_every_epoch_leaves_a_snapshot_of_the_line() -> None:
    model = perceptron.build_gate("or")
    np.testing.assert_array_equal(perceptron.snapshot(model), [1, 1, 0.5])
    assert {one.snapshot for one in perceptron.EXAMPLE.companion_examples.values()} == {
        perceptron.snapshot
    }


def test_its_companions_learn_the_other_gates() -> None:
    companions = perceptron.EXAMPLE.companion_examples
    assert [one.name for one in companions.values()] == [
        "perceptron-or",
        "perceptron-not",
        "perceptron-xor",
    ]
    for gate, one in companions.items():
        data = one.load(data="auto", data_dir=None)
        assert tuple(data.y_train[:, 0]) == perceptron.TRUTH[gate]
