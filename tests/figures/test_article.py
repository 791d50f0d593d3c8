"""The article's own figures."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

from keras_examples.figures import article
from tests.figures.test_figures import drawn, needs_chinese_font, trained


@pytest.mark.parametrize(
    ("draw", "lang", "labels", "y"),
    [
        pytest.param(
            article.article_loss, "zh", ["训练损失", "验证损失"], "损失", marks=needs_chinese_font
        ),
        (article.article_loss, "en", ["Training loss", "Validation loss"], "Loss"),
        (article.article_accuracy, "en", ["accuracy", "val_accuracy"], "accuracy"),
    ],
)
def test_it_is_drawn_by_the_articles_calls_in_the_default_look(
    draw: object, lang: str, labels: list[str], y: str
) -> None:
    figure = drawn(draw, trained(lang))
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == labels
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Epochs", y)
    assert tuple(figure.get_size_inches()) == (6.4, 4.8)
    assert [to_hex(line.get_color()) for line in axes.lines] == ["#1f77b4", "#ff7f0e"]


def test_the_look_of_the_other_figures_is_what_it_was() -> None:
    before = dict(mpl.rcParams)
    drawn(article.article_loss, trained())
    assert dict(mpl.rcParams) == before
