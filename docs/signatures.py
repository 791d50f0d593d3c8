"""Shows on the site what a decorator makes of a function: its signature and docstring at run time.

mkdocstrings reads sources and runs nothing, so of a function with `takes()` it would show what the
decorator gets, not what a user calls.
"""

from __future__ import annotations

import inspect
from typing import Any

import griffe


class RuntimeSignatures(griffe.Extension):
    """Replaces the parameters and docstrings of functions that `takes()` decorates."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Looks at one function."""
        if not any("takes(" in str(decorator.value) for decorator in func.decorators):
            return
        function: Any = griffe.dynamic_import(func.path)
        signature = inspect.signature(function)
        func.parameters = griffe.Parameters(
            *(
                griffe.Parameter(
                    one.name,
                    annotation=str(one.annotation),
                    kind=griffe.ParameterKind(one.kind.description),
                    default=None if one.default is one.empty else repr(one.default),
                )
                for one in signature.parameters.values()
            )
        )
        func.returns = str(signature.return_annotation)
        func.docstring = griffe.Docstring(inspect.getdoc(function) or "", parent=func)
