from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_examples.core.errors import InputError
from keras_examples.datasets import Dataset, load, mirrors
from keras_examples.datasets.published import PUBLISHED
from keras_examples.datasets.stand_in import draw
from tests.datasets.conftest import Tiny

NAMES = tuple(PUBLISHED)


@pytest.fixture(params=NAMES)
def stand_in(request: pytest.FixtureRequest) -> Dataset:
    return load(request.param, data="stand-in")


def test_stand_ins_have_the_types_and_shapes_of_the_real_data(stand_in: Dataset) -> None:
    assert stand_in.source == "stand-in"
    assert stand_in.x_train.shape == (6000, 28, 28)
    assert stand_in.x_test.shape == (1000, 28, 28)
    for array in (stand_in.x_train, stand_in.y_train, stand_in.x_test, stand_in.y_test):
        assert array.dtype == np.uint8
        assert not array.flags.writeable
    assert stand_in.x_train.max() == 255


def test_the_classes_of_stand_ins_are_balanced_and_mixed(stand_in: Dataset) -> None:
    assert np.bincount(stand_in.y_train).tolist() == [600] * 10
    assert np.bincount(stand_in.y_test).tolist() == [100] * 10
    assert len(np.unique(stand_in.y_train[:100])) == 10


def test_stand_ins_are_white_on_black(stand_in: Dataset) -> None:
    assert np.median(stand_in.x_train) == 0
    lit = (stand_in.x_train > 40).mean(axis=(1, 2))
    assert lit.min() > 0.01
    assert lit.max() < 0.8


def test_stand_ins_are_the_same_each_time(stand_in: Dataset) -> None:
    draw.cache_clear()
    assert load(stand_in.name, data="stand-in").digest == stand_in.digest


def test_the_two_stand_ins_differ() -> None:
    assert len({load(name, data="stand-in").digest for name in NAMES}) == 2


def test_stand_ins_can_be_learned_but_not_perfectly(stand_in: Dataset) -> None:
    x, x_test = (
        images.reshape(len(images), -1) / 255 for images in (stand_in.x_train, stand_in.x_test)
    )
    # Ridge regression to one-hot labels: a linear classifier in closed form.
    features = np.hstack([x, np.ones((len(x), 1))])
    ridge = features.T @ features + 10 * np.eye(features.shape[1])
    weights = np.linalg.solve(ridge, features.T @ np.eye(10)[stand_in.y_train])
    scores = np.hstack([x_test, np.ones((len(x_test), 1))]) @ weights
    accuracy = (scores.argmax(axis=1) == stand_in.y_test).mean()
    assert 0.5 < accuracy < 0.97


def test_one_line_says_that_stand_ins_were_requested(capsys: pytest.CaptureFixture[str]) -> None:
    load("mnist", data="stand-in")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "mnist: drawn stand-ins, not the real data, as requested\n"


def test_one_line_says_why_auto_fell_to_stand_ins_and_how_to_get_the_real_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert load("fashion-mnist").source == "stand-in"
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    for word in ("stand-ins", "cache: ", "keras-cache: ", "download: ", "KERAS_EXAMPLES_DATA"):
        assert word in err


def test_real_names_every_source_that_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = tuple(f"http://127.0.0.1:1/{name}/" for name in ("a", "b"))
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", urls)
    with pytest.raises(InputError) as caught:
        load("mnist", data="real")
    message = str(caught.value)
    assert "\n" not in message
    for place in (tmp_path / "cache" / "mnist", tmp_path / "keras", "127.0.0.1 cannot be reached"):
        assert str(place) in message


def test_stand_ins_are_drawn_even_where_a_folder_is_named(tiny: Tiny, tmp_path: Path) -> None:
    assert load("mnist", data="stand-in", data_dir=tmp_path).source == "stand-in"


def test_the_classes_have_names_in_english_and_chinese() -> None:
    names = load("fashion-mnist", data="stand-in").class_names
    assert names[9]["en"] == "Ankle boot"
    assert names[1]["zh"] == "裤子"
    assert [name["en"] for name in load("mnist", data="stand-in").class_names] == list("0123456789")


def test_importing_the_package_imports_neither_keras_nor_matplotlib() -> None:
    code = (
        "import sys, keras_examples.datasets as d; "
        "print([m for m in ('keras', 'tensorflow', 'matplotlib', 'requests') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
