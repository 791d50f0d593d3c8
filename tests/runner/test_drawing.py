"""Animations of learning, and figures in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from keras_examples import InputError, run
from keras_examples.core import Trained
from keras_examples.datasets import Dataset
from keras_examples.figures.style import new_figure
from tests.figures.test_figures import needs_chinese_font
from tests.runner.conftest import Place
from tests.stub import Declare, fit


def slope(model: Any, data: Dataset) -> np.ndarray:
    return np.asarray(model.get_weights()[0])


def turning(trained: Trained) -> Iterator[Figure]:
    """The line after each epoch."""
    figure = new_figure("", figsize=(2, 2))
    axes = figure.subplots()
    for epoch, found in enumerate(trained.snapshots, start=1):
        axes.clear()
        axes.axline((0, 0), slope=float(found.item()))
        figure.suptitle(trained.text(f"epoch {epoch}", f"第 {epoch} 轮"))
        yield figure


def measured(trained: Trained) -> dict[str, Any]:
    measured.count += 1  # type: ignore[attr-defined]
    return {"error": float(np.abs(trained.outputs).mean())}


def test_an_animation_has_a_frame_for_each_epoch_and_its_last_one_as_a_still(
    declare: Declare, place: Place
) -> None:
    declare(animation=turning, frame=slope, epochs=5)
    done = place.run(animate=True)
    assert [path.name for path in done.figures] == [
        "line-fit.png",
        "line-turning.gif",
        "line-turning.png",
    ]
    with Image.open(place.plots / "line-turning.gif") as moving:
        assert moving.n_frames == 5  # type: ignore[attr-defined]
        first = np.asarray(moving.convert("RGB"))
        moving.seek(4)
        assert not np.array_equal(first, np.asarray(moving.convert("RGB")))


def test_without_the_option_nothing_moves_and_nothing_is_kept(
    declare: Declare, place: Place
) -> None:
    seen: list[Trained] = []

    def look(trained: Trained) -> Figure:
        seen.append(trained)
        return fit(trained)

    declare(animation=turning, frame=slope, figures=(look,))
    done = place.run()
    assert [path.name for path in done.figures] == ["line-look.png"]
    assert seen[0].snapshots == ()


def test_an_example_without_an_animation_says_so(declare: Declare, place: Place) -> None:
    declare()
    with pytest.raises(InputError, match="line has no animation; leave out --animate"):
        place.run(animate=True)


@needs_chinese_font
def test_both_languages_are_drawn_from_one_training_measured_once(
    declare: Declare, place: Place
) -> None:
    measured.count = 0  # type: ignore[attr-defined]
    declare(measure=measured)
    done = place.run(lang="both")
    assert measured.count == 1  # type: ignore[attr-defined]
    assert [path.name for path in done.figures] == ["line-fit.png"]
    english, chinese = (place.plots / folder / "line-fit.png" for folder in (".", "zh"))
    assert english.read_bytes() != chinese.read_bytes()


@needs_chinese_font
def test_the_figures_of_both_languages_are_those_of_either(
    declare: Declare, tmp_path: Path
) -> None:
    declare()
    places = {lang: Place(tmp_path / lang) for lang in ("both", "en", "zh")}
    for lang, one in places.items():
        one.run(lang=lang)
    both = places["both"].plots
    assert (both / "line-fit.png").read_bytes() == (
        places["en"].plots / "line-fit.png"
    ).read_bytes()
    assert (both / "zh" / "line-fit.png").read_bytes() == (
        places["zh"].plots / "line-fit.png"
    ).read_bytes()


def test_the_animations_of_the_examples_are_small(tmp_path: Path) -> None:
    for name in ("decision-boundary", "sine-rnn"):
        run(name, epochs=30, animate=True, verbose=False, plots=tmp_path, runs=tmp_path / "runs")
    for path in tmp_path.glob("*.gif"):
        assert path.stat().st_size < 1_000_000, path.name
    assert len(list(tmp_path.glob("*.gif"))) == 2
