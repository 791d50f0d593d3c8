"""The language of the command's messages, and of the figures that it draws."""

from __future__ import annotations

from collections.abc import Sequence

from keras_examples.core import LANGUAGES, InputError
from keras_examples.core.console import announce
from keras_examples.core.language import preferred, shown
from keras_examples.core.text import spoken


def of_words(words: Sequence[str]) -> str:
    """Returns the language of the messages: that of `--lang` among the words, else the reader's.

    It is needed before the words are parsed, for the help and for what is wrong with them.

    Raises:
        InputError: The environment asks for a language that there is not.
    """
    for word, following in zip(words, [*words[1:], ""], strict=False):
        name, _, value = word.partition("=")
        if name == "--lang" and (value or following) in LANGUAGES:
            return shown(value or following)
    return preferred()


def of_figures(lang: str | None) -> str:
    """Returns the language of the figures: that of `--lang`, else that of the messages.

    Where nobody has asked for Chinese figures but the locale, and there is no font for them, they
    are English, and one line says so.
    """
    if lang is None and spoken() == "zh":
        from keras_examples.figures import fonts  # imports Matplotlib, which is slow

        try:
            fonts.require("zh")
        except InputError:
            announce(
                "no Chinese font was found, so the figures are in English (see the page on "
                "installation).",
                "没有找到中文字体，图用英文标注（安装方法见“安装”页）。",
            )
            return "en"
    return lang or spoken()
