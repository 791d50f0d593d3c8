from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from keras_examples import InputError, Run, core, figures
from keras_examples.core import Example, Trained, catalogue
from keras_examples.datasets import Dataset
from keras_examples.figures import fonts, style

CLASSES = (core.Text("cat", "猫"), core.Text("dog", "狗"), core.Text("cow", "牛"))
needs_chinese_font = pytest.mark.skipif(
    fonts.chinese() is None, reason="no Chinese font on this machine"
)


def trained(
    lang: str = "en",
    *,
    epochs: int = 4,
    history: dict[str, list[float]] | None = None,
    outputs: Sequence[Sequence[float]] | None = None,
    loss: str = "sparse_categorical_crossentropy",
    samples: int = 5,
    classes: tuple[core.Text, ...] = CLASSES,
) -> Trained:
    """Five images of three classes, the last of them taken for a cow with great confidence."""
    images = np.zeros((samples, 4, 4), np.uint8)
    labels = np.resize(np.arange(len(classes), dtype=np.uint8), samples)
    guesses = outputs or [[9, 1, 0], [0, 9, 1], [0, 1, 9], [4, 5, 1], [0, 1, 9]]
    falling = [1 / (epoch + 1) for epoch in range(epochs)]
    example: Any = SimpleNamespace(title=core.Text("Animals", "动物"))
    model: Any = SimpleNamespace(
        loss=loss, predict=lambda x, **_: np.array(guesses, np.float32)[: len(x)] / 10
    )
    return Trained(
        example=example,
        model=model,
        data=Dataset.computed("animals", (images, labels), (images, labels), classes),
        history=history
        or {
            "loss": falling,
            "accuracy": [1 - value / 2 for value in falling],
            "val_loss": [value + 0.1 for value in falling],
            "val_accuracy": [0.9 - value / 2 for value in falling],
        },
        lang=lang,
    )


def drawn(function: Any, subject: Trained) -> Figure:
    """Draws a figure as the runner does, down to the pixels."""
    with style.style(subject.lang):
        figure: Figure = function(subject)
        figure.savefig(io.BytesIO())
        return figure


def headings(figure: Figure) -> list[Text]:
    """The titles of a figure, of its parts and of the images in them."""
    titles = [axes.title for axes in figure.findobj(mpl.axes.Axes) if axes.get_title()]
    return [text for part in (figure, *figure.subfigs) for text in part.texts] + titles


