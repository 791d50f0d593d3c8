"""A series of numbers: read from a file, and continued by a network one step at a time."""

from __future__ import annotations

import codecs
import csv
import os
from typing import TYPE_CHECKING

import numpy as np

from keras_examples.core import InputError, keras_defaults
from keras_examples.core.files import read

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
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"cannot read {what} ({reason}); name a CSV file with one number per line."
        ) from None
    text = content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig", "replace")
    if "\0" in text:
        raise InputError(f"{what} is not a text file; name a CSV file with one number per line.")
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if lines and _parse(lines[0][1]) is None:
        del lines[0]  # the header
    return np.array([_number(line, f"{what}, line {number}") for number, line in lines])


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


def _number(line: str, where: str) -> float:
    number = _parse(line)
    if number is None or not abs(number) <= _LARGEST_NUMBER:
        shown = line if len(line) <= 40 else f"{line[:40]}…"
        raise InputError(f"{where}: got {shown!r}, expected one number per line; fix the line.")
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
            "the series is not made of numbers; give one number after another."
        ) from None
    if values.ndim != 1:
        raise InputError(f"the series has shape {values.shape}, expected (n,); give one series.")
    wrong = np.flatnonzero(~(np.abs(values) <= _LARGEST_NUMBER))
    if wrong.size:
        raise InputError(
            f"value {wrong[0] + 1} of the series is {values[wrong[0]]}, expected a number; "
            "leave it out or fix it."
        )
    if values.size < 2:
        raise InputError(
            f"the series has too few values: got {values.size}, expected tens of values; give a "
            "longer one."
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
