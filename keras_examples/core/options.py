"""Options, each declared once for a function, its command, their checks and the docs.

The options of a function are the fields of a dataclass, each made by `option()`. `takes()` gives
the function their signature and their part of its docstring; the command line is made from the same
fields, in `keras_examples.cli`.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from keras_examples.core.errors import InputError
from keras_examples.core.text import Text, choice_of, speaking, spoken

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Declared = TypeVar("Declared")


@dataclass(frozen=True, kw_only=True)
class Option:
    """What is declared of an option besides its name, its type and its default.

    Args:
        help: What it does, in sentences, in both languages.
        least: The smallest whole number allowed, if it is a whole number.
        most: The largest, if there is one.
        choices: The values allowed, if they are a fixed set.
        metavar: The placeholder for its value in the command's help.
        read: Reads its value from a word on the command line; None if it has no flag there.
        config: Whether the result of a run depends on it.
        repeat: Whether the command that repeats a run includes it.
        named: Whether its default on the command line depends on who types it, so that the command
            that repeats a run names it.
    """

    help: Text
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    metavar: str = ""
    read: Callable[[str], Any] | None = str
    config: bool = False
    repeat: bool = True
    named: bool = False

    def check(self, name: str, value: object) -> None:
        """Checks a value against the bounds.

        Raises:
            InputError: It is out of bounds.
        """
        if self.least is not None:
            whole_number(name.replace("_", " "), value, self.least, self.most)
        if self.choices:
            one_of(name, value, self.choices)


def option(default: Any, en: str, zh: str, **more: Any) -> Any:
    """Returns a dataclass field for an option.

    Args:
        default: Its default; `dataclasses.MISSING` for none.
        en: What it does, in sentences, in English.
        zh: The same in Chinese.
        **more: Further arguments of `Option`.
    """
    about = Option(help=Text(en, zh), **more)
    return dataclasses.field(default=default, metadata={"option": about})


def options_of(declared: Any) -> Iterator[tuple[dataclasses.Field[Any], Option]]:
    """Yields the options that a dataclass declares, in order: each its field and its `Option`."""
    for field in dataclasses.fields(declared):
        if "option" in field.metadata:
            yield field, field.metadata["option"]


def check(options: Any) -> None:
    """Checks the values of all options against their bounds.

    Args:
        options: An instance of a dataclass that declares options. None, where it is the default,
            stands for no value.

    Raises:
        InputError: One is out of bounds.
    """
    for field, about in options_of(options):
        value = getattr(options, field.name)
        if value is not None or field.default is not None:
            about.check(field.name, value)


def config_of(options: Any) -> dict[str, Any]:
    """Returns the values of the options that the result of a run depends on, by name."""
    return {
        field.name: getattr(options, field.name)
        for field, about in options_of(options)
        if about.config
    }


def words(options: Any) -> list[str]:
    """Returns the options that differ from their defaults as words of a command, except folders."""
    changed = []
    for field, about in options_of(options):
        value = getattr(options, field.name)
        if about.repeat and (about.named or value != field.default):
            changed += [flag(field.name)] if value is True else [flag(field.name), str(value)]
    return changed


def flag(name: str) -> str:
    """Returns an option's flag on the command line, such as `--batch-size`."""
    return f"--{name.replace('_', '-')}"


class Task(Protocol[T_co]):
    """Something that is ready to run."""

    def run(self) -> T_co:
        """Runs it, and returns the result."""


def takes(
    options: Callable[P, Declared],
) -> Callable[[Callable[[str, Declared], Task[T]]], Callable[Concatenate[str, P], T]]:
    """Returns a decorator for a function that takes the options a dataclass declares.

    The decorated function takes a name and the dataclass, and prepares a task. Its callers pass the
    name and the options as arguments, and get the result of the task. In its docstring, the line
    about `options` is replaced by a description of each.

    Args:
        options: The dataclass.
    """

    def decorate(
        prepare: Callable[[str, Declared], Task[T]],
    ) -> Callable[Concatenate[str, P], T]:
        @functools.wraps(prepare)
        def carry_out(name: str, *args: P.args, **more: P.kwargs) -> T:
            declared = options(*args, **more)
            # Who asks for Chinese figures reads Chinese; other languages say nothing of that.
            lang = "zh" if getattr(declared, "lang", "") == "zh" else spoken()
            with speaking(lang):
                return prepare(name, declared).run()

        own = inspect.signature(prepare)
        name = next(iter(own.parameters.values()))
        declared = inspect.signature(options).parameters.values()
        result = str(own.return_annotation).removeprefix("Task[").removesuffix("]")
        carry_out.__signature__ = own.replace(  # type: ignore[attr-defined]
            parameters=[name, *declared], return_annotation=result
        )
        carry_out.__doc__ = re.sub(
            r"^( +)options: .*$",  # indented less from Python 3.13 on
            lambda line: _describe(options, line[1]),
            prepare.__doc__ or "",
            flags=re.MULTILINE,
        )
        return cast(Callable[Concatenate[str, P], T], carry_out)

    return decorate


def _describe(declared: Any, indent: str) -> str:
    paragraphs = (
        textwrap.fill(
            f"{field.name}: {about.help.en}",
            width=100,
            initial_indent=indent,
            subsequent_indent=f"{indent}    ",
            break_on_hyphens=False,
        )
        for field, about in options_of(declared)
    )
    return "\n".join(paragraphs)


def whole_number(what: str, value: object, least: int, most: int | None = None) -> int:
    """Returns a value as a whole number within bounds.

    Args:
        what: What the number is, for the message.
        value: An int, or text that spells one.
        least: The smallest value allowed.
        most: The largest value allowed, if there is one.

    Raises:
        InputError: The value is not a whole number, or out of bounds.
    """
    try:
        number = int(str(value))
    except ValueError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        bounds = Text(f"from {least} to {most}", f" {least} 到 {most} 之间的整数")
        if most is None:
            bounds = Text(f"at least {least}", f"不小于 {least} 的整数")
        raise InputError(
            f"{what}: got {value!r}, expected a whole number {bounds.en}.",
            f"{what}：得到 {value!r}，应为{bounds.zh}。",
        )
    return number


def one_of(what: str, value: object, choices: tuple[str, ...]) -> str:
    """Returns a value if it is one of the choices.

    Raises:
        InputError: It is none of them.
    """
    if value not in choices:
        expected = choice_of(choices)
        raise InputError(
            f"{what}: got {value!r}, expected {expected.en}.",
            f"{what}：得到 {value!r}，应为 {expected.zh}。",
        )
    return str(value)
