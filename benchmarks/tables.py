"""What all sections of the page are written with."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Measurement = Mapping[str, Any]

NAMES = {"plain": "plain script", "runner": "runner", "torch": "PyTorch", "jax": "JAX"}


def of(runs: Iterable[Measurement], **which: Any) -> list[Measurement]:
    """Returns the measurements that have these values."""
    return [run for run in runs if all(run.get(name) == value for name, value in which.items())]


def examples(runs: Iterable[Measurement]) -> list[str]:
    """Returns the examples that were measured, in that order."""
    return list(dict.fromkeys(run["example"] for run in runs))


def seconds(runs: Iterable[Measurement]) -> list[float]:
    """Returns the seconds of measurements."""
    return [run["seconds"] for run in runs]


def ratios(
    runs: Sequence[Measurement], example: str, key: str = "seconds", than: str = "runner"
) -> list[float]:
    """Returns how much more the plain script takes, for each pair that ran one after the other."""
    plain, other = (of(runs, contestant=who, example=example) for who in ("plain", than))
    return [p[key] / o[key] for p, o in zip(plain, other, strict=True)]


def later(run: Measurement) -> float:
    """Returns the median seconds of the epochs after the first, which traces and compiles."""
    return statistics.median(run["epochs"][1:] or run["epochs"])


def times(values: Sequence[float]) -> str:
    """Returns a ratio's median, smallest and largest value."""
    return f"{statistics.median(values):.1f}× ({min(values):.1f}–{max(values):.1f})"


def spread(values: Sequence[float], scale: float = 1.0) -> str:
    """Returns the median, the smallest and the largest of some values."""
    low, middle, high = (
        scale * value for value in (min(values), statistics.median(values), max(values))
    )
    digits = 0 if middle >= 100 else 2
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Returns a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def listed(words: Sequence[str]) -> str:
    """Returns some words as a list in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def repeat(part: str, run: Measurement | None = None) -> str:
    """Returns how a part, and one of its runs, is measured again."""
    again = f"`python -m benchmarks --part {part}`"
    if run is None:
        return f"Repeat it by {again}."
    words = [run["contestant"], run["example"], *run["flags"]]
    return (
        f"Repeat it by {again}, or one run of it, such as this one, by "
        f"`python -m benchmarks.contestants {' '.join(words)}`."
    )
