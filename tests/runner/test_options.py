from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keras_examples import InputError, Run, run
from keras_examples.core import catalogue
from keras_examples.core.options import whole_number
from keras_examples.figures import fonts
from keras_examples.runner.options import RECIPES, Options
from tests.runner.conftest import Place
from tests.stub import LINE, Declare


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        ({"epochs": 0}, "0", "at least 1|from 1"),
        ({"epochs": -1}, "-1", "at least 1|from 1"),
        ({"epochs": "ten"}, "'ten'", "whole number"),
        ({"epochs": 1.5}, "1.5", "whole number"),
        ({"epochs": True}, "True", "whole number"),
        ({"epochs": 10**30}, "10{30}", "whole number"),
        ({"batch_size": 0}, "0", "whole number"),
        ({"batch_size": "32.0"}, "'32.0'", "whole number"),
        ({"batch_size": 10**30}, "10{30}", "whole number"),
        ({"seed": -1}, "-1", "from 0 to 4294967295"),
        ({"seed": 2**32}, "4294967296", "from 0 to 4294967295"),
        ({"data": "fake"}, "'fake'", "auto, real, stand-in"),
        ({"lang": "fr"}, "'fr'", "en, zh"),
        ({"data_dir": "nowhere"}, "'nowhere'", "mnist/ and fashion-mnist/"),
    ],
)
def test_an_option_that_cannot_be_is_named_with_what_was_expected(
    options: dict[str, Any], given: str, expected: str
) -> None:
    with pytest.raises(InputError, match=rf"(?s){given}.*({expected})"):
        Options(**options).check("sine-rnn")


def test_a_bad_option_leaves_nothing_behind(place: Place) -> None:
    with pytest.raises(InputError):
        place.run("sine-rnn", epochs=0)
    assert not place.root.exists()


def test_text_that_spells_a_number_is_one() -> None:
    assert whole_number("epochs", " 12 ", 1) == 12


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_smallest_and_the_largest_seed_are_allowed(seed: int) -> None:
    Options(seed=seed).check("sine-rnn")


def test_a_data_folder_that_is_a_file_is_no_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()
    with pytest.raises(InputError, match="is not a folder"):
        Options(data_dir=file).check("mnist-cnn")


def test_a_data_folder_may_start_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    Options(data_dir="~/data").check("mnist-cnn")


def test_chinese_without_a_chinese_font_names_packages_that_bring_one(
    monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    monkeypatch.setattr(fonts, "_find", lambda **_: None)
    with pytest.raises(InputError) as caught:
        place.run("sine-rnn", lang="zh")
    assert re.search(r"fonts-noto-cjk.*\(Debian.*Fedora.*--lang zh", caught.value.text.en)
    assert re.search(r"fonts-noto-cjk.*--lang zh", caught.value.text.zh)
    assert not place.root.exists()


def test_pixels_can_be_rescaled_only_where_there_are_pixels(place: Place) -> None:
    with pytest.raises(InputError, match="sine-rnn does not take --rescale; leave out --rescale"):
        place.run("sine-rnn", rescale=True)
    assert not place.root.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rescale": True}, "given 不接受 --rescale；请去掉 --rescale。"),
        ({"epochs": 3}, "given 没有可训练的内容，因为它的权重是固定的；请去掉 --epochs。"),
        (
            {"hyperparameters": {"depth": 2}},
            "given 没有超参数 'depth'，可用的超参数：learning_rate（数）；"
            "请去掉 --hyperparameters。",
        ),
    ],
)
def test_what_an_example_has_no_use_for_is_told_in_chinese_too(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        Options(**options).check_example(dataclasses.replace(LINE, name="given", epochs=0))
    assert caught.value.text.zh == said


def test_a_run_has_one_recipe_at_most(place: Place) -> None:
    with pytest.raises(InputError, match=r"--fast and --augmented: .*; leave out one of the two"):
        place.run("mnist-cnn", fast=True, augmented=True)
    assert not place.root.exists()


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_that_an_example_does_not_have_is_refused(place: Place, recipe: str) -> None:
    options: dict[str, Any] = {recipe: True}
    with pytest.raises(InputError, match=f"has no recipe '{recipe}'; leave out --{recipe}"):
        place.run("sine-rnn", **options)
    assert not place.root.exists()


def test_every_recipe_of_an_example_is_an_option() -> None:
    assert {recipe for name in catalogue.names() for recipe in catalogue.load(name).recipes} == {
        *RECIPES
    }


@pytest.mark.parametrize(
    ("option", "word"), [("epochs", "--epochs"), ("batch_size", "--batch-size")]
)
def test_given_weights_are_not_trained(
    declare: Declare, place: Place, option: str, word: str
) -> None:
    declare(epochs=0)
    options: dict[str, Any] = {option: 3}
    with pytest.raises(InputError, match=f"line has nothing to train.*leave out {word}"):
        place.run(**options)
    assert not place.root.exists()


@pytest.mark.parametrize("name", ["line", "LINE", "Line"])
def test_run_takes_a_name_as_people_spell_it(declare: Declare, place: Place, name: str) -> None:
    declare(epochs=0)
    assert place.run(name).name == "line"


def test_an_unknown_example_is_told_before_anything_is_imported_or_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="unknown example 'mnist-cmn': did you mean mnist-cnn"):
        run("mnist-cmn", plots=tmp_path / "plots", runs=tmp_path / "runs")
    assert not list(tmp_path.iterdir())


def test_rescale_puts_the_division_in_front_of_the_network(
    quick_run: Callable[..., Run],
) -> None:
    done = quick_run("fashion-mnist-ffn", rescale=True, epochs=1)
    assert done.model.layers[0].scale == pytest.approx(1 / 255)
    assert done.record["config"]["rescale"] is True
    assert " --rescale" in done.record["command"]
