"""The cells of a notebook, taken from the source of an example's module."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import metadata

from keras_examples.core import Example
from keras_examples.notebook.texts import TEXTS
from keras_examples.runner import hyperparameters

Cell = tuple[str, str]

# More epochs than these are shown by the figures alone, not by a line each.
LINES = 30

_INSTALL = """\
import importlib.util

if importlib.util.find_spec("keras_examples") is None:
    %pip install --quiet "{repository}"
"""
_FONT = """\
    !fc-list :lang=zh | grep -q . || apt-get -qq install -y fonts-wqy-microhei
"""
_SET_UP = """\
%matplotlib inline
from IPython.display import display

from keras_examples.core import Trained
from keras_examples.figures.style import style as in_style
"""
_NETWORK = """\
keras.utils.set_random_seed(SEED)
model = build_model()
model.summary()
"""
_DATA = """\
data = {load}
print(data.name, "-", data.source)
for name in ("x_train", "y_train", "x_test", "y_test"):
    array = getattr(data, name)
    if len(array):
        print(f"{{name}}: {{array.dtype}} {{array.shape}}, {{array.min()}} to {{array.max()}}")
"""
_TRAINING = """\
history = model.fit(
    data.x_train,
    data.y_train,
    epochs=EPOCHS,
    batch_size=BATCH_SIZE,
    validation_data=data.test,{callbacks}
    verbose={verbose},
)
"""
_SNAPSHOTS = """\
snapshots = []
after_each_epoch = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: snapshots.append(EXAMPLE.snapshot(model))
)
"""
_COMPANIONS = """\
companions = {{}}
for name, companion in EXAMPLE.companions.items():
    keras.utils.set_random_seed(SEED)
    other_model, other_data = companion.build_model(), companion.{load}
    other_history = other_model.fit(
        other_data.x_train,
        other_data.y_train,
        epochs=min(EPOCHS, companion.epochs),
        batch_size=companion.batch_size,
        validation_data=other_data.test,
        verbose=0,
    )
    companions[name] = Trained(
        example=companion,
        model=other_model,
        data=other_data,
        history=other_history.history,
        seed=SEED,
        lang="{lang}",
    )
    print(name, {{key: round(values[-1], 4) for key, values in other_history.history.items()}})
"""
_FIGURE = """\
with in_style("{lang}"):
    display({call})