def overlaps(texts: Sequence[Text]) -> list[tuple[str, str]]:
    """The pairs of texts, of those of a figure that has been drawn, that touch."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in dict.fromkeys(texts)]
    return [
        (one, other)
        for (one, left), (other, right) in itertools.combinations(boxes, 2)
        if left.overlaps(right)
    ]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


ALL = pytest.mark.parametrize(
    "function", [figures.loss, figures.accuracy, figures.predictions, figures.confusion]
)


@ALL
def test_a_figure_has_a_title(function: Any) -> None:
    assert drawn(function, trained()).get_suptitle().startswith("Animals: ")


@needs_chinese_font
@ALL
def test_a_chinese_figure_has_a_chinese_title_and_no_missing_glyph(function: Any) -> None:
    # A glyph that the font lacks is a warning, and warnings are errors here.
    assert drawn(function, trained("zh")).get_suptitle().startswith("动物：")


@needs_chinese_font
@pytest.mark.parametrize(
    ("function", "labels"),
    [
        (figures.loss, ["训练损失", "验证损失", "损失（交叉熵，奈特）", "轮次 (epoch)"]),
        (figures.accuracy, ["训练准确率", "验证准确率", "准确率（占样本的 %）"]),
        (figures.predictions, ["前几张测试图像", "牛 (90%)\n实为：狗", "5 张测试图像中错 2 张"]),
        (figures.confusion, ["预测类别", "真实类别", "猫"]),
    ],
)
def test_chinese_figures_have_the_labels_of_the_article(function: Any, labels: list[str]) -> None:
    text = words(drawn(function, trained("zh")))
    for label in labels:
        assert label in text


def some_are_slow(names: list[str]) -> list[Any]:
    """Marks the examples that train for long as slow."""
    soon = {
        "activations",
        "backpropagation-through-time",
        "edge-detection",
        "gradient-descent",
        "three-layer-network",
        "xor",
    }
    return [name if name in soon else pytest.param(name, marks=pytest.mark.slow) for name in names]


@needs_chinese_font
@pytest.mark.parametrize("name", some_are_slow(catalogue.names()))
def test_the_figures_of_an_example_are_drawn_in_chinese(
    name: str, quick_run: Callable[..., Run]
) -> None:
    example = catalogue.load(name)
    done = quick_run(name, lang="zh", **({"epochs": 1} if example.epochs else {}))
    assert len(done.figures) == len(example.figures)


def test_chinese_figures_without_a_chinese_font_name_packages_that_bring_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_find", lambda **_: None)
    fonts.require("en")
    with pytest.raises(InputError, match=r"fonts-wqy-microhei.*google-noto.*noto-fonts-cjk"):
        fonts.require("zh")


def test_a_damaged_font_is_passed_over(tmp_path: Any) -> None:
    font = tmp_path / "broken.ttf"
    font.write_bytes(b"no font")
    fonts._add(str(font))


def test_the_curves_are_those_of_the_history() -> None:
    subject = trained()
    (axes,) = drawn(figures.loss, subject).axes
    training, validation = axes.lines
    assert np.asarray(training.get_xdata()).tolist() == [1, 2, 3, 4]
    assert np.asarray(training.get_ydata()).tolist() == subject.history["loss"]
    assert np.asarray(validation.get_ydata()).tolist() == subject.history["val_loss"]
    assert axes.get_xlabel() == "Epoch"
    assert axes.get_ylabel() == "Loss (cross-entropy, nats)"


def test_curves_differ_in_more_than_their_colour() -> None:
    (axes,) = drawn(figures.accuracy, trained()).axes
    assert len({line.get_marker() for line in axes.lines}) == 2
    assert len({line.get_color() for line in axes.lines}) == 2


@pytest.mark.parametrize("epochs", [1, 2, 5, 13, 30, 100, 128, 2001])
def test_epochs_are_whole_numbers_from_the_first_to_the_last_and_keep_apart(epochs: int) -> None:
    (axes,) = drawn(figures.loss, trained(epochs=epochs)).axes
    ticks = axes.get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))
    assert (ticks[0], ticks[-1]) == (1, epochs)
    assert len(ticks) >= min(epochs, 5)
    assert not overlaps([label for label in axes.get_xticklabels() if label.get_text()])


def test_an_axis_of_counts_on_which_nothing_is_drawn_is_left_as_it_is() -> None:
    with style.style():
        axes = style.new_figure("Title").subplots()
        axes.plot([], [])
        style.count_axis(axes, "Epoch")
    assert axes.get_xlabel() == "Epoch"


def test_accuracy_is_in_percent() -> None:
    (axes,) = drawn(figures.accuracy, trained()).axes
    assert "%" in axes.get_ylabel()
    assert axes.yaxis.get_major_formatter()(0.875, 0) == "87.5"


def test_a_loss_over_many_orders_of_magnitude_is_drawn_on_a_log_axis() -> None:
    steep = trained(history={"loss": [1.0, 0.1, 0.001]})
    flat = trained(history={"loss": [1.0, 0.9, 0.8]})
    assert drawn(figures.loss, steep).axes[0].get_yscale() == "log"
    assert drawn(figures.loss, flat).axes[0].get_yscale() == "linear"


def test_without_validation_there_is_one_curve() -> None:
    (axes,) = drawn(figures.loss, trained(history={"loss": [1.0, 0.5]})).axes
    assert len(axes.lines) == 1


def test_a_loss_without_a_name_of_ours_has_no_unit() -> None:
    (axes,) = drawn(figures.loss, trained(loss="hinge")).axes
    assert axes.get_ylabel() == "Loss"


def test_a_mistake_says_what_the_image_is_and_the_surest_comes_first() -> None:
    figure = drawn(figures.predictions, trained())
    shown = [axes.get_title() for axes in figure.findobj(mpl.axes.Axes) if axes.images]
    assert shown == [
        "cat (90%)",
        "dog (90%)",
        "cow (90%)",
        "dog (50%)\ntrue: cat",
        "cow (90%)\ntrue: dog",
        "cow (90%)\ntrue: dog",
        "dog (50%)\ntrue: cat",
    ]
    assert "2 of 5 test images are wrong" in words(figure)


@needs_chinese_font
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_headings_of_the_predictions_touch_no_other_text(lang: str) -> None:
    many = [[0, 9, 1]] * 40  # every cat and every cow is a mistake
    subject = trained(lang, outputs=many, samples=40)
    with style.style(lang):
        figure = figures.predictions(subject)
        style.add_footnote(figure, "seed 0")
        figure.savefig(io.BytesIO())
    assert not overlaps(headings(figure))


def test_the_name_of_a_class_is_cut_off_before_it_reaches_the_next_image() -> None:
    long = core.Text("a very long name of a class", "很长的类别名称")
    subject = trained(outputs=[[0, 9, 1]] * 40, samples=40, classes=(long,) * 3)
    assert not overlaps(headings(drawn(figures.predictions, subject)))


def test_predictions_without_a_mistake_can_be_drawn() -> None:
    right = [[9, 0, 0], [0, 9, 0], [0, 0, 9], [9, 0, 0], [0, 9, 0]]
    assert "0 of 5" in words(drawn(figures.predictions, trained(outputs=right)))


def test_the_confusion_matrix_counts_true_classes_down_and_predicted_ones_across() -> None:
    axes = drawn(figures.confusion, trained()).axes[0]
    counts = {text.get_position(): int(text.get_text()) for text in axes.texts}
    assert counts == {(0, 0): 1, (1, 0): 1, (1, 1): 1, (2, 1): 1, (2, 2): 1}
    assert axes.get_xlabel() == "Predicted class"
    assert axes.get_ylabel() == "True class"


def test_mistakes_have_a_colour_scale_of_their_own() -> None:
    mistakes, right = drawn(figures.confusion, trained()).axes[0].images
    assert mistakes.get_clim() == (0, 50)  # one of two cats, one of two dogs
    assert right.get_clim() == (0, 100)
    assert mistakes.get_cmap().name != right.get_cmap().name
    wrong, own = (
        np.isfinite(np.ma.filled(np.ma.asarray(image.get_array()), np.nan))
        for image in (mistakes, right)
    )
    np.testing.assert_array_equal(own, np.eye(3))
    np.testing.assert_array_equal(wrong, [[0, 1, 0], [0, 0, 1], [0, 0, 0]])


def test_a_confusion_matrix_without_a_mistake_can_be_drawn() -> None:
    right = [[9, 0, 0], [0, 9, 0], [0, 0, 9], [9, 0, 0], [0, 9, 0]]
    axes = drawn(figures.confusion, trained(outputs=right)).axes[0]
    assert {text.get_text() for text in axes.texts} == {"1", "2"}


def test_the_numbers_of_a_confusion_matrix_of_many_classes_keep_apart() -> None:
    classes = tuple(core.Text(f"class {number}", f"类别 {number}") for number in range(40))
    outputs = np.full((200, 40), 0.1)
    outputs[np.arange(200), np.arange(200) % 39] = 9
    subject = trained(outputs=outputs.tolist(), samples=200, classes=classes)
    axes = drawn(figures.confusion, subject).axes[0]
    assert not overlaps([*axes.texts, *axes.get_yticklabels()])


def test_a_footnote_stands_below_the_figure() -> None:
    with style.style():
        figure = style.new_figure("Title")
        style.add_footnote(figure, "seed 0")
        style.add_footnote(figure, "STAND-IN", warning=True)
        figure.savefig(io.BytesIO())
    assert "STAND-IN" in words(figure)


def test_the_style_ends_with_its_block() -> None:
    before = dict(mpl.rcParams)
    with style.style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


def test_colours_of_the_palette_differ_in_grey_too() -> None:
    from matplotlib.colors import to_rgb

    greys = sorted(
        float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) for colour in style.PALETTE[:4]
    )
    assert min(np.diff(greys)) > 0.02


def test_an_example_knows_the_arguments_of_its_builder() -> None:
    from keras_examples import mnist_cnn, sine_rnn

    examples: list[Example] = [mnist_cnn.EXAMPLE, sine_rnn.EXAMPLE]
    assert ["rescale" in example.model_arguments for example in examples] == [True, False]
