from __future__ import annotations

import pytest

from keras_examples import InputError
from keras_examples.core import catalogue

ALL = pytest.mark.parametrize("name", catalogue.names())


@ALL
def test_an_example_is_found_under_its_own_name(name: str) -> None:
    assert catalogue.load(name).name == name


@ALL
def test_an_example_has_a_title_in_both_languages(name: str) -> None:
    title = catalogue.load(name).title
    assert title.en
    assert title.zh
    assert title.en != title.zh


@ALL
def test_figures_of_an_example_have_names_of_their_own(name: str) -> None:
    names = [figure.__name__ for figure in catalogue.load(name).figures]
    assert names
    assert len(set(names)) == len(names)


@ALL
def test_a_summary_is_one_sentence(name: str) -> None:
    summary = catalogue.summary(name)
    assert 20 < len(summary.en) <= 100
    assert summary.en.endswith(".")
    assert summary.zh == catalogue.load(name).title.zh


def test_a_summary_is_what_the_module_says_first() -> None:
    from keras_examples import sine_rnn

    assert (sine_rnn.__doc__ or "").startswith(catalogue.summary("sine-rnn").en + "\n")


def test_the_three_networks_of_the_last_article_are_there() -> None:
    assert {"fashion-mnist-ffn", "mnist-cnn", "sine-rnn"} <= set(catalogue.names())


@pytest.mark.parametrize("spelt", ["mnist-cnn", "mnist_cnn", "MNIST-CNN", "Mnist_Cnn"])
def test_a_name_may_be_spelt_with_underscores_and_capitals(spelt: str) -> None:
    assert catalogue.resolve(spelt) == "mnist-cnn"


@pytest.mark.parametrize(
    ("given", "meant"),
    [("mnist-cmn", "mnist-cnn"), ("sine", "sine-rnn"), ("fashion-mnist", "fashion-mnist-ffn")],
)
def test_an_unknown_name_gets_the_nearest(given: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"unknown example '{given}': did you mean .*{meant}"):
        catalogue.resolve(given)


@pytest.mark.parametrize("given", ["", "qqqq", "../cli", "__main__", "cli"])
def test_what_is_no_example_is_none(given: str) -> None:
    with pytest.raises(InputError, match="`keras-examples list` shows all"):
        catalogue.load(given)


def test_a_network_trained_by_a_recipe_has_a_name_where_trained_networks_are_used() -> None:
    name = catalogue.resolve("MNIST_CNN_augmented", recipes=True)

    assert name == catalogue.load(name).name == "mnist-cnn-augmented"
    assert catalogue.split(name) == ("mnist-cnn", "augmented")
    assert catalogue.command(name) == "keras-examples run mnist-cnn --augmented"
    assert catalogue.command("mnist-cnn") == "keras-examples run mnist-cnn"


def test_it_is_no_example_of_its_own() -> None:
    with pytest.raises(InputError, match="unknown example 'mnist-cnn-fast': did you mean"):
        catalogue.resolve("mnist-cnn-fast")
    assert "mnist-cnn-fast" not in catalogue.names()
