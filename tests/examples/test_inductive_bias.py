from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from keras_examples import Run, mnist_cnn
from keras_examples.core import Example, Trained
from keras_examples.datasets import Dataset
from keras_examples.figures.inductive_bias import shallow_and_deep
from keras_examples.inductive_bias import EXAMPLE, accuracy_when_shifted, build_model, shift


@pytest.fixture
def images() -> np.ndarray:
    """Blurred spots, far enough from the borders that a shift loses nothing."""
    spots = np.zeros((4, 28, 28, 1), dtype=np.float32)
    spots[:, 8:20, 8:20] = np.random.default_rng(0).random((4, 12, 12, 1))
    return np.asarray(layers.AveragePooling2D(3, strides=1, padding="same")(spots))


def test_a_shift_moves_every_pixel_and_fills_up_with_black() -> None:
    image = np.arange(1, 10).reshape(1, 3, 3, 1)

    moved = shift(image, down=1, right=-2)

    np.testing.assert_array_equal(moved[0, ..., 0], [[0, 0, 0], [3, 0, 0], [6, 0, 0]])


def test_a_shift_by_nothing_changes_nothing(images: np.ndarray) -> None:
    np.testing.assert_array_equal(shift(images, down=0, right=0), images)


def test_accuracy_is_averaged_over_the_four_directions() -> None:
    # Says class 1 if the top left pixel is lit, which only one of the four shifts leaves so.
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Cropping2D(((0, 27), (0, 27))), layers.Flatten()]
    )
    model.add(layers.Dense(2))
    model.layers[-1].set_weights([np.array([[0.0, 1.0]]), np.array([0.5, 0.0])])
    image = np.zeros((1, 28, 28, 1))
    image[0, 0, 1] = 1

    assert accuracy_when_shifted(model, image, np.array([1]), 1) == 0.25


def test_convolution_commutes_with_a_shift(images: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    convolution = layers.Conv2D(8, (3, 3), activation="relu")

    shifted_first = np.asarray(convolution(shift(images, down=2, right=-3)))
    shifted_last = shift(np.asarray(convolution(images)), down=2, right=-3)

    np.testing.assert_allclose(shifted_first, shifted_last, atol=1e-6)


def test_a_dense_layer_does_not_commute_with_a_shift(images: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    dense = layers.Dense(28 * 28)

    def apply(x: np.ndarray) -> np.ndarray:
        return np.asarray(dense(x.reshape(len(x), -1))).reshape(x.shape)

    shifted_first = apply(shift(images, down=2, right=-3))
    assert not np.allclose(shifted_first, shift(apply(images), down=2, right=-3), atol=0.1)


def test_pooling_damps_a_shift() -> None:
    found = (np.random.default_rng(0).random((20, 28, 28, 1)) < 0.02).astype(np.float32)

    def change(layer: keras.Layer) -> float:
        before, after = layer(found), layer(shift(found, down=0, right=1))
        return float(np.linalg.norm(after - before) / np.linalg.norm(before))

    unpooled, small, large = (change(layers.MaxPooling2D(size)) for size in (1, 2, 4))

    assert large < small < 0.8 * unpooled


def test_pooling_hides_a_shift_within_its_window() -> None:
    found = np.zeros((1, 28, 28, 1), dtype=np.float32)
    found[0, 10, 10] = 1
    pooling = layers.MaxPooling2D(2)

    np.testing.assert_array_equal(pooling(found), pooling(shift(found, down=1, right=1)))


def test_a_recurrent_layer_settles_to_a_repeated_output_on_a_repeated_pattern() -> None:
    keras.utils.set_random_seed(0)
    recurrent = layers.SimpleRNN(10, return_sequences=True)
    pattern = np.random.default_rng(0).normal(size=(1, 5, 1)).astype(np.float32)

    states = np.asarray(recurrent(np.tile(pattern, (1, 100, 1)))).reshape(100, 5, 10)

    np.testing.assert_allclose(states[-1], states[-2], atol=1e-4)
    assert not np.allclose(states[0], states[-1], atol=0.1)


def test_a_recurrent_layer_tells_the_order_of_what_it_saw() -> None:
    keras.utils.set_random_seed(0)
    recurrent = layers.SimpleRNN(10)
    values = np.linspace(-1, 1, 6, dtype=np.float32).reshape(1, 6, 1)

    assert not np.allclose(recurrent(values), recurrent(values[:, ::-1]), atol=0.1)


def test_the_network_is_that_of_mnist_cnn_with_pixels_divided_by_255() -> None:
    assert [type(layer) for layer in build_model().layers] == [
        layers.Rescaling,
        *(type(layer) for layer in mnist_cnn.build_model().layers),
    ]
    assert build_model().count_params() == 121_930


def test_networks_that_are_compared_have_about_as_many_parameters() -> None:
    companions = EXAMPLE.companion_examples
    sizes = {name: one.build().count_params() for name, one in companions.items()}

    assert sizes.pop("dense") == pytest.approx(121_930, rel=0.01)
    assert all(11_000 < size < 12_000 for size in sizes.values())


def test_the_table_lists_every_network_in_both_languages() -> None:
    data = mnist_cnn.load_data("stand-in")

    def table(lang: str) -> set[str]:
        trained = _untrained(EXAMPLE, data, lang)
        (axes,) = shallow_and_deep(trained).axes
        return {cell.get_text().get_text() for cell in axes.tables[0].get_celld().values()}

    assert {"Dense 15", "Convolutions 16-28", "121,930", "50.0"} <= table("en")
    assert {"全连接 15", "卷积 16-28", "121,930", "50.0"} <= table("zh")


def _untrained(example: Example, data: Dataset, lang: str) -> Trained:
    companions = example.companion_examples.items()
    return Trained(
        example=example,
        model=example.build(),
        data=data,
        history={"val_accuracy": [0.5]},
        lang=lang,
        companions={name: _untrained(one, data, lang) for name, one in companions},
    )


@pytest.mark.slow
def test_it_trains_draws_its_figures_and_leaves_a_model_that_loads(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("inductive-bias")

    assert [figure.stem for figure in run.figures] == [
        "inductive-bias-shifted",
        "inductive-bias-shallow-and-deep",
    ]
    loaded = keras.models.load_model(run.folder / "model.keras")
    x = mnist_cnn.load_data("stand-in").x_test[:5]
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), run.model.predict(x, verbose=0))


@pytest.mark.real
@pytest.mark.slow
def test_on_mnist_the_convolutional_network_stands_every_shift_better(
    real_run: Callable[..., Run],
) -> None:
    metrics = real_run("inductive-bias").metrics

    assert all(
        metrics[f"cnn_shifted_{pixels}"] > metrics[f"dense_shifted_{pixels}"] for pixels in range(7)
    )
    assert metrics["cnn_shifted_2"] > 0.88 > 0.8 > metrics["dense_shifted_2"]
