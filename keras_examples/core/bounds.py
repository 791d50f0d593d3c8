"""Bounds of a builder's arguments: declared in its signature, and checked wherever it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Any

from keras_examples.core.errors import InputError
from keras_examples.core.text import Text, choice_of


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The values that an argument may have.

    Args:
        least: The smallest number allowed, if there is one.
        above: What a number has to be larger than, if there is such a bound.
        most: The largest number allowed, if there is one.
        choices: The values allowed, if they are a fixed set.
    """

    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: object) -> None:
        """Checks an argument. What is no number, such as a schedule, is Keras's to judge.

        Raises:
            InputError: It is out of bounds.
        """
        allowed = not self.choices or value in self.choices
        if isinstance(value, Real):
            number: Any = value  # which is compared as it is: as a float it might be too large
            allowed = (
                (self.least is None or number >= self.least)
                and (self.above is None or number > self.above)
                and (self.most is None or number <= self.most)
            )
        if not allowed:
            expected = self.expected
            raise InputError(
                f"{name}: got {value!r}, expected {expected.en}.",
                f"{name}：得到 {value!r}，应为{expected.zh}。",
            )

    @property
    def expected(self) -> Text:
        """The values that an argument may have, in words."""
        if self.choices:
            return choice_of(self.choices)
        bounds = (
            (Text("at least", "不小于"), self.least),
            (Text("above", "大于"), self.above),
            (Text("at most", "不大于"), self.most),
        )
        stated = [(words, f" {bound:,}") for words, bound in bounds if bound is not None]
        return Text(
            f"a number {' and '.join(words.en + bound for words, bound in stated)}",
            f"{'且'.join(words.zh + bound for words, bound in stated)} 的数",
        )


# How many neurons, numbers or parts a layer has: with more, few machines have the memory.
Size = Annotated[int, Bounds(least=1, most=4096)]
# A learning rate: with 0 nothing is learned, and below it the loss rises.
Rate = Annotated[float, Bounds(above=0)]


def bounds_of(function: Callable[..., Any]) -> Mapping[str, Bounds]:
    """Returns the bounds that a function's signature declares, by the argument's name."""
    parameters = inspect.signature(function, eval_str=True).parameters
    return {
        name: bounds
        for name, parameter in parameters.items()
        for bounds in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(bounds, Bounds)
    }


def check(function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Checks arguments, by name, against the bounds that a function's signature declares.

    Raises:
        InputError: One is out of bounds.
    """
    bounds = bounds_of(function)
    for name, value in options.items():
        if name in bounds:
            for one in value if isinstance(value, tuple) else (value,):  # as of `*units`
                bounds[name].check(name, one)
