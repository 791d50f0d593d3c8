"""The figure of a comparison: every metric over the epochs, a line and a band for each setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_examples.compare.results import Result, by_setting
from keras_examples.core import Example, Text
from keras_examples.figures import style
from keras_examples.figures.shared import loss_label, scale_to

_DASHES = ("-", "--", ":", "-.")


def draw(example: Example, results: Sequence[Result], lang: str) -> Figure:
    """Draws the mean over the seeds, and a band from the smallest value to the largest.

    Args:
        example: The example that was trained.
        results: All results, of which at least one is complete.
        lang: Language of the labels, `"en"` or `"zh"`.
    """
    complete = [result for result in results if result.status == "complete"]
    metrics = [name for name in complete[0].history if not name.startswith("val_")]
    held_out = any(name.startswith("val_") for name in complete[0].history)
    rows = 2 if held_out else 1
    varied = ", ".join(complete[0].setting)
    title = Text(f": {varied} compared", f"：不同 {varied} 的比较")[lang]
    figure = style.new_figure(
        example.title[lang] + title, figsize=(2.6 + max(6.0, 4.4 * len(metrics)), 1.2 + 3.2 * rows)
    )
    grid = figure.subplots(rows, len(metrics), squeeze=False, sharex=True, sharey="col")
    for column, metric in enumerate(metrics):
        for axes, key in zip(grid[:, column], (metric, f"val_{metric}"), strict=False):
            _curves(axes, by_setting(results), key, lang)
        losses = [one.history[metric] for one in complete]
        _label(grid[:, column], metric, complete[0].record["loss"], losses, lang)
    for axes in grid[-1]:
        axes.set_xlabel(Text("Epoch", "轮次 (epoch)")[lang])
    if held_out:
        for axes in grid[0]:
            axes.set_title(Text("Training", "训练")[lang])
        for axes in grid[1]:
            axes.set_title(Text("Validation", "验证")[lang])
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center")  # the footnote is below
    return figure


def _curves(axes: Axes, groups: Mapping[str, list[Result]], metric: str, lang: str) -> None:
    for number, (setting, group) in enumerate(groups.items()):
        curves = [result.history[metric] for result in group if result.status == "complete"]
        colour = style.PALETTE[number % len(style.PALETTE)]
        dashes = _DASHES[number // len(style.PALETTE) % len(_DASHES)]
        name = setting.replace(", ", "\n") + _failures(len(curves), len(group), lang)
        if not curves:
            axes.plot([], [], dashes, color=colour, label=name)
            continue
        values = np.array(curves)
        epochs = np.arange(1, values.shape[1] + 1)
        marker = "o" if len(epochs) == 1 else ""  # a line through one point is invisible
        mean = values.mean(axis=0)
        axes.plot(epochs, mean, dashes, marker=marker, color=colour, label=name)
        axes.fill_between(
            epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, linewidth=0
        )
    style.count_axis(axes, "")


def _failures(complete: int, tried: int, lang: str) -> str:
    if complete == tried:
        return ""
    failed = tried - complete
    return Text(f"\n(failed: {failed} of {tried})", f"\n（{tried} 次中失败 {failed} 次）")[lang]


def _label(
    column: Iterable[Axes], metric: str, loss: str | None, curves: list[list[float]], lang: str
) -> None:
    for axes in column:
        if metric == "accuracy":
            axes.set_ylabel(Text("Accuracy (% of samples)", "准确率（占样本的 %）")[lang])
            axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}")
        elif metric == "loss":
            axes.set_ylabel(loss_label(loss, lang))
            scale_to(axes, np.concatenate(curves))
        else:
            axes.set_ylabel(metric)
