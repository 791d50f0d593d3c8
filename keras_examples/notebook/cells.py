"""The cells of a notebook: the parts of an example's page, and what shows them at work."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator

from keras_examples.core import Example, Text
from keras_examples.core.address import repository
from keras_examples.notebook import chinese, texts
from keras_examples.notebook.page import Page

Cell = tuple[str, str]

# More epochs than these are shown by the figures alone, not by a line each.
LINES = 30

_INSTALL = """\
import importlib.util

if importlib.util.find_spec("keras_examples") is None:
    %pip install --quiet "keras-examples @ git+{repository}"
"""
_FONT = """\
    !fc-list :lang=zh | grep -q . || apt-get -qq install -y fonts-wqy-microhei
"""
_SET_UP = """\
%matplotlib inline
from IPython.display import display

from keras_examples.core import Trained
from keras_examples.figures.style import style as in_style{more}
"""
_FIT = """
from keras_examples.runner.plain import fit"""
_CALLBACKS = """
from keras_examples.runner.callbacks import Snapshots"""
_NETWORK = """\
keras.utils.set_random_seed(SEED)
model = build_model()
model.summary()
"""
_DATA = """\
data = load_data({argument})
print(data.name, "-", data.source)
for name in ("x_train", "y_train", "x_test", "y_test"):
    array = getattr(data, name)
    if len(array):
        print(f"{{name}}: {{array.dtype}} {{array.shape}}, {{array.min()}} to {{array.max()}}")
"""
_TRAINING = """\
history = fit(
    model,
    data.x_train,
    data.y_train,
    epochs=EPOCHS,
    batch_size=BATCH_SIZE,
    seed=SEED,
    validation_data=data.test,{callbacks}
    verbose={verbose},
)
"""
_SNAPSHOTS = """\
snapshots = Snapshots(EXAMPLE.snapshot, data)
"""
_COMPANIONS = """\
companions = {{}}
for name, other in EXAMPLE.companion_examples.items():
    seed = SEED + EXAMPLE.companions[name].seed
    keras.utils.set_random_seed(seed)
    rival, known = other.build(), other.load(data={data}, data_dir=None)
    options = {{"epochs": min(EPOCHS, other.epochs), "batch_size": other.batch_size, "seed": seed}}
    options |= {{"validation_data": known.test, "verbose": 0}}{kept}
    fitted = fit(rival, known.x_train, known.y_train, **options)
    made = {{"example": other, "model": rival, "data": known, "history": fitted.history}}{taken}
    companions[name] = Trained(**made, seed=seed, lang="{lang}")
    print(name, {{key: round(values[-1], 4) for key, values in fitted.history.items()}})
"""
_KEPT = """
    options["callbacks"] = [Snapshots(other.snapshot, known)]"""
_TAKEN = """
    made["snapshots"] = tuple(options["callbacks"][0].taken)"""
_TRAINED = """\
trained = Trained(
    example=EXAMPLE,
    model=model,
    data=data,
    history={history},
    seed=SEED,
    lang="{lang}",{more}
)
"""
_EVALUATION = "model.evaluate(*data.evaluation, verbose=0, return_dict=True)"
_MEASURES = """\
{key: value for key, value in trained.measures.items() if isinstance(value, (int, float))}
"""
_FIGURE = """\
with in_style("{lang}"):
    display({figure}(trained))
"""


def _caption(draw: Callable[..., object]) -> chinese.Caption:
    """Returns a figure's English caption, from its source: `python -OO` has no docstrings."""
    (definition,) = ast.parse(inspect.getsource(draw)).body
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101 (as every figure is)
    title = draw.__name__.replace("_", " ").capitalize()
    return chinese.Caption(title, ast.get_docstring(definition) or "")


