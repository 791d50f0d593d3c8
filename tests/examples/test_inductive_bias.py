from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from keras_examples import Run, mnist_cnn
from keras_examples.core import Example, Text, Trained
from keras_examples.datasets import Dataset
from keras_examples.figures.inductive_bias import shallow_and_deep, turned_and_scaled
from keras_examples.inductive_bias import (
    EXAMPLE,
    accuracy_when_shifted,
    accuracy_when_turned,
    build_model,
    shift,
    turn,
)


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
    image = np.zeros((1, 28, 28, 1))
    image[0, 0, 1] = 1

    assert accuracy_when_shifted(_lit_top_left(), image, np.array([1]), 1) == 0.25


def _lit_top_left() -> keras.Model:
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Cropping2D(((0, 27), (0, 27))), layers.Flatten()]
    )
    model.add(layers.Dense(2))
    model.layers[-1].set_weights([np.array([[0.0, 1.0]]), np.array([0.5, 0.0])])
    return model


@pytest.fixture
def digits() -> np.ndarray:
    return mnist_cnn.load_data("stand-in").x_test[:20]


def test_a_turn_by_nothing_changes_nothing(digits: np.ndarray) -> None:
    turned = turn(digits)

    np.testing.assert_array_equal(turned, digits)
    assert turned.dtype == digits.dtype


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_are_those_of_numpy(digits: np.ndarray, quarters: int) -> None:
    turned = turn(digits, degrees=90 * quarters)

    np.testing.assert_array_equal(turned, np.rot90(digits, quarters, axes=(1, 2)))


def test_a_turn_and_back_leaves_little_changed(images: np.ndarray) -> None:
    spots = (255 * images).astype(np.uint8)

    back = turn(turn(spots, degrees=30), degrees=-30)

    assert np.abs(back.astype(float) - spots).mean() < 4
    assert np.abs(turn(spots, degrees=30).astype(float) - spots).mean() > 8


def test_a_square_twice_as_large_has_four_times_the_area() -> None:
    square = np.zeros((1, 28, 28, 1), np.uint8)
    square[0, 10:18, 10:18] = 255

    for scale, half in ((2.0, 8), (0.5, 2)):
        scaled = turn(square, scale=scale)[0, ..., 0]
        assert scaled.mean() == pytest.approx(scale**2 * square.mean(), rel=0.01)
        assert scaled[14 - half + 1 : 14 + half - 1, 14].min() == 255


def test_accuracy_is_averaged_over_turns_in_both_directions() -> None:
    # Says class 1 if the top left pixel is lit, which only one of the two quarter turns leaves so.
    image = np.zeros((1, 28, 28, 1), np.uint8)
    image[0, 0, 27] = 255

    def accuracy(degrees: float) -> float:
        return accuracy_when_turned(_lit_top_left(), image, np.array([1]), degrees=degrees)

    assert [accuracy(degrees) for degrees in (0, 90)] == [0, 0.5]


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
    assert {size for name, size in sizes.items() if "6-10" in name} == {3120}
    assert all(11_000 < size < 12_000 for name, size in sizes.items() if "6-10" not in name)


def test_each_small_network_is_trained_with_three_seeds() -> None:
    seeds: dict[Text, list[int]] = {}
    for recipe in EXAMPLE.companions.values():
        assert recipe.title
        seeds.setdefault(recipe.title, []).append(recipe.seed)

    assert seeds.pop(Text("Dense 153", "全连接 153")) == [0]
    assert list(seeds.values()) == [[0, 1, 2]] * 5


@pytest.fixture(scope="module")
def untrained() -> Callable[[str], Trained]:
    data = mnist_cnn.load_data("stand-in")
    return functools.cache(lambda lang: _untrained(EXAMPLE, data, lang))


@pytest.mark.parametrize(
    ("lang", "names", "families"),
    [
        (
            "en",
            ["Dense 15", "Dense 14-14-14", "Convolution 7", "Convolutions 16-28"],
            ["Dense, shallow", "Dense, deep", "Convolutional, shallow", "Convolutional, deep"],
        ),
        (
            "zh",
            ["全连接 15", "全连接 14-14-14", "卷积 7", "卷积 16-28"],
            ["全连接，浅", "全连接，深", "卷积，浅", "卷积，深"],
        ),
    ],
)
def test_accuracy_is_drawn_over_the_parameters_of_every_network_with_a_point_for_each_seed(
    untrained: Callable[[str], Trained], lang: str, names: list[str], families: list[str]
) -> None:
    (axes,) = shallow_and_deep(untrained(lang)).axes

    points = [
        (len(sizes), sizes[0]) for sizes in (np.asarray(line.get_xdata()) for line in axes.lines)
    ]
    sizes = [11_935, 11_560, 11_910, 11_230, 3120]
    assert points == [*((3, size) for size in sizes), (1, 121_645), (1, 121_930)]
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.texts][:4] == names
    legend = axes.get_legend()
    assert legend
    assert [text.get_text() for text in legend.get_texts()] == families


def test_accuracy_is_drawn_over_angle_and_size_below_what_becomes_of_a_digit(
    untrained: Callable[[str], Trained],
) -> None:
    trained = untrained("en")
    digit = np.zeros((28, 28), np.uint8)
    trained.__dict__["measures"] = {
        f"{name}_{what}": dict.fromkeys(places, 0.5)
        for name in ("cnn", "dense")
        for what, places in (("turned", (0, 45, 90)), ("scaled", (50, 100)))
    } | {"turned": [digit] * 3, "scaled": [digit] * 2}

    *strips, turned, scaled = turned_and_scaled(trained).axes

    assert [len(strip.images) for strip in strips] == [3, 2]
    assert [np.asarray(axes.lines[0].get_xdata()).tolist() for axes in (turned, scaled)] == [
        [0, 45, 90],
        [50, 100],
    ]


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
        "inductive-bias-turned-and-scaled",
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


@pytest.mark.real
@pytest.mark.slow
def test_on_mnist_neither_network_stands_a_quarter_turn_or_half_the_size(
    real_run: Callable[..., Run],
) -> None:
    metrics = real_run("inductive-bias").metrics

    for name in ("cnn", "dense"):
        assert metrics[f"{name}_shifted_0"] > 0.95
        assert metrics[f"{name}_turned_30"] < 0.9
        assert metrics[f"{name}_turned_90"] < 0.2
        assert metrics[f"{name}_scaled_50"] < 0.6


@pytest.mark.real
@pytest.mark.slow
def test_on_mnist_distorted_digits_teach_turns_and_shifts(real_run: Callable[..., Run]) -> None:
    plain, augmented = real_run("mnist-cnn"), real_run("mnist-cnn", augmented=True)
    images, labels = (array[::5] for array in mnist_cnn.load_data("real").test or ())

    def gain(test: Callable[[keras.Model], float]) -> float:
        return test(augmented.model) - test(plain.model)

    assert augmented.metrics["val_accuracy"] > 0.99
    assert gain(lambda model: accuracy_when_turned(model, images, labels, degrees=30)) > 0.05
    assert gain(lambda model: accuracy_when_shifted(model, images, labels, 4)) > 0.1
