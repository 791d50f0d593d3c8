"""The language that the reader of a command has asked for."""

from __future__ import annotations

import os
import sys

from keras_examples.core.errors import InputError
from keras_examples.core.text import LANGUAGES, choice_of

VARIABLE = "KERAS_EXAMPLES_LANG"
# The locale is the first of them that is set.
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
_CHINESE_ON_WINDOWS = 0x04  # the primary language of its identifiers


def preferred() -> str:
    """Returns the language of the messages: that of `KERAS_EXAMPLES_LANG`, else of the locale.

    English where it is another, and where a stream cannot show Chinese.

    Raises:
        InputError: The environment variable has a value that is no language of ours.
    """
    asked = os.environ.get(VARIABLE, "")
    lang = asked.lower().replace("_", "-").partition("-")[0]
    if asked and lang not in LANGUAGES:
        expected = choice_of(LANGUAGES)
        raise InputError(
            f"the environment variable {VARIABLE} is {asked!r}, expected {expected.en}; set it to "
            "one of them, or unset it.",
            f"环境变量 {VARIABLE} 是 {asked!r}，应为 {expected.zh}；请改成其中之一，或取消它。",
        )
    if not asked:
        lang = "zh" if _is_chinese() else "en"
    return shown(lang)


def shown(lang: str) -> str:
    """Returns a language if stdout and stderr can show it, else English."""
    try:
        for stream in (sys.stdout, sys.stderr):
            ("中" if lang == "zh" else "").encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return "en"
    return lang


def _is_chinese() -> bool:
    named = next(filter(None, map(os.environ.get, _LOCALE)), "")
    if named not in ("", "C", "POSIX"):  # with these, GNU's list of preferences does not count
        named = os.environ.get("LANGUAGE") or named
    if sys.platform == "win32" and not named:
        import ctypes

        return ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _CHINESE_ON_WINDOWS
    return named.lower().startswith("zh")
