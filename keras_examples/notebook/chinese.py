"""The Chinese text of an example: its introduction, its docstrings, its figures' captions."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

_SHARED = "shared"  # the file of what several examples draw
_FIGURE = re.compile(r"图 (\w+)：(.+)")


class Caption(NamedTuple):
    """A figure's title, and what it shows, whose first sentence the course has as well."""

    title: str
    text: str


@dataclass(frozen=True)
class Chinese:
    """What an example's page says, in Chinese.

    Args:
        introduction: In place of the module's docstring.
        docstrings: Those of its functions, classes and methods, such as `"GAN.call"`.
        captions: Those of its figures, by the name of the function that draws one.
    """

    introduction: str
    docstrings: Mapping[str, str]
    captions: Mapping[str, Caption]

    def translated(self, source: str) -> str:
        """Returns the source of its module with these docstrings, and otherwise as it is."""
        lines = source.splitlines()
        for name, found in reversed([*_documented(ast.parse(source))]):
            text = self.docstrings[name]
            whole = f'"""{text}\n"""' if "\n" in text else f'"""{text}"""'
            indented = textwrap.indent(whole, " " * found.col_offset)
            lines[found.lineno - 1 : found.end_lineno] = indented.splitlines()
        return "\n".join(lines) + "\n"


def read(name: str) -> Chinese:
    """Returns the Chinese text of an example, with the captions that it shares with others.

    Args:
        name: The example, as the catalogue spells it.
    """
    own = _read(name)
    return Chinese(own.introduction, own.docstrings, {**_read(_SHARED).captions, **own.captions})


def _read(name: str) -> Chinese:
    file = resources.files("keras_examples.notebook").joinpath("zh", f"{name}.md")
    introduction, *rest = re.split(r"^## (.+)$", file.read_text("utf-8"), flags=re.MULTILINE)
    docstrings, captions = {}, {}
    for heading, text in zip(rest[::2], rest[1::2], strict=True):
        if figure := _FIGURE.fullmatch(heading):
            captions[figure[1]] = Caption(figure[2], text.strip())
        else:
            docstrings[heading] = text.strip()
    return Chinese(introduction.strip(), docstrings, captions)


def _documented(node: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Yields the name of each function and class that has a docstring, and the docstring."""
    for child in getattr(node, "body", ()):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            if ast.get_docstring(child) is not None:
                yield outer + child.name, child.body[0]
            yield from _documented(child, f"{outer}{child.name}.")
