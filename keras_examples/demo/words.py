"""What the page says, in English and in Chinese, and how it changes from one to the other."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar, cast

import gradio as gr

from keras_examples.figures import fonts

C = TypeVar("C")

LANGUAGE_NAMES = (("English", "en"), ("中文", "zh"))


class Text(NamedTuple):
    """A text of the page in both languages."""

    en: str
    zh: str

    def in_(self, lang: str) -> str:
        """Returns the text in a language, `"en"` or `"zh"`."""
        return self.zh if lang == "zh" else self.en


class Words:
    """Makes the components of a page, and says them again in another language.

    Args:
        lang: The language that the page starts in.
    """

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._made: list[tuple[Any, dict[str, Text]]] = []

    def make(self, kind: type[C], *positional: Any, **options: Any) -> C:
        """Makes a component.

        Args:
            kind: Its class, such as `gr.Button`.
            *positional: Arguments of the class.
            **options: More of them. A `Text` among them follows the language of the page.

        Returns:
            The component.
        """
        texts = {name: text for name, text in options.items() if isinstance(text, Text)}
        said = {name: text.in_(self._lang) for name, text in texts.items()}
        component = kind(*positional, **{**options, **said})
        self._made.append((component, texts))
        return component

    @property
    def components(self) -> list[Any]:
        """The components that say something."""
        return [component for component, texts in self._made if texts]

    def updates(self, lang: str) -> list[Any]:
        """Returns what says each of `components` in a language."""
        return [
            gr.update(**cast(Any, {name: text.in_(lang) for name, text in texts.items()}))
            for _, texts in self._made
            if texts
        ]


def figure_language(lang: str) -> str:
    """Returns the language for figures: English where no font has Chinese characters."""
    return lang if fonts.chinese() else "en"
