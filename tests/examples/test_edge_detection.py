from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_examples import Run
from keras_examples.core import Trained
from keras_examples.edge_detection import (
    EXAMPLE,
    HALF_BRIGHT,
    SOBEL,
    VERTICAL,
    build_model,
    convolve,
    load_data,
    touches,
)
from keras_examples.figures import edge_detection


def test_without_padding_the_articles_image_gives_four_rows_of_0_30_30_0() -> None:
    np.testing.assert_array_equal(convolve(build_model(), HALF_BRIGHT), [[0, 30, 30, 0]] * 4)


def test_with_padding_the_image_keeps_its_size_and_its_inside() -> None:
    same = convolve(build_model(padding="same"), HALF_BRIGHT)

    assert same.shape == (6, 6)
    np.testing.assert_array_equal(same[1:-1, 1:-1], [[0, 30, 30, 0]] * 4)


def test_the_zeros_of_the_padding_make_a_false_edge() -> None:
    same = convolve(build_model(padding="same"), HALF_BRIGHT)

    np.testing.assert_array_equal(same[:, 0], [-20, -30, -30, -30, -30, -20])


def test_an_edge_from_dark_to_bright_is_negative() -> None:
    mirrored = convolve(build_model(), HALF_BRIGHT[:, ::-1])

    np.testing.assert_array_equal(mirrored, [[0, -30, -30, 0]] * 4)


@pytest.mark.parametrize("kernel", [VERTICAL, SOBEL], ids=["plain", "sobel"])
def test_a_transposed_kernel_finds_the_edges_of_the_other_direction(kernel: np.ndarray) -> None:
    across = convolve(build_model(kernel=kernel.T), HALF_BRIGHT)
    turned = convolve(build_model(kernel=kernel.T), HALF_BRIGHT.T)

    np.testing.assert_array_equal(across, np.zeros((4, 4)))
    np.testing.assert_array_equal(turned, convolve(build_model(kernel=kernel), HALF_BRIGHT).T)


def test_sobels_kernel_gives_the_middle_row_twice_the_weight() -> None:
    image = np.zeros((3, 3))
    image[:, 0] = (1, 10, 100)

    assert convolve(build_model(kernel=SOBEL), image) == 1 + 2 * 10 + 100


def test_it_has_nine_given_weights_and_nothing_to_train() -> None:
    model = build_model()

    assert model.count_params() == 9
    assert model.trainable_weights == []


def test_without_padding_a_corner_is_touched_once_and_the_centre_nine_times() -> None:
    counts = touches(6)

    assert counts[0, 0] == counts[0, -1] == counts[-1, 0] == counts[-1, -1] == 1
    np.testing.assert_array_equal(counts[2:4, 2:4], 9)


def test_with_padding_only_the_border_is_touched_fewer_than_nine_times() -> None:
    counts = touches(6, padding=1)

    assert counts.shape == (6, 6)
    assert counts[0, 0] == 4
    np.testing.assert_array_equal(counts[1:-1, 1:-1], 9)


def test_what_counts_the_touches_agrees_with_the_convolution() -> None:
    ones = build_model(kernel=np.ones((3, 3)))
    pixel = np.zeros((6, 6))
    pixel[0, 1] = 1

    assert convolve(ones, pixel).sum() == touches(6)[0, 1] == 2


def test_the_figures_name_the_garment_in_both_languages() -> None:
    def title(lang: str) -> tuple[str, str]:
        data = load_data("stand-in")
        trained = Trained(example=EXAMPLE, model=build_model(), data=data, history={}, lang=lang)
        name = data.class_names[int(data.y_test[0])][lang]
        return edge_detection.garment(trained).get_suptitle(), name.lower()

    for lang in ("en", "zh"):
        whole, name = title(lang)
        assert whole.endswith(name)


def test_it_draws_its_figures_records_its_numbers_and_leaves_a_model_that_loads(
    quick_run: Callable[..., Run],
) -> None:
    run = quick_run("edge-detection")

    assert [figure.stem for figure in run.figures] == [
        "edge-detection-half-bright",
        "edge-detection-garment",
        "edge-detection-touched",
    ]
    assert run.metrics == {"strongest_response": 30, "corner_touches": 1, "centre_touches": 9}
    loaded = keras.models.load_model(run.folder / "model.keras")
    np.testing.assert_array_equal(convolve(loaded, HALF_BRIGHT), [[0, 30, 30, 0]] * 4)


@pytest.mark.real
def test_on_a_real_garment_it_draws_the_same_figures(real_run: Callable[..., Run]) -> None:
    run = real_run("edge-detection")

    assert run.record["data"]["source"] != "stand-in"
    assert all(figure.stat().st_size > 0 for figure in run.figures)
