"""What a run can change of a network: the arguments of the example's `build_model`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType
from typing import Any

from keras_examples.core import Example, InputError

_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    NoneType: "none",
}


Types = tuple[Any, ...]


def possible(example: Example) -> dict[str, Types]:
    """Returns the hyperparameters of an example, by name, each with the types that it can have.

    They are the arguments of `build_model` that can be written as a word, but for `rescale`, which
    is an option of every run, and for those that `load_data` takes too: the network and its data
    have to agree on them.

    Args:
        example: The example.
    """
    return dict(example.hyperparameters)


def defaults(example: Example) -> dict[str, Any]:
    """Returns the hyperparameters of an example with the values they have unless changed."""
    return {name: example.model_arguments[name].default for name in possible(example)}


def explain(types: Mapping[str, Types]) -> str:
    """Returns hyperparameters with their types in words, for a message."""
    words = [f"{name} ({_expected(own)})" for name, own in types.items()]
    return ", ".join(words) or "none at all"


def resolve(example: Example, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns hyperparameters in the types that the example's `build_model` wants.

    Args:
        example: The example.
        given: Values by name, as such or as text that spells them.

    Raises:
        InputError: The example has no such hyperparameter, or it cannot have that value.
    """
    types = possible(example)
    for name in given:
        if name not in types:
            raise InputError(
                f"{example.name} has no hyperparameter {name!r}; it has {explain(types)}."
            )
    return {name: read(name, value, types[name]) for name, value in given.items()}


def read(name: str, given: object, types: Types) -> Any:
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
            return _READERS[one](given)
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


def _none(given: object) -> None:
    if given is not None and str(given).lower() != "none":
        raise ValueError


def _bool(given: object) -> bool:
    word = str(given).lower()
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _float(given: object) -> float:
    number = float(str(given))
    if not math.isfinite(number):
        raise ValueError
    return number


def _str(given: object) -> str:
    if not isinstance(given, str) or not given or given.lower() == "none":
        raise ValueError
    return given


_READERS: Mapping[Any, Any] = {
    int: lambda given: int(str(given)),
    float: _float,
    bool: _bool,
    str: _str,
    NoneType: _none,
}
