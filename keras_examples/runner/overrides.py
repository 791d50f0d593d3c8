"""Hyperparameter overrides: arguments of the example's `build_model`, as text or as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType
from typing import Any

from keras_examples.core import Example, InputError, Text
from keras_examples.core.bounds import check

Types = tuple[type, ...]

_WORDS: Mapping[type, Text] = {
    int: Text("a whole number", "整数"),
    float: Text("a number", "数"),
    bool: Text("true or false", "布尔值 true 或 false"),
    str: Text("text", "文字"),
    NoneType: Text("none", "空值 none"),
}


def defaults(example: Example) -> dict[str, Any]:
    """Returns the hyperparameters of an example with the values they have unless overridden."""
    return {name: example.model_arguments[name].default for name in example.hyperparameters}


def explain(types: Mapping[str, Types]) -> Text:
    """Returns hyperparameters with their types in words, for a message."""
    expected = [(name, _expected(allowed)) for name, allowed in types.items()]
    return Text(
        ", ".join(f"{name} ({words.en})" for name, words in expected) or "none at all",
        "、".join(f"{name}（{words.zh}）" for name, words in expected) or "无",
    )


def read_assignments(text: str) -> dict[str, str]:
    """Parses assignments such as `units=64,bias=none`.

    Raises:
        InputError: It is not of this form.
    """
    assignments: dict[str, str] = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise InputError(
                f"got {word!r}, expected NAME=VALUE.", f"得到 {word!r}，应为 NAME=VALUE。"
            )
        name = name.strip().replace("-", "_")
        if name in assignments:
            raise InputError(
                f"got {name} twice; leave out one of the two.",
                f"{name} 出现了两次；请去掉其中一个。",
            )
        assignments[name] = value.strip()
    return assignments


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
            has = explain(types)
            raise InputError(
                f"{example.name} has no hyperparameter {name!r}; it has {has.en}.",
                f"{example.name} 没有超参数 {name!r}；可用的超参数：{has.zh}。",
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
    expected = _expected(types)
    raise InputError(
        f"{name}: got {value!r}, expected {expected.en}.",
        f"{name}：得到 {value!r}，应为{expected.zh}。",
    )


def spell(values: Mapping[str, Any], separator: str = ",") -> str:
    """Returns hyperparameters as they are written on the command line: `units=64,bias=none`."""
    return separator.join(
        f"{name}={str(value).lower() if value is None or isinstance(value, bool) else value}"
        for name, value in values.items()
    )


def _expected(types: Types) -> Text:
    words = [_WORDS[kind] for kind in types]
    return Text(" or ".join(one.en for one in words), "或".join(one.zh for one in words))


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
