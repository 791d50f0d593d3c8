"""Each epoch has an order of its own, and Keras's `fit` takes the runner's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import run
from keras_examples.runner.plain import epoch_order, fit

X = np.arange(10, dtype=np.float32)[:, None]


class Recorder(keras.Model):
    """Remembers the batches of training."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[float]] = []
        self.compile()

    def call(self, x: Any) -> Any:
        return x

    def train_step(self, data: Any) -> dict[str, Any]:
        x = keras.utils.unpack_x_y_sample_weight(data)[0]
        tf.py_function(lambda batch: self.seen.append(batch.numpy().ravel().tolist()), [x], [])
        return {"loss": tf.constant(0.0)}


def orders(seed: int, *epochs: int) -> list[list[float]]:
    return [X[epoch_order(len(X), seed, epoch).numpy()].ravel().tolist() for epoch in epochs]


def test_every_sample_is_seen_once_an_epoch_in_an_order_of_seed_and_epoch() -> None:
    found = [epoch_order(100, seed, epoch).numpy() for seed, epoch in [(0, 0), (0, 1), (1, 0)]]
    assert all(sorted(order) == list(range(100)) for order in found)
    assert not any(np.array_equal(found[0], other) for other in found[1:])
    assert np.array_equal(found[0], epoch_order(100, 0, 0).numpy())


def test_keras_on_arrays_after_a_seed_repeats_one_order() -> None:
    keras.utils.set_random_seed(0)
    model = Recorder()
    model.fit(X, X, epochs=3, batch_size=10, verbose=0)
    assert model.seen[0] == model.seen[1] == model.seen[2] != X.ravel().tolist()


@pytest.mark.parametrize("seed", [0, 1])
def test_each_epoch_has_the_order_of_the_runner(seed: int) -> None:
    model = Recorder()
    fit(model, X, X, epochs=3, batch_size=4, seed=seed, verbose=0)
    assert model.seen == [
        order[start : start + 4] for order in orders(seed, 0, 1, 2) for start in (0, 4, 8)
    ]


def test_training_goes_on_with_the_order_of_its_first_epoch() -> None:
    model = Recorder()
    fit(model, X, epochs=5, batch_size=10, initial_epoch=3, verbose=0)
    assert model.seen == orders(0, 3, 4)


def test_training_for_no_epochs_leaves_the_network_as_it_is() -> None:
    model = Recorder()
    assert fit(model, X, epochs=0, verbose=0).history == {}
    assert model.seen == []


def test_the_plain_path_learns_the_same_as_the_runner(tmp_path: Path) -> None:
    fast, plain = (
        run(
            "sine-rnn",
            epochs=5,
            plain=plain,
            verbose=False,
            plots=tmp_path / str(plain),
            runs=tmp_path / str(plain),
        )
        for plain in (False, True)
    )
    assert fast.history["loss"] == pytest.approx(plain.history["loss"], rel=1e-5)
    for ours, theirs in zip(fast.model.get_weights(), plain.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
