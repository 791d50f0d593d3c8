"""Options that are declared once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest

from keras_examples import InputError, run
from keras_examples.core.options import check, config_of, flag, option, options_of, takes, words
from keras_examples.runner.options import Options


@dataclass(frozen=True, kw_only=True)
class Few:
    """Some options."""

    count: int = option(
        3, "How many, and of them only as many as there are.", "多少个。", least=1, most=9
    )
    colour: str | None = option(None, "Which.", "哪一个。", choices=("red", "blue"), config=True)
    loud: bool = option(False, "Whether to be heard.", "是否出声。")
    folder: str = option(".", "Where.", "哪里。", repeat=False)


class Greeting:
    def __init__(self, name: str, options: Few) -> None:
        self.name, self.options = name, options

    def run(self) -> str:
        return f"{self.name} {self.options.count}"


@takes(Few)
def greet(name: str, options: Few) -> Greeting:
    """Greets.

    Args:
        name: Whom.
        options: Those of `Few`.

    Returns:
        What is said.
    """
    return Greeting(name, options)


def test_a_function_takes_what_the_dataclass_declares() -> None:
    assert greet("Ada", count=2) == "Ada 2"
    assert greet(name="Ada") == "Ada 3"  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="size"):
        greet("Ada", size=2)  # type: ignore[call-arg]


def test_its_signature_and_its_docstring_have_every_option() -> None:
    assert list(inspect.signature(greet).parameters) == [
        "name",
        "count",
        "colour",
        "loud",
        "folder",
    ]
    described = inspect.getdoc(greet) or ""
    assert "\n    name: Whom.\n    count: How many, and of them only" in described
    assert "options:" not in described


def test_run_explains_every_option() -> None:
    for field, about in options_of(Options):
        assert f"\n    {field.name}: {about.help.en[:40]}" in (inspect.getdoc(run) or "")
        assert inspect.signature(run).parameters[field.name].default == field.default


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": 0}, "count: got 0, expected a whole number from 1 to 9."),
        ({"count": "x"}, "count: got 'x', expected a whole number from 1 to 9."),
        ({"colour": "green"}, "colour: got 'green', expected one of red, blue."),
    ],
)
def test_a_value_out_of_bounds_is_one_line(given: dict[str, object], expected: str) -> None:
    with pytest.raises(InputError) as caught:
        check(Few(**given))  # type: ignore[arg-type]
    assert str(caught.value) == expected


def test_none_is_not_given_where_it_is_the_default() -> None:
    check(Few(colour=None))


def test_a_command_repeats_what_differs_from_the_defaults_but_for_folders() -> None:
    given = Few(count=5, loud=True, folder="/elsewhere")
    assert words(given) == ["--count", "5", "--loud"]
    assert words(Few()) == []


def test_the_config_is_what_a_result_depends_on() -> None:
    assert config_of(Few(colour="red")) == {"colour": "red"}


def test_a_flag_has_hyphens() -> None:
    assert flag("batch_size") == "--batch-size"
