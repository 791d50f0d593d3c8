from __future__ import annotations

import io
from collections.abc import Callable

import keras
import numpy as np
import pytest

from keras_examples import Run, self_attention
from keras_examples.core import Trained
from keras_examples.figures import self_attention as figures
from keras_examples.figures import style

quick = pytest.fixture(scope="module")(lambda quick_run: quick_run("self-attention"))


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)


def seeded_model(**options: bool) -> keras.Model:
    keras.utils.set_random_seed(0)
    return self_attention.build_model(**options)


def test_it_has_37706_parameters() -> None:
    assert self_attention.build_model().count_params() == 37_706


def test_the_attention_is_the_softmax_of_scaled_products_of_queries_and_keys(
    images: np.ndarray,
) -> None:
    model = seeded_model()
    weights = {
        weight.path.split("attention/")[-1]: keras.ops.convert_to_numpy(weight)
        for weight in (*model.get_layer("rows").weights, *model.get_layer("attention").weights)
    }
    rows = images / 255 @ weights["rows/kernel"] + weights["rows/bias"]
    query, key = (
        np.einsum("brf,fhd->bhrd", rows, weights[f"{name}/kernel"])
        + weights[f"{name}/bias"][:, None]
        for name in ("query", "key")
    )
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    by_hand = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    found = self_attention.attention_weights(model, images)
    assert found.shape == (3, 4, 28, 28)
    np.testing.assert_allclose(found, by_hand, atol=1e-6)


def test_each_row_spreads_an_attention_of_one(images: np.ndarray) -> None:
    found = self_attention.attention_weights(seeded_model(), images)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)


def test_without_positions_the_order_of_the_rows_makes_no_difference(images: np.ndarray) -> None:
    model = seeded_model(position=False)
    found = model.predict(images, verbose=0)
    np.testing.assert_allclose(model.predict(images[:, ::-1], verbose=0), found, atol=1e-5)


def test_with_positions_the_order_of_the_rows_matters(images: np.ndarray) -> None:
    model = seeded_model()
    found = model.predict(images, verbose=0)
    assert np.abs(model.predict(images[:, ::-1], verbose=0) - found).max() > 1e-3


def test_features_that_the_heads_cannot_share_are_refused() -> None:
    with pytest.raises(ValueError, match="features is 10, expected a multiple of heads, 4"):
        self_attention.build_model(features=10)


def test_it_learns_from_stand_ins(quick: Run) -> None:
    assert quick.history["loss"][-1] < quick.history["loss"][0]


def test_its_figures_are_drawn(quick: Run) -> None:
    assert [figure.name for figure in quick.figures] == [
        "self-attention-loss.png",
        "self-attention-accuracy.png",
        "self-attention-attention.png",
    ]


def test_nothing_is_drawn_over_the_neighbouring_image() -> None:
    images = np.zeros((4, 28, 28))
    trained = Trained(
        example=self_attention.EXAMPLE,
        model=seeded_model(),
        data=self_attention.load_data("stand-in"),
        history={},
    )
    weights = np.full((4, 4, 28, 28), 1 / 28)
    trained.__dict__["measures"] = {"images": images, "attention": weights}
    with style.style():
        figure = figures.attention(trained)
        figure.savefig(io.BytesIO())
    for axes in figure.axes[:4]:
        for mark in (*axes.patches, *axes.texts):
            box, own = mark.get_window_extent(), axes.get_window_extent()
            assert own.x0 - 2 <= box.x0 <= box.x1 <= own.x1 + 2
        assert len(axes.patches) == 1


def test_the_saved_model_loads_and_predicts_the_same(quick: Run, images: np.ndarray) -> None:
    loaded = keras.models.load_model(quick.folder / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), quick.model.predict(images, verbose=0)
    )


@pytest.mark.real
@pytest.mark.slow
def test_it_recognises_97_of_100_real_digits(real_run: Callable[..., Run]) -> None:
    assert real_run("self-attention").metrics["val_accuracy"] >= 0.97