class Cells:
    """Makes the cells, each a kind, `"markdown"` or `"code"`, and a text.

    Args:
        example: The example.
        source: The source of its module.
        lang: Language of the texts and figures.
    """

    def __init__(self, example: Example, source: str, lang: str) -> None:
        self._example, self._lang = example, lang
        self._chinese = chinese.read(example.name) if lang == "zh" else None
        self._page = Page(self._chinese.translated(source) if self._chinese else source)
        self._chooses_data = "data" in example.data_arguments

    def all(self) -> Iterator[Cell]:
        """Yields all cells from top to bottom."""
        example = self._example
        about = self._chinese.introduction if self._chinese else self._page.docstring()
        yield self._text(texts.INTRODUCTION, about=about)
        yield from self._installation()
        yield self._text(texts.SETTINGS)
        yield self._settings()
        yield self._text(texts.DEFINITIONS)
        imports, *groups = self._page.groups()
        more = (_FIT if example.epochs else "") + (_CALLBACKS if example.snapshot else "")
        yield "code", imports + "\n\n" + _SET_UP.format(more=more)
        yield from (("code", group) for group in groups)
        yield self._text(texts.DATA)
        yield "code", _DATA.format(argument="data=DATA" if self._chooses_data else "")
        yield self._text(texts.NETWORK)
        yield "code", _NETWORK
        if example.epochs:
            yield from self._training()
        yield from self._results()
        yield from self._figures()
        argument = ("batch_size", *example.hyperparameters)[-1]
        further = texts.TRY_TRAINING if example.epochs else texts.TRY_WEIGHTS
        yield self._text(further, argument=argument)

    def _text(self, text: Text, **more: object) -> Cell:
        values = {
            "name": self._example.name,
            "module": f"keras_examples.{self._example.name.replace('-', '_')}",
            "title": self._example.title[self._lang],
            **more,
        }
        return "markdown", text[self._lang].format(**values)

    def _settings(self) -> Cell:
        meanings = {"SEED = 0": texts.SEED}
        if self._example.epochs:
            meanings[f"EPOCHS = {self._example.epochs}"] = texts.EPOCHS
            meanings[f"BATCH_SIZE = {self._example.batch_size}"] = texts.BATCH_SIZE
        if self._chooses_data:
            meanings['DATA = "auto"'] = texts.SOURCE
        return "code", "\n".join(f"{one}  # {text[self._lang]}" for one, text in meanings.items())

    def _installation(self) -> Iterator[Cell]:
        if address := repository():
            yield self._text(texts.INSTALL)
            font = _FONT if self._lang == "zh" else ""
            yield "code", _INSTALL.format(repository=address) + font
        else:
            yield self._text(texts.INSTALLED)

    def _training(self) -> Iterator[Cell]:
        example = self._example
        if example.companions:
            yield self._text(texts.COMPANIONS)
            data = "DATA" if self._chooses_data else '"auto"'
            kept, taken = (_KEPT, _TAKEN) if example.snapshot else ("", "")
            yield "code", _COMPANIONS.format(data=data, lang=self._lang, kept=kept, taken=taken)
        yield self._text(texts.TRAINING)
        fit = _TRAINING.format(
            callbacks="\n    callbacks=[snapshots]," if example.snapshot else "",
            verbose=2 if example.epochs <= LINES else 0,
        )
        yield "code", (_SNAPSHOTS if example.snapshot else "") + fit

    def _results(self) -> Iterator[Cell]:
        example = self._example
        more = "\n    companions=companions," if example.companions else ""
        more += "\n    snapshots=tuple(snapshots.taken)," if example.snapshot else ""
        history = "history.history" if example.epochs else "{}"
        yield self._text(texts.RESULTS)
        yield "code", _TRAINED.format(history=history, lang=self._lang, more=more)
        if example.epochs:
            yield "code", _EVALUATION
        if example.measure:
            yield "code", _MEASURES

    def _figures(self) -> Iterator[Cell]:
        for draw in self._example.figures:
            known = self._chinese.captions[draw.__name__] if self._chinese else _caption(draw)
            yield "markdown", f"### {known.title}\n\n{known.text}"
            yield "code", _FIGURE.format(lang=self._lang, figure=self._page.name_of(draw))
