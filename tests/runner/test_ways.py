"""Which way of taking steps suits a model, found out from the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from benchmarks.equality import accuracies
from keras_examples import (
    fashion_mnist_ffn,
    logistic_regression,
    mnist_cnn,
    mnist_gan,
    self_attention,
    sine_rnn,
)
from keras_examples.runner import ways
from keras_examples.runner.steps import Steps, make_variables
from keras_examples.runner.ways import XLA_PAYS_FROM, Way, choose, separable, xla_pays


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "count_cores", lambda: 2)
    monkeypatch.setattr(ways, "has_gpu", lambda: False)


def images(model: keras.Model, n: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Returns noise of the shape of a model's inputs, and labels."""
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (n, *model.input_shape[1:]), dtype=np.uint8)
    return x, random.integers(0, 10, n, dtype=np.uint8)


def chosen(model: keras.Model, batch_size: int, steps: int = XLA_PAYS_FROM) -> Way:
    x, y = images(model)
    make_variables(model, x, y)
    return choose(model, x, y, batch_size, steps)


@pytest.mark.parametrize(
    ("build", "batch_size", "way"),
    [
        (mnist_cnn.build_model, 32, Way(parts=2)),
        (self_attention.build_model, 128, Way(parts=2)),
        (fashion_mnist_ffn.build_model, 32, Way(xla=True)),
        (fashion_mnist_ffn.build_model, 1024, Way(parts=2)),
        (mnist_cnn.build_model, 4, Way()),
        (mnist_cnn.build_model, 15, Way()),
        (sine_rnn.build_model, 16, Way(xla=True)),
        (logistic_regression.build_model, 60_000, Way(xla=True)),  # of 785 multiplications each
    ],
)
def test_large_batches_go_in_parts_and_small_ones_to_xla(
    build: Callable[[], keras.Model], batch_size: int, way: Way
) -> None:
    assert chosen(build(), batch_size) == way


def test_each_core_gets_a_part_of_eight_samples_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, parts in ((1, 1), (3, 3), (16, 4)):
        monkeypatch.setattr(ways, "count_cores", lambda cores=cores: cores)
        assert chosen(mnist_cnn.build_model(), 32) == Way(parts=parts)


def test_a_gpu_gets_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "has_gpu", lambda: True)
    assert chosen(mnist_cnn.build_model(), 32) == Way()


def test_a_gpu_is_made_deterministic_and_a_cpu_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: made.append(True))
    ways.make_deterministic()
    assert not made
    monkeypatch.setattr(ways, "has_gpu", lambda: True)
    ways.make_deterministic()
    assert made


def test_a_step_of_the_models_own_gets_whole_batches() -> None:
    model = mnist_gan.build_model()
    x = np.zeros((8, 28, 28, 1), np.uint8)
    make_variables(model, x, x)
    assert choose(model, x, x, 64, 1) == Way()


def convolutional(*more: layers.Layer, loss: Any = "sparse_categorical_crossentropy") -> Any:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            *more,
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss)
    return model


class MeanOfBatch(layers.Layer):
    """Takes the batch's mean from each sample: one that meets the others."""

    def call(self, x: Any) -> Any:
        return x - ops.mean(x, axis=0, keepdims=True)


class OfItsOwn(keras.Sequential):
    """A model with a loss of its own."""

    def compute_loss(self, *args: Any, **options: Any) -> Any:
        return 2 * super().compute_loss(*args, **options)


@pytest.mark.parametrize(
    "model",
    [
        convolutional(layers.BatchNormalization()),
        convolutional(layers.Dropout(0.5)),
        convolutional(layers.ActivityRegularization(1.0)),
        convolutional(MeanOfBatch()),
        convolutional(loss=keras.losses.SparseCategoricalCrossentropy(reduction="sum")),
    ],
    ids=["batch normalisation", "dropout", "activity", "a layer of one's own", "a sum"],
)
def test_where_samples_meet_a_batch_stays_whole(model: keras.Model) -> None:
    x, y = images(model)
    make_variables(model, x, y)
    before = [variable.numpy() for variable in model.variables]
    assert not separable(model, x, y)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_a_loss_of_the_models_own_keeps_a_batch_whole() -> None:
    model = OfItsOwn([keras.Input((28, 28, 1)), *convolutional().layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = images(model)
    make_variables(model, x, y)
    assert not separable(model, x, y)


def test_where_they_do_not_it_may_be_parted() -> None:
    model = convolutional(layers.LayerNormalization())
    x, y = images(model)
    make_variables(model, x, y)
    assert separable(model, x, y)


@pytest.mark.real
@pytest.mark.slow
def test_over_five_seeds_it_learns_as_fit_does() -> None:
    by_fit, by_runner = map(np.array, accuracies().values())
    spread = np.hypot(by_fit.std(ddof=1), by_runner.std(ddof=1))
    assert abs(by_fit.mean() - by_runner.mean()) < 2 * spread / np.sqrt(len(by_fit))
    assert min(by_fit.min(), by_runner.min()) > 0.8


@pytest.fixture
def float64() -> Iterator[None]:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("float64")
def test_the_gradient_in_parts_is_that_of_the_whole_to_rounding() -> None:
    """In float64, where rounding cannot hide anything, and with parts of unequal size."""

    def after_a_step(way: Way) -> list[np.ndarray]:
        keras.utils.set_random_seed(0)
        model = convolutional()
        model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy")
        x, y = images(model, 32)
        make_variables(model, x, y)
        before = [variable.numpy() for variable in model.trainable_variables]
        Steps(model, model.train_step, x, y, 32, way=way)(tf.range(32), 0, 1)
        return [a - b.numpy() for a, b in zip(before, model.trainable_variables, strict=True)]

    for one, other in zip(after_a_step(Way()), after_a_step(Way(parts=3)), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-13)


def test_xla_is_for_long_training_without_convolutions() -> None:
    dense, convolutional = fashion_mnist_ffn.build_model(), mnist_cnn.build_model()
    assert xla_pays(dense, XLA_PAYS_FROM)
    assert not xla_pays(dense, XLA_PAYS_FROM - 1)
    assert not xla_pays(convolutional, XLA_PAYS_FROM)


def test_a_convolution_inside_another_model_counts() -> None:
    nested = keras.Sequential([keras.Input((28, 28, 1)), mnist_cnn.build_model()])
    assert not xla_pays(nested, XLA_PAYS_FROM)