"""


def repository() -> str:
    """Returns what `pip install` is given: the project's repository, or else its name.

    The repository stands in one place, as `Repository` in `[project.urls]` of `pyproject.toml`.
    """
    for entry in metadata.metadata("keras-examples").get_all("Project-URL") or []:
        kind, _, url = entry.partition(", ")
        if kind == "Repository":
            return f"keras-examples @ git+{url}"
    return "keras-examples"


class Cells:
    """Makes the cells, each a kind, `"markdown"` or `"code"`, and a text.

    Args:
        example: The example.
        source: The source of its module.
        lang: Language of the texts and figures.
    """

    def __init__(self, example: Example, source: str, lang: str) -> None:
        self._example, self._lang, self._texts = example, lang, TEXTS[lang]
        self._lines, self._tree = source.splitlines(), ast.parse(source)
        self._module = f"keras_examples.{example.name.replace('-', '_')}"
        self._functions = {
            node.name for node in self._tree.body if isinstance(node, ast.FunctionDef)
        }
        takes_data = "data" in inspect.signature(example.load_data).parameters
        self._load = "load_data(data=DATA)" if takes_data else "load_data()"

    def all(self) -> Iterator[Cell]:
        """Yields all cells from top to bottom."""
        yield "markdown", self._introduction()
        yield "markdown", self._texts["install"]
        font = _FONT if self._lang == "zh" else ""
        yield "code", _INSTALL.format(repository=repository()) + font
        yield "markdown", self._texts["settings"]
        yield "code", self._settings()
        yield "markdown", self._texts["definitions"].format(module=self._module)
        yield from self._definitions()
        if self._example.epochs:
            yield from self._training()
        yield from self._results()
        yield "markdown", self._further()

    def _introduction(self) -> str:
        summary, _, rest = (ast.get_docstring(self._tree) or "").partition("\n")
        if self._lang == "en":
            return f"# {summary}\n{rest}"
        english, _, article = rest.strip().rpartition("- Article ")
        quoted = "\n".join(f"> {line}".rstrip() for line in f"{summary}\n\n{english}".splitlines())
        introduction = self._texts["introduction"].format(module=self._module)
        return (
            f"# {self._example.title['zh']}\n\n{introduction}\n\n"
            f"- {self._texts['article']} {article}\n\n{quoted}"
        )

    def _settings(self) -> str:
        values = {"SEED": ("0", "seed")}
        if self._example.epochs:
            values |= {
                "EPOCHS": (str(self._example.epochs), "epochs"),
                "BATCH_SIZE": (str(self._example.batch_size), "batch_size"),
            }
        if "DATA" in self._load:
            values["DATA"] = ('"auto"', "source")
        return "\n".join(
            f"{name} = {value}  # {self._texts[text]}" for name, (value, text) in values.items()
        )

    def _definitions(self) -> Iterator[Cell]:
        """Yields the module's statements, with the network and the data where they are defined."""
        yield "code", f"{self._imports()}\n\n{_SET_UP}"
        for names, text in self._groups():
            yield "code", text
            if "build_model" in names:
                yield "markdown", self._texts["network"]
                yield "code", _NETWORK
            if "load_data" in names:
                yield from self._data(self._load)
        if "load_data" not in self._functions:
            yield from self._data(f"EXAMPLE.{self._load}")

    def _data(self, load: str) -> Iterator[Cell]:
        yield "markdown", self._texts["data"]
        yield "code", _DATA.format(load=load)

    def _imports(self) -> str:
        nodes = [node for node in self._tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        return "\n".join(self._lines[nodes[0].lineno - 1 : nodes[-1].end_lineno])

    def _groups(self) -> Iterator[tuple[list[str], str]]:
        """Yields the module's definitions in groups, each with the names of its functions.

        A group is a function, or class, with the constants before it and the private functions
        after it, which it calls.
        """
        names: list[str] = []
        texts: list[str] = []
        for node, text in self._statements():
            name = node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else ""
            if names and not name.startswith("_"):
                yield names, "\n".join(texts)
                names, texts = [], []
            names += [name] if name else []
            texts.append(text)
        yield names, "\n".join(texts)

    def _statements(self) -> Iterator[tuple[ast.stmt, str]]:
        """Yields what the module defines, each statement with the lines above it."""
        end = 0
        for node in self._tree.body:
            start, end = end, node.end_lineno or 0
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            # The module's last `if` makes it a script, which a notebook is not.
            if not docstring and not isinstance(node, (ast.Import, ast.ImportFrom, ast.If)):
                yield node, "\n".join(self._lines[start:end])

    def _training(self) -> Iterator[Cell]:
        if self._example.companions:
            yield "markdown", self._texts["companions"]
            yield "code", _COMPANIONS.format(load=self._load, lang=self._lang)
        yield "markdown", self._texts["training"]
        watched = bool(self._example.snapshot)
        fit = _TRAINING.format(
            callbacks="\n    callbacks=[after_each_epoch]," if watched else "",
            verbose=2 if self._example.epochs <= LINES else 0,
        )
        yield "code", (_SNAPSHOTS if watched else "") + fit

    def _results(self) -> Iterator[Cell]:
        example = self._example
        arguments = ["example=EXAMPLE", "model=model", "data=data"]
        arguments.append(f"history={'history.history' if example.epochs else '{}'}")
        arguments += ["seed=SEED", f'lang="{self._lang}"']
        arguments += ["companions=companions"] if example.companions else []
        arguments += ["snapshots=tuple(snapshots)"] if example.snapshot else []
        made = "".join(f"    {argument},\n" for argument in arguments)
        found = "model.evaluate(*data.evaluation, verbose=0, return_dict=True)"
        shown = found if example.epochs else ""
        if example.measure:
            shown = f"{{**{found}, **trained.measures}}" if example.epochs else "trained.measures"
        yield "markdown", self._texts["results"]
        yield "code", f"trained = Trained(\n{made})\n{shown}"
        for number, draw in enumerate(example.figures, start=1):
            title = draw.__name__.replace("_", " ").capitalize()
            caption = inspect.getdoc(draw) or ""
            text = self._texts["figure"].format(number=number, title=title, caption=caption)
            yield "markdown", text
            place = "" if draw.__name__ in self._functions else "figures."
            call = f"{place}{draw.__name__}(trained)"
            yield "code", _FIGURE.format(lang=self._lang, call=call)

    def _further(self) -> str:
        texts, name = self._texts, self._example.name
        names = list(hyperparameters.possible(self._example))
        such_as = texts["such_as"].format(names=", ".join(f"`{one}`" for one in names))
        compared = self._example.epochs and names
        return texts["further"].format(
            name=name,
            arguments=such_as if names else "",
            compare=texts["compare"].format(name=name, argument=names[-1]) if compared else "",
        )
