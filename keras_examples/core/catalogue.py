"""The examples, in the order in which the articles build up, found without importing Keras."""

from __future__ import annotations

import ast
import difflib
import importlib
import sys
from importlib import resources
from typing import Any

from keras_examples.core import console
from keras_examples.core import example as declarations
from keras_examples.core.backend import load_keras
from keras_examples.core.errors import InputError
from keras_examples.core.example import Example
from keras_examples.core.text import Text

# By chapter of the course, as the articles build up.
COURSE: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("The neuron", "神经元"), ("perceptron",)),
    (Text("Activation functions", "激活函数"), ("activations",)),
    (Text("The network", "神经网络"), ("three_layer_network", "xor")),
    (
        Text("Learning", "学习"),
        (
            "gradient_descent",
            "logistic_regression",
            "decision_boundary",
            "digit_mlp",
            "fashion_mnist_ffn",
            "training_curves",
        ),
    ),
    (
        Text("Depth and shared weights", "深度与权值共享"),
        ("edge_detection", "mnist_cnn", "inductive_bias"),
    ),
    (Text("Sequences", "序列"), ("sine_rnn", "backpropagation_through_time", "sine_lstm")),
    (Text("Attention", "注意力"), ("self_attention",)),
    (Text("Generation", "生成"), ("mnist_gan",)),
)
PACKAGE = "keras_examples"
MODULES = tuple(module for _, modules in COURSE for module in modules)


def chapters() -> list[tuple[Text, list[str]]]:
    """Returns the chapters of the course: their titles and the names of their examples."""
    return [(title, [_spell(module) for module in modules]) for title, modules in COURSE]


def names() -> list[str]:
    """Returns the names of all examples, such as `"mnist-cnn"`, in the order of the course."""
    return [_spell(module) for module in MODULES]


def _spell(module: str) -> str:
    return module.replace("_", "-")


def resolve(name: str, *, recipes: bool = False) -> str:
    """Returns the name of an example as the catalogue spells it.

    Args:
        name: An example's name; underscores are read as hyphens, and case does not matter.
        recipes: Whether it may also be that of an example trained by one of its recipes, such as
            `"mnist-cnn-fast"`.

    Raises:
        InputError: There is no such example; the message gives the nearest names.
    """
    spelt, known = name.lower().replace("_", "-"), names()
    if spelt in known or (recipes and spelt in (known := [*known, *_by_recipe()])):
        return spelt
    near = difflib.get_close_matches(spelt, known, n=3, cutoff=0.4)
    suggestion = Text("", "")
    if near:
        suggestion = Text(
            f"did you mean {' or '.join(near)}? ", f"是不是想写 {' 或 '.join(near)}？"
        )
    raise InputError(
        f"unknown example {name!r}: {suggestion.en}"
        f"`keras-examples list` shows all {len(MODULES)}; `all` runs every one.",
        f"没有名为 {name!r} 的示例：{suggestion.zh}"
        f"`keras-examples list` 会列出全部 {len(MODULES)} 个；`all` 则运行所有示例。",
    )


def split(name: str) -> tuple[str, str]:
    """Splits a name that `resolve` returned, such as `"mnist-cnn-fast"`.

    Returns:
        The example's own name, and that of the recipe; empty where it is trained as in the article.
    """
    return (name, "") if name in names() else _by_recipe()[name]


def command(name: str) -> str:
    """Returns the command that trains what a name that `resolve` returned stands for."""
    example, recipe = split(name)
    return f"keras-examples run {example}" + (f" --{recipe}" if recipe else "")


def _by_recipe() -> dict[str, tuple[str, str]]:
    return {
        f"{name}-{recipe}": (name, recipe)
        for name in declaring("recipes")
        for recipe in _recipes(name.replace("-", "_"))
    }


def _recipes(module: str) -> list[str]:
    """Returns the names of an example's recipes, read from its source unless it is imported."""
    if loaded := sys.modules.get(f"{PACKAGE}.{module}"):
        return list(loaded.EXAMPLE.recipes)
    return [
        key.value
        for node in ast.walk(_source(module))
        if isinstance(node, ast.keyword) and node.arg == "recipes"
        for key in getattr(node.value, "keys", ())
    ]


def summary(name: str) -> Text:
    """Returns what an example is, in a line, read from its source, not imported.

    In English the first line of its docstring; the page has no Chinese one, so its Chinese title.
    """
    source = _source(resolve(name).replace("-", "_"))
    (title,) = (
        field.value
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Example"
        for field in node.keywords
        if field.arg == "title"
    )
    assert isinstance(title, ast.Call)  # noqa: S101 (a Text)
    english = (ast.get_docstring(source) or "").partition("\n")[0]
    return Text(english, ast.literal_eval(title.args[1]))


def _source(module: str) -> ast.Module:
    path = resources.files(PACKAGE).joinpath(f"{module}.py")
    return ast.parse(path.read_text(encoding="utf-8"))


def declaring(field: str) -> list[str]:
    """Returns the names of the examples that set a field of `Example`, without importing them.

    Args:
        field: The field's name, such as `"reads"`.
    """
    return [name for name in names() if _declares(name.replace("-", "_"), field)]


def _declares(module: str, field: str) -> bool:
    if loaded := sys.modules.get(f"{PACKAGE}.{module}"):
        return bool(getattr(loaded.EXAMPLE, field))
    return any(
        isinstance(node, ast.keyword) and node.arg == field for node in ast.walk(_source(module))
    )


def declared(name: str, field: str) -> Any:
    """Returns what an example sets a field of `Example` to, and imports it only if it has to.

    Args:
        name: The example's name, or that of an example trained by a recipe.
        field: The field's name, such as `"part"`.

    Returns:
        The value; None if the example does not set the field.
    """
    base = split(name)[0]
    module = base.replace("-", "_")
    if not _declares(module, field):
        return None
    if f"{PACKAGE}.{module}" not in sys.modules:
        for node in ast.walk(_source(module)):
            if isinstance(node, ast.keyword) and node.arg == field:
                if isinstance(node.value, ast.Constant):
                    return node.value.value
                if isinstance(node.value, ast.Name) and hasattr(declarations, node.value.id):
                    return getattr(declarations, node.value.id)
    return getattr(load(base), field)


def load(name: str) -> Example:
    """Imports an example's module (and with it Keras, quietly) and returns what it declares.

    Args:
        name: An example's name, or that of an example trained by one of its recipes.

    Raises:
        InputError: There is no such example.
    """
    name, recipe = split(resolve(name, recipes=True))
    page = f"{PACKAGE}.{name.replace('-', '_')}"
    with console.quiet():
        load_keras()
        module = importlib.import_module(page)
    example = module.EXAMPLE
    assert isinstance(example, Example)  # noqa: S101 (a bug here, not the caller's mistake)
    return example.recipe_examples[recipe] if recipe else example
