"""Texts in English and Chinese: the only place that chooses between the languages."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "zh")


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

    def __add__(self, other: Text) -> Text:
        """Returns both texts joined, in each language."""
        return Text(self.en + other.en, self.zh + other.zh)
