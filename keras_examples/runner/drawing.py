"""Draws the figures of a run, with a line of small print below each."""

from __future__ import annotations

from keras_examples.core import Text, Trained
from keras_examples.figures.style import add_footnote, style
from keras_examples.runner.output import Output


def draw(trained: Trained, output: Output) -> list[str]:
    """Draws all figures of a trained example; returns the names of their files."""
    names = []
    with style(trained.lang, foreign=trained.data.source == "images"):
        for function in trained.example.figures:
            figure = function(trained)
            if footnote := _footnote(trained):
                add_footnote(figure, *footnote)
            name = f"{trained.example.name}-{function.__name__.replace('_', '-')}.png"
            figure.savefig(output.plot(name))
            names.append(name)
    return names


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
