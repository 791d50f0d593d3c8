"""What several examples are run with, and in which order."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_examples.core import Example, InputError, catalogue
from keras_examples.core.records import read_record
from keras_examples.runner.options import Options


def plan(names: Sequence[str], options: Options, *, leave_out: bool) -> dict[str, dict[str, Any]]:
    """Returns the options for each of several examples, checked, by name.

    Those that take longest are first, so that at the end of a run side by side none is left alone.

    Args:
        names: The examples.
        options: The options for all of them.
        leave_out: Whether to drop options that an example has no use for, instead of an error.

    Raises:
        InputError: An example cannot be run with the options.
    """
    examples = [catalogue.load(name) for name in names]
    plans = {}
    for example in sorted(examples, key=lambda one: _length(one, options), reverse=True):
        if not leave_out:
            options.check_example(example)
        default = Options()
        unused = {name: getattr(default, name) for name in options.unusable(example)}
        plans[example.name] = {**_as_dict(options), **unused}
    return plans


def _as_dict(options: Options) -> dict[str, Any]:
    return {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}


def _length(example: Example, options: Options) -> tuple[float, bool, int]:
    """Sort key for the time that an example takes.

    It is that of its last run. If there is none, those that learn from one of the large data sets
    take longest, and the more the later in the course.
    """
    try:
        record = read_record(Path(options.runs) / example.name / "run.json")
    except InputError:  # it will be replaced
        record = None
    seconds = record["seconds"]["total"] if record else math.inf
    return seconds, "data" in example.data_arguments, catalogue.names().index(example.name)
