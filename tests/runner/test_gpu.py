"""On a GPU: found without being told, the same numbers for the same seed, and nearly the CPU's."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import mnist_cnn, mnist_gan
from keras_examples.runner.plain import epoch_order
from keras_examples.runner.steps import Steps, make_variables
from keras_examples.runner.ways import Way, choose, has_gpu
from tests.runner.conftest import Place

pytestmark = pytest.mark.skipif(not has_gpu(), reason="needs a GPU")

STEPS = 50


def losses(device: str, way: Way) -> list[float]:
    """Returns the loss of each of some steps of the convolutional network."""
    data = mnist_cnn.load_data("stand-in")
    x, y = data.x_train[: 32 * STEPS], data.y_train[: 32 * STEPS]
    keras.utils.set_random_seed(0)
    with tf.device(device):
        model = mnist_cnn.build_model(rescale=True)
        make_variables(model, x, y)
        steps = Steps(model, model.train_step, x, y, 32, way=way)
        order, found = epoch_order(len(x), 0, 0), []
        for step in range(STEPS):
            model.reset_metrics()
            found.append(float(steps(order, step, step + 1)["loss"]))
    return found


@pytest.mark.parametrize("name", ["mnist-cnn", "mnist-gan", "self-attention", "sine-rnn"])
def test_the_same_seed_gives_the_same_bits(place: Place, name: str) -> None:
    first = place.run(name, epochs=1, data="auto" if name == "sine-rnn" else "stand-in")
    again = place.run(name, epochs=1, data="auto" if name == "sine-rnn" else "stand-in")
    assert first.record["gpus"] > 0
    assert again.record["weights_sha256"] == first.record["weights_sha256"]


def test_fifty_steps_have_the_losses_of_the_cpu_within_a_hundredth() -> None:
    np.testing.assert_allclose(losses("GPU:0", Way()), losses("CPU:0", Way()), rtol=1e-2)


def test_it_gets_whole_batches() -> None:
    data = mnist_cnn.load_data("stand-in")
    for model in (mnist_cnn.build_model(), mnist_gan.build_model()):
        make_variables(model, data.x_train, data.y_train)
        assert choose(model, data.x_train, data.y_train, 128, 1).parts == 1


def test_the_weights_are_on_it() -> None:
    assert "GPU" in mnist_cnn.build_model().trainable_variables[0].value.device
