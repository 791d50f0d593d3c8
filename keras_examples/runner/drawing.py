"""Draws the figures of a run, with a line of small print below each."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from keras_examples.core import Text, Trained
from keras_examples.figures import animation
from keras_examples.figures.style import add_footnote, style


def draw(trained: Trained, folder: Path, *, animate: bool = False) -> list[str]:
    """Draws all figures of a trained example.

    Args:
        trained: The example.
        folder: Where to save them.
        animate: Whether to draw the animation, too.

    Returns:
        The names of the files.
    """
    names, example = [], trained.example
    with style(trained.lang, foreign=trained.data.source == "images"):
        for function in example.figures:
            names.append(f"{_stem(example.name, function.__name__)}.png")
            _with_footnote(function(trained), trained).savefig(folder / names[-1])
        if animate and example.animation:
            stem = _stem(example.name, example.animation.__name__)
            names += [f"{stem}.gif", f"{stem}.png"]
            frames = example.animation(trained)
            animation.save((_with_footnote(one, trained) for one in frames), folder / names[-2])
    return names


def _stem(example: str, function: str) -> str:
    return f"{example}-{function.replace('_', '-')}"


def _with_footnote(figure: Figure, trained: Trained) -> Figure:
    if footnote := _footnote(trained):
        add_footnote(figure, *footnote)
    return figure


def _footnote(trained: Trained) -> tuple[str, bool] | None:
    """Returns the small print, and whether it is a warning."""
    drawn_from = (trained, *trained.companions.values())
    if stand_ins := sorted({one.data.name for one in drawn_from if one.data.stand_in}):
        which = ", ".join(stand_ins)
        return stand_in_warning(which)[trained.lang], True
    if not trained.history:  # nothing here depends on a seed
        return None
    return trained.text(f"seed {trained.seed}", f"随机种子 {trained.seed}"), False


def stand_in_warning(name: str) -> Text:
    """Returns the warning in figures that were drawn from the stand-in of a data set."""
    return Text(
        f"STAND-IN DATA drawn by code, not the real {name}",
        f"替代数据：由程序绘制，不是真实的 {name}",
    )
