"""Hyperparameter overrides: arguments of the example's `build_model`, as text or as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType
from typing import Any

from keras_examples.core import Example, InputError
from keras_examples.core.bounds import check

Types = tuple[type, ...]

_WORDS: Mapping[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    NoneType: "none",
}


def defaults(example: Example) -> dict[str, Any]:
    """Returns the hyperparameters of an example with the values they have unless overridden."""
    return {name: example.model_arguments[name].default for name in example.hyperparameters}


def explain(types: Mapping[str, Types]) -> str:
    """Returns hyperparameters with their types in words, for a message."""
    expected = [f"{name} ({_expected(allowed)})" for name, allowed in types.items()]
    return ", ".join(expected) or "none at all"


def parse(example: Example, overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns overrides converted to the types that the example's `build_model` takes.

    Args:
        example: The example.
        overrides: Values by name, or text that spells them.

    Raises:
        InputError: The example has no such hyperparameter, or it cannot have that value.
    """
    overrides = overrides or {}
    types = example.hyperparameters
    for name in overrides:
        if name not in types:
            raise InputError(
                f"{example.name} has no hyperparameter {name!r}; it has {explain(types)}."
            )
    parsed = {name: parse_value(name, value, types[name]) for name, value in overrides.items()}
    check(example.build_model, parsed)
    return parsed


def parse_value(name: str, value: object, types: Types) -> Any:
    """Returns a value converted to the first of some types that it fits.

    Args:
        name: What the value is, for the message.
        value: The value, or text that spells it.
        types: Of `int`, `float`, `bool`, `str` and `NoneType`.

    Raises:
        InputError: It is of none of the types.
    """
    for kind in types:
        try:
            return _PARSERS[kind](value)
        except ValueError:
            continue
    raise InputError(f"{name}: got {value!r}, expected {_expected(types)}.")


def spell(values: Mapping[str, Any], separator: str = ",") -> str:
    """Returns hyperparameters as they are written on the command line: `units=64,bias=none`."""
    return separator.join(
        f"{name}={str(value).lower() if value is None or isinstance(value, bool) else value}"
        for name, value in values.items()
    )


def _expected(types: Types) -> str:
    return " or ".join(_WORDS[kind] for kind in types)


def _parse_none(value: object) -> None:
    if value is not None and str(value).lower() != "none":
        raise ValueError


def _parse_bool(value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _parse_float(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _parse_str(value: object) -> str:
    if not isinstance(value, str) or not value or value.lower() == "none":
        raise ValueError
    return value


_PARSERS: Mapping[type, Any] = {
    int: lambda value: int(str(value)),
    float: _parse_float,
    bool: _parse_bool,
    str: _parse_str,
    NoneType: _parse_none,
}
