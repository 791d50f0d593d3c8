"""Components whose texts follow the language of the page."""

from __future__ import annotations

from typing import Any, TypeVar

import gradio as gr

from keras_examples.core import Text
from keras_examples.figures import fonts

C = TypeVar("C")

LANGUAGE_NAMES = (("English", "en"), ("中文", "zh"))


class Components:
    """Makes the components of a page, and translates them when the language changes.

    Args:
        lang: The language that the page starts in.

    Attributes:
        translated: The components with a `Text`.
    """

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._texts: list[dict[str, Text]] = []
        self.translated: list[Any] = []

    def make(self, kind: type[C], *positional: Any, **options: Any) -> C:
        """Makes a component.

        Args:
            kind: Its class, such as `gr.Button`.
            *positional: Arguments of the class.
            **options: Its keyword arguments. A `Text` among them follows the language of the page.

        Returns:
            The component.
        """
        texts = {name: text for name, text in options.items() if isinstance(text, Text)}
        component = kind(*positional, **{**options, **_in_language(texts, self._lang)})
        if texts:
            self._texts.append(texts)
            self.translated.append(component)
        return component

    def updates(self, lang: str) -> list[Any]:
        """Returns the updates that translate `translated` into a language."""
        return [gr.update(**_in_language(texts, lang)) for texts in self._texts]


def _in_language(texts: dict[str, Text], lang: str) -> dict[str, Any]:
    return {name: text[lang] for name, text in texts.items()}


def figure_language(lang: str) -> str:
    """Returns the language for figures: English where no font has Chinese characters."""
    return lang if fonts.chinese() else "en"
