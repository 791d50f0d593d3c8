"""The examples, in the order in which the articles build up, found without importing Keras."""

from __future__ import annotations

import ast
import difflib
import importlib
from importlib import resources

from keras_examples.errors import InputError
from keras_examples.example import Example

MODULES = ("fashion_mnist_ffn", "mnist_cnn", "sine_rnn")


def names() -> list[str]:
    """Returns the names of all examples, such as `"mnist-cnn"`, in the order of the course."""
    return [module.replace("_", "-") for module in MODULES]


def resolve(name: str) -> str:
    """Returns the name of an example as the catalogue spells it.

    Args:
        name: An example's name; underscores count as hyphens, capitals as small letters.

    Raises:
        InputError: There is no such example; the message gives the nearest names.
    """
    spelt = name.lower().replace("_", "-")
    if spelt in names():
        return spelt
    near = difflib.get_close_matches(spelt, names(), n=3, cutoff=0.4)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise InputError(
        f"unknown example {name!r}: {meant}"
        f"`keras-examples list` shows all {len(MODULES)}; `all` runs every one."
    )


def summary(name: str) -> str:
    """Returns the first line of an example's docstring, read from its source, not imported."""
    module = resolve(name).replace("-", "_")
    source = resources.files(__package__).joinpath(f"{module}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def load(name: str) -> Example:
    """Imports an example's module (and with it Keras) and returns what it declares.

    Raises:
        InputError: There is no such example.
    """
    module = importlib.import_module(f"{__package__}.{resolve(name).replace('-', '_')}")
    example = module.EXAMPLE
    assert isinstance(example, Example)  # noqa: S101 (a fault of ours, not of the caller's)
    return example
