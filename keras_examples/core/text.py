"""Texts in English and Chinese: the only place that chooses between the languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LANGUAGES = ("en", "zh")

_spoken = "en"


@dataclass(frozen=True)
class Text:
    """A text in English and in Chinese.

    Args:
        en: The English text.
        zh: The Chinese text.

    Example:
        >>> Text("Epoch", "轮次")["zh"]
        '轮次'
    """

    en: str
    zh: str

    def __getitem__(self, lang: str) -> str:
        """Returns the text in a language, `"en"` or `"zh"`."""
        return {"en": self.en, "zh": self.zh}[lang]

    def __str__(self) -> str:
        """Returns the text in the language of the messages."""
        return self[_spoken]

    def format(self, **values: object) -> Text:
        """Returns the text with its placeholders filled, in each language."""
        return Text(self.en.format(**values), self.zh.format(**values))

    def __add__(self, other: Text) -> Text:
        """Returns both texts joined, in each language."""
        return Text(self.en + other.en, self.zh + other.zh)


def say(en: str, zh: str) -> str:
    """Returns one of two texts: that in the language of the messages."""
    return str(Text(en, zh))


def spoken() -> str:
    """Returns the language of the messages: English, unless a block of `speaking()` says other."""
    return _spoken


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Gives messages in a language within a block, in all threads.

    Args:
        lang: `"en"` or `"zh"`.
    """
    global _spoken
    before, _spoken = _spoken, lang
    try:
        yield
    finally:
        _spoken = before


def choice_of(choices: tuple[str, ...]) -> Text:
    """Returns what one may choose from, such as `one of a, b`."""
    return Text(f"one of {', '.join(choices)}", f"{'、'.join(choices)} 之一")
