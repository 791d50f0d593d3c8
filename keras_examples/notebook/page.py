"""Reads the parts of an example's page from its source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator


class Page:
    """The source of an example's module, in parts.

    Args:
        source: The source.
    """

    def __init__(self, source: str) -> None:
        self._lines, self._tree = source.splitlines(), ast.parse(source)

    def docstring(self) -> str:
        """Returns its docstring without the example: a notebook is one itself."""
        return (ast.get_docstring(self._tree) or "").partition("\nExample:\n")[0].strip()

    def groups(self) -> Iterator[str]:
        """Yields its statements in groups.

        The first group is the imports. Each of the others is a function, or class, with the
        constants before it and the private functions after it, which it calls.
        """
        group: list[str] = []
        complete = False
        for name, text in self._statements():
            if complete and not name.startswith("_"):
                yield "\n".join(group).strip()
                group, complete = [], False
            group.append(text)
            complete = complete or bool(name)
        yield "\n".join(group).strip()

    def name_of(self, figure: Callable[..., object]) -> str:
        """Returns what it calls a figure, such as `"sine_rnn.forecast"`."""
        module = figure.__module__.rpartition(".")[2]
        imported = {
            name.name
            for node in self._tree.body
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        return f"{module}.{figure.__name__}" if module in imported else figure.__name__

    def _statements(self) -> Iterator[tuple[str, str]]:
        """Yields each statement's name, if it has one, and its text with the lines above it."""
        end = 0
        for node in self._tree.body:
            start, end = end, node.end_lineno or 0
            text = "\n".join(self._lines[start:end])
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield "_import", text
            # The module's last `if` makes it a script, which a notebook is not.
            elif not isinstance(node, ast.If) and node is not self._tree.body[0]:
                yield getattr(node, "name", ""), text
