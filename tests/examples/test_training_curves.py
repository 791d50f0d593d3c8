from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from keras_examples import InputError, Run, training_curves


def test_it_has_the_101770_parameters_of_the_feed_forward_network() -> None:
    assert training_curves.build_model().count_params() == 101_770


def test_it_learns_from_the_first_500_images_and_is_tested_on_all() -> None:
    few, more = (training_curves.load_data("stand-in", images=n) for n in (500, 600))
    assert len(few.x_train) == len(few.y_train) == 500
    assert len(few.x_test) == len(more.x_test) > 500
    np.testing.assert_array_equal(few.x_train, more.x_train[:500])


def test_dropout_leaves_neurons_out_while_training_only() -> None:
    model = training_curves.build_model(dropout=0.5)
    x = training_curves.load_data("stand-in").x_train[:50]
    hidden = keras.Model(model.inputs[0], model.layers[3].output)
    learning, asked = (np.asarray(hidden(x, training=flag)) for flag in (True, False))
    assert 0.4 < 1 - (learning[asked > 0] > 0).mean() < 0.6


def test_dropout_of_everything_is_refused() -> None:
    with pytest.raises(InputError, match=r"dropout: got 1\.0, expected a number at least 0"):
        training_curves.build_model(dropout=1.0)


def test_the_loss_at_the_end_of_an_epoch_is_that_of_the_weights_then(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("training-curves")
    data = training_curves.load_data("stand-in")
    found = run.model.evaluate(data.x_train, data.y_train, verbose=0)[0]
    assert run.record["metrics"]["last_loss_at_end"] == pytest.approx(found, rel=1e-4)


def test_the_printed_loss_of_the_first_epoch_is_above_that_at_its_end(
    quick_run: Callable[..., Run],
) -> None:
    metrics: dict[str, Any] = quick_run("training-curves").record["metrics"]
    assert metrics["first_loss"] > 1.2 * metrics["first_loss_at_end"]


@pytest.mark.real
def test_500_images_are_learned_by_heart_and_dropout_or_more_of_them_help(
    real_run: Callable[..., Run],
) -> None:
    metrics = real_run("training-curves").metrics
    assert metrics["first_loss"] > metrics["first_val_loss"] > metrics["first_loss_at_end"]
    assert metrics["accuracy"] == 1
    assert metrics["last_val_loss"] > 1.15 * metrics["best_val_loss"]
    assert metrics["dropout_last_val_loss"] < 0.9 * metrics["last_val_loss"]
    assert metrics["more_images_best_val_loss"] < 0.8 * metrics["best_val_loss"]
    assert metrics["more_images_last_val_accuracy"] > metrics["last_val_accuracy"] + 0.02
