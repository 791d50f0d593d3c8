"""Command-line arguments, made from the options that functions declare."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from keras_examples.cli import chinese
from keras_examples.core import InputError, Text
from keras_examples.core.options import Option, flag, options_of, whole_number
from keras_examples.core.text import choice_of, say, spoken
from keras_examples.runner.options import TrainingOptions

EXAMPLE = Text("an example (see `keras-examples list`)", "一个示例（见 `keras-examples list`）")


class Parser(argparse.ArgumentParser):
    """Reports a mistake in one line, without repeating the usage; speaks Chinese, too."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more, formatter_class=chinese.HelpFormatter)

    def error(self, message: str) -> NoReturn:
        """Raises an `InputError`."""
        said = Text(message, chinese.translate(message))
        raise InputError(
            f"{said.en} (see `{self.prog} --help`)", f"{said.zh}（见 `{self.prog} --help`）"
        )

    def format_help(self) -> str:
        """Returns the help in the language of the messages."""
        text = super().format_help()
        return chinese.headings(text) if spoken() == "zh" else text


class PrintCompletion(argparse.Action):
    """Prints a completion script for a shell, made from the parser that it belongs to."""

    def __call__(self, parser: argparse.ArgumentParser, *others: Any) -> NoReturn:
        """Prints it and exits."""
        import shtab  # its import takes longer than the command `list`

        _, shell, _ = others
        print(shtab.complete(parser, shell))
        parser.exit()


class Once(argparse.Action):
    """Stores an option's value, and refuses a second one, which would replace it in silence."""

    _stored_in: argparse.Namespace | None = None

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Stores the value."""
        if namespace is self._stored_in:
            twice = say("given twice; leave out one of the two", "给出了两次；请去掉其中一个")
            raise argparse.ArgumentError(self, twice)
        self._stored_in = namespace
        setattr(namespace, self.dest, values)


def add_options(
    parser: argparse.ArgumentParser, declared: Any, *, only: Collection[str] = ()
) -> None:
    """Adds the options that a dataclass declares to a parser.

    Args:
        parser: The parser.
        declared: The dataclass.
        only: Names of the options to add; all that have a flag by default.
    """
    for field, about in options_of(declared):
        if about.read is not None and (not only or field.name in only):
            _add(parser, field, about)


def _add(parser: argparse.ArgumentParser, field: dataclasses.Field[Any], about: Option) -> None:
    more: dict[str, Any] = {"help": _help(str(about.help))}
    if isinstance(field.default, bool):
        more["action"] = "store_true"
    else:
        more["default"] = None if about.named else field.default
        more["metavar"] = about.metavar or ("N" if about.least is not None else None)
        more["choices"] = about.choices or None
        more["type"] = reading(about)
        more["action"] = Once
    parser.add_argument(flag(field.name), **more)


def _help(text: str) -> str:
    return (text[0].lower() + text[1:]).rstrip(".。").replace("`", "").replace("%", "%%")


def reading(about: Option) -> Callable[[str], Any]:
    """Returns a function for argparse's `type` that reads an option's value from a word."""

    def read(word: str) -> Any:
        try:
            if about.least is not None:
                return whole_number("", word, about.least, about.most)
            return about.read(word) if about.read else word
        except InputError as error:
            message = str(error).removeprefix(": ").removeprefix("：").rstrip(".。")
            raise argparse.ArgumentTypeError(message) from None

    return read


def add_force(parser: argparse.ArgumentParser, what: Text) -> None:
    """Adds `--force` to a parser.

    Args:
        parser: The parser.
        what: What it replaces, such as "file".
    """
    about = say(
        f"replace a {what.en} that keras-examples did not write",
        f"替换不是 keras-examples 写的{what.zh}",
    )
    parser.add_argument("--force", action="store_true", help=about)


def add_language(parser: argparse.ArgumentParser) -> None:
    """Adds `--lang` to a parser, for figures as well as messages."""
    add_options(parser, TrainingOptions, only=["lang"])


def add_example(parser: argparse.ArgumentParser, names: Collection[str] = ()) -> None:
    """Adds the name of an example to a parser; one of `names`, if there are any."""
    which = choice_of(tuple(names)) if names else EXAMPLE
    parser.add_argument("name", metavar="NAME", help=str(which))
