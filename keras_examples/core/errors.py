"""The two errors of this project: input that cannot be used, and a run that failed."""

from __future__ import annotations

from keras_examples.core.text import Text, spoken


class _ReportedError(Exception):
    """An error whose message is one line: what was given, what was expected, what to do.

    Args:
        en: The message in English.
        zh: The message in Chinese.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.text = Text(en, zh)
        self._lang = spoken()

    def __str__(self) -> str:
        return self.text[self._lang]


class InputError(_ReportedError):
    """An option or an input cannot be used; nothing was changed."""

    exit_code = 2


class RunError(_ReportedError):
    """A run failed; what was saved before is intact."""

    exit_code = 1
