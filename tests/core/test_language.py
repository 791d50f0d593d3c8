"""Messages are in the reader's language, and each is there in both."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import keras_examples
from keras_examples import InputError, RunError
from keras_examples.core import Text
from keras_examples.core.language import preferred
from keras_examples.core.text import say, speaking, spoken

PACKAGE = Path(keras_examples.__file__).parent
VARIABLES = ("KERAS_EXAMPLES_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
CHINESE = re.compile("[\u4e00-\u9fff]")
# What takes a text in English and in Chinese, by the position of the English one.
TAKERS = {"InputError": 0, "RunError": 0, "announce": 0, "say": 0, "Text": 0, "option": 1}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that asks for no language."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "C", "LANGUAGE": "zh_CN:en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"KERAS_EXAMPLES_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"KERAS_EXAMPLES_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"KERAS_EXAMPLES_LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_variable_else_of_the_locale(
    environment: pytest.MonkeyPatch, variables: dict[str, str], lang: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert preferred() == lang


def test_a_language_that_there_is_not_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KERAS_EXAMPLES_LANG", "fr")
    with pytest.raises(InputError, match="KERAS_EXAMPLES_LANG is 'fr', expected one of en, zh"):
        preferred()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_a_stream_cannot_show_is_said_in_english(
    environment: pytest.MonkeyPatch, encoding: str
) -> None:
    environment.setenv("LANG", "zh_CN.UTF-8")
    environment.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert preferred() == "en"


def test_a_terminal_in_gbk_is_spoken_to_in_chinese(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LANG", "zh_CN.GBK")
    environment.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding="gbk"))
    assert preferred() == "zh"


def test_messages_are_english_unless_a_block_says_other() -> None:
    assert str(Text("Epoch", "轮次")) == "Epoch"
    with speaking("zh"):
        assert (str(Text("Epoch", "轮次")), say("Epoch", "轮次")) == ("轮次", "轮次")
        with speaking("en"):
            assert spoken() == "en"
        assert spoken() == "zh"
    assert say("Epoch", "轮次") == "Epoch"


def test_a_block_that_fails_leaves_the_language_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), speaking("zh"):
        raise ZeroDivisionError
    assert spoken() == "en"


@pytest.mark.parametrize("kind", [InputError, RunError])
def test_an_error_has_both_texts_and_speaks_the_language_it_was_raised_in(
    kind: type[InputError] | type[RunError],
) -> None:
    with speaking("zh"):
        chinese = kind("wrong", "错误")
    english = kind("wrong", "错误")
    assert (str(chinese), str(english)) == ("错误", "wrong")
    assert chinese.text == english.text == Text("wrong", "错误")


def calls() -> Iterator[tuple[str, str, ast.expr, ast.expr]]:
    """Yields where a text in both languages is made, what takes it, and the two."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = TAKERS.get(name, -1)
                starred = any(isinstance(one, ast.Starred) for one in node.args)
                if first >= 0 and node.args and not starred:
                    en, zh = node.args[first : first + 2]
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", name, en, zh


def words(text: ast.expr) -> str:
    """Returns what a text says, without what is filled in."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    said = "".join(str(one.value) for one in parts if isinstance(one, ast.Constant))
    return re.sub(r"\{\w*\}", "", said)


def filled_in(text: ast.expr) -> set[str]:
    """Returns the names of what is filled into a text."""
    values = (one.value for one in ast.walk(text) if isinstance(one, ast.FormattedValue))
    names = {name.id for one in values for name in ast.walk(one) if isinstance(name, ast.Name)}
    return names - {"en", "zh"}


def test_every_message_is_there_in_both_languages() -> None:
    found = list(calls())
    assert len({name for _, name, _, _ in found}) == len(TAKERS)
    literal = [
        (place, en, zh)
        for place, _, en, zh in found
        if all(isinstance(one, ast.Constant | ast.JoinedStr) for one in (en, zh))
    ]
    assert len(literal) > 0.9 * len(found)
    for place, en, zh in literal:
        assert not CHINESE.search(words(en)) or "中" in words(zh), f"{place}: Chinese in English"
        # A sentence has a word of three letters: a name or a unit may be the same in both.
        if re.search(r"[a-z]{3}", words(en)):
            assert CHINESE.search(words(zh)) or words(en) == words(zh), f"{place}: no Chinese"


def test_every_message_says_the_same_in_both_languages() -> None:
    for place, name, en, zh in calls():
        if name in ("InputError", "RunError", "announce"):
            missing = filled_in(en) ^ filled_in(zh)
            assert not missing, f"{place}: {missing} is in one language only"
