"""The fast way takes the same steps as Keras's `fit`."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import fashion_mnist_ffn, mnist_cnn, self_attention, sine_rnn
from keras_examples.runner.plain import epoch_order
from keras_examples.runner.steps import Steps
from keras_examples.runner.ways import Way

EPOCHS = 3
XLA = Way(xla=True)


def arrays(module: Any) -> tuple[np.ndarray, np.ndarray]:
    if module is sine_rnn:
        data = sine_rnn.load_data()
        return data.x_train, data.y_train
    data = module.load_data(data="stand-in")
    return data.x_train[:1000], data.y_train[:1000]


def build(module: Any) -> keras.Model:
    # On raw pixels the first epochs are chaotic: the last bit of a rounding grows into the third
    # digit of the loss, whoever trains.
    return module.build_model(
        **{"rescale": True} if module in (fashion_mnist_ffn, mnist_cnn) else {}
    )


def losses_by_keras(module: Any, batch_size: int) -> list[float]:
    x, y = arrays(module)
    keras.utils.set_random_seed(0)
    model = build(module)
    losses = []
    for epoch in range(EPOCHS):
        order = epoch_order(len(x), 0, epoch).numpy()
        history = model.fit(x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0)
        losses += history.history["loss"]
    return losses


def losses_by_steps(module: Any, batch_size: int, way: Way, *, calls: int = 1) -> list[float]:
    x, y = arrays(module)
    keras.utils.set_random_seed(0)
    model = build(module)
    model.fit(x[:1], y[:1], epochs=0, verbose=0)
    steps = Steps(model, model.train_step, x, y, batch_size, way=way)
    edges = [steps.count * call // calls for call in range(calls + 1)]
    losses = []
    for epoch in range(EPOCHS):
        model.reset_metrics()
        order = epoch_order(len(x), 0, epoch)
        for start, stop in itertools.pairwise(edges):
            metrics = steps(order, start, stop)
        losses.append(float(metrics["loss"]))
    return losses


# 1,000 images in batches of 64 leave 40 for the last step of an epoch, 90 windows of 16 leave 10.
@pytest.mark.parametrize(
    ("module", "batch_size", "way"),
    [
        (fashion_mnist_ffn, 64, XLA),
        pytest.param(fashion_mnist_ffn, 64, Way(), marks=pytest.mark.slow),
        pytest.param(fashion_mnist_ffn, 64, Way(parts=3), marks=pytest.mark.slow),
        pytest.param(fashion_mnist_ffn, 50, XLA, marks=pytest.mark.slow),
        (mnist_cnn, 64, Way(parts=2)),
        pytest.param(mnist_cnn, 64, Way(), marks=pytest.mark.slow),
        pytest.param(self_attention, 64, Way(parts=2), marks=pytest.mark.slow),
        pytest.param(sine_rnn, 16, XLA, marks=pytest.mark.slow),
        (sine_rnn, 16, Way()),
    ],
)
def test_losses_are_those_of_fit_on_the_same_batches(
    module: Any, batch_size: int, way: Way
) -> None:
    expected = losses_by_keras(module, batch_size)
    assert losses_by_steps(module, batch_size, way) == pytest.approx(expected, rel=1e-4)


def test_an_epoch_in_several_calls_is_the_same_to_the_bit() -> None:
    once = losses_by_steps(fashion_mnist_ffn, 64, XLA)
    assert losses_by_steps(fashion_mnist_ffn, 64, XLA, calls=5) == once


def test_a_single_batch_larger_than_the_data_takes_it_all() -> None:
    steps = losses_by_steps(sine_rnn, 1000, XLA)
    assert steps == pytest.approx(losses_by_keras(sine_rnn, 1000), rel=1e-4)


def test_pixels_stay_bytes_and_float64_becomes_float32() -> None:
    model = sine_rnn.build_model()
    x = np.zeros((4, 10, 1))
    steps = Steps(model, model.train_step, x, x.astype(np.uint8), 2)
    assert steps._x.dtype == tf.float32
    assert steps._y.dtype == tf.uint8
