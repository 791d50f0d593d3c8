"""What a run changes of a network: arguments of the example's `build_model`, as words or values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType
from typing import Any

from keras_examples.core import Example, InputError

Types = tuple[type, ...]

_WORDS: Mapping[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    NoneType: "none",
}


def defaults(example: Example) -> dict[str, Any]:
    """Returns the hyperparameters of an example with the values they have unless overridden."""
    return {name: example.model_arguments[name].default for name in example.hyperparameters}


def explain(types: Mapping[str, Types]) -> str:
    """Returns hyperparameters with their types in words, for a message."""
    expected = [f"{name} ({_expected(own)})" for name, own in types.items()]
    return ", ".join(expected) or "none at all"


def parse(example: Example, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Returns overrides in the types that the example's `build_model` wants.

    Args:
        example: The example.
        overrides: Values by name, as such or as text that spells them.

    Raises:
        InputError: The example has no such hyperparameter, or it cannot have that value.
    """
    types = example.hyperparameters
    for name in overrides:
        if name not in types:
            raise InputError(
                f"{example.name} has no hyperparameter {name!r}; it has {explain(types)}."
            )
    return {name: parse_value(name, value, types[name]) for name, value in overrides.items()}


def parse_value(name: str, given: object, types: Types) -> Any:
    """Returns a value as one of some types.

    Args:
        name: What the value is, for the message.
        given: The value, or text that spells it.
        types: Of `int`, `float`, `bool`, `str` and `NoneType`.

    Raises:
        InputError: It is of none of the types.
    """
    for one in types:
        try:
            return _PARSERS[one](given)
        except ValueError:
            continue
    raise InputError(f"{name}: got {given!r}, expected {_expected(types)}.")


def spell(values: Mapping[str, Any], separator: str = ",") -> str:
    """Returns hyperparameters as they are written on the command line: `units=64,bias=none`."""
    return separator.join(
        f"{name}={str(value).lower() if value is None or isinstance(value, bool) else value}"
        for name, value in values.items()
    )


def _expected(types: Types) -> str:
    return " or ".join(_WORDS[one] for one in types)


def _parse_none(given: object) -> None:
    if given is not None and str(given).lower() != "none":
        raise ValueError


def _parse_bool(given: object) -> bool:
    word = str(given).lower()
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _parse_float(given: object) -> float:
    number = float(str(given))
    if not math.isfinite(number):
        raise ValueError
    return number


def _parse_str(given: object) -> str:
    if not isinstance(given, str) or not given or given.lower() == "none":
        raise ValueError
    return given


_PARSERS: Mapping[type, Any] = {
    int: lambda given: int(str(given)),
    float: _parse_float,
    bool: _parse_bool,
    str: _parse_str,
    NoneType: _parse_none,
}
