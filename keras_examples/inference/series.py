"""A series of numbers: read from a file, and continued by a network one step at a time."""

from __future__ import annotations

import codecs
import csv
import os
from typing import TYPE_CHECKING

import numpy as np

from keras_examples.core import InputError, Text, keras_defaults
from keras_examples.core.files import read, reason

if TYPE_CHECKING:
    import keras

LARGEST_FILE = 20_000_000  # bytes, about two million numbers
_LARGEST_NUMBER = 1e30  # beyond which differences could overflow float32
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # as PowerShell writes what it redirects


def read_series(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads a series from a CSV file: one number per line, in order, with or without a header.

    Args:
        path: The file, of any encoding, since only numbers matter. Empty lines are skipped.

    Returns:
        The numbers, shape `(n,)`.

    Raises:
        InputError: It cannot be read, or a line is not a number; the message says which line.
    """
    what = repr(os.fspath(path))
    try:
        content = read(path, LARGEST_FILE)
    except (OSError, ValueError) as error:  # ValueError: an invalid path
        why = reason(error) if isinstance(error, OSError) else Text(str(error), str(error))
        raise InputError(
            f"cannot read {what} ({why.en}); name a CSV file with one number per line.",
            f"无法读取 {what}（{why.zh}）；请指定每行一个数的 CSV 文件。",
        ) from None
    text = content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig", "replace")
    if "\0" in text:
        raise InputError(
            f"{what} is not a text file; name a CSV file with one number per line.",
            f"{what} 不是文本文件；请指定每行一个数的 CSV 文件。",
        )
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if lines and _parse(lines[0][1]) is None:
        del lines[0]  # the header
    return np.array(
        [
            _number(line, Text(f"{what}, line {number}", f"{what} 第 {number} 行"))
            for number, line in lines
        ]
    )


def _parse(line: str) -> float | None:
    """Returns the number in a line, or None if there is none, or more than one field."""
    try:
        fields = next(csv.reader([line]))
        while len(fields) > 1 and not fields[-1].strip():  # some programs write a trailing comma
            fields.pop()
        (field,) = fields
        return float(field)
    except (ValueError, csv.Error):
        return None


def _number(line: str, where: Text) -> float:
    number = _parse(line)
    if number is None or not abs(number) <= _LARGEST_NUMBER:
        shown = line if len(line) <= 40 else f"{line[:40]}…"
        raise InputError(
            f"{where.en}: got {shown!r}, expected one number per line; fix the line.",
            f"{where.zh}：得到 {shown!r}，应为每行一个数；请改正这一行。",
        )
    return number


def check_series(series: np.ndarray) -> np.ndarray:
    """Returns a series as floats, shape `(n,)`.

    Raises:
        InputError: It is not one-dimensional, or not at least two finite numbers.
    """
    try:
        values = np.asarray(series, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "the series is not made of numbers; give one number after another.",
            "序列里有不是数的东西；请依次给出一个个数。",
        ) from None
    if values.ndim != 1:
        raise InputError(
            f"the series has shape {values.shape}, expected (n,); give one series.",
            f"序列的形状是 {values.shape}，应为 (n,)；请只给出一个序列。",
        )
    wrong = np.flatnonzero(~(np.abs(values) <= _LARGEST_NUMBER))
    if wrong.size:
        raise InputError(
            f"value {wrong[0] + 1} of the series is {values[wrong[0]]}, expected a number; "
            "leave it out or fix it.",
            f"序列的第 {wrong[0] + 1} 个值是 {values[wrong[0]]}，应为数；请去掉或改正它。",
        )
    if values.size < 2:
        raise InputError(
            f"the series has too few values: got {values.size}, expected tens of values; give a "
            "longer one.",
            f"序列的值太少：得到 {values.size} 个，应有几十个；请给出更长的序列。",
        )
    return values


@keras_defaults()
def run_freely(model: keras.Model, start: np.ndarray, steps: int) -> np.ndarray:
    """Forecasts step by step, from the network's own forecasts.

    Args:
        model: From windows, shape `(batch, window, 1)`, to the next value, shape `(batch, 1)`.
        start: The last known values, shape `(window,)`.
        steps: How many values to forecast.

    Returns:
        The forecasts, shape `(steps,)`.
    """
    values = list(np.asarray(start, dtype=np.float32))
    for _ in range(steps):
        window = np.array(values[-len(start) :], dtype=np.float32)
        values.append(model.predict_on_batch(window[None, :, None])[0, 0])
    return np.array(values[len(start) :])
