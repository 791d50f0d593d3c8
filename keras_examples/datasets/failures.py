"""What is wrong with a file or a mirror, told in the message of the error that it ends in."""

from __future__ import annotations

from collections.abc import Iterable

from keras_examples.core import Text
from keras_examples.core.files import reason


class SourceError(Exception):
    """A file or a mirror cannot be used.

    Args:
        en: Why, in a few words, in English.
        zh: The same in Chinese.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.text = Text(en, zh)

    def __str__(self) -> str:
        return str(self.text)


def text_of(error: Exception) -> Text:
    """Returns what an error says; that of a library says the same in both languages."""
    if isinstance(error, SourceError):
        return error.text
    # It may quote a file, and have several lines.
    said = next((line for line in str(error).splitlines() if line.isprintable()), None)
    if said is None:
        return Text("damaged", "已损坏")
    return Text(said, reason(error).zh if isinstance(error, OSError) and error.strerror else said)


def listed(texts: Iterable[Text]) -> Text:
    """Returns several reasons as one."""
    reasons = list(texts)
    return Text("; ".join(one.en for one in reasons), "；".join(one.zh for one in reasons))
