"""The rules of the house: what lies where, what imports what, and what importing does."""

from __future__ import annotations

import ast
import functools
import graphlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from doctest import DocTestParser
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import keras
import pytest

import keras_examples
from keras_examples.core import catalogue

PACKAGE = Path(keras_examples.__file__).parent
PROJECT = PACKAGE.parent
LONG = ("inductive_bias", "mnist_gan", "self_attention", "sine_lstm")  # to train even a little
LAST_ARTICLE = ("fashion_mnist_ffn", "mnist_cnn", "sine_rnn")
PRIVATE = re.compile(
    r"\b(?:tensorflow\.python|keras\.src|_symbolic_build|_flatten_layers|_seed_generators)\b"
)
MAIN = '\n\nif __name__ == "__main__":\n    EXAMPLE.main()\n'

PAGES = pytest.mark.parametrize("page", catalogue.MODULES)


class Import(NamedTuple):
    """A module that another one imports, and whether it does so as soon as it is imported."""

    module: str
    at_once: bool


def name_of(path: Path) -> str:
    """Returns the dotted name of a module of the package."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
SOURCES = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}
EXAMPLES = {f"keras_examples.{module}" for module in catalogue.MODULES}


def imports_of(node: ast.AST, at_once: bool = True) -> Iterator[Import]:
    """Yields what a piece of code imports, but for what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports name the module in full"
            for alias in child.names:
                module = f"{child.module}.{alias.name}"
                yield Import(module if module in FILES else str(child.module), at_once)
        else:
            function = isinstance(child, (ast.FunctionDef, ast.Lambda))
            yield from imports_of(child, at_once and not function)


IMPORTS = {name: set(imports_of(ast.parse(source))) for name, source in SOURCES.items()}
OURS = {
    name: {found.module for found in imports if found.module in FILES}
    for name, imports in IMPORTS.items()
}


def within(name: str, *folders: str) -> bool:
    """Returns whether a module is one of these of the package, or in one of these folders."""
    return f"{name}.".startswith(tuple(f"keras_examples.{folder}." for folder in folders))


# What lies where


def test_every_module_at_the_top_is_an_example_of_the_course() -> None:
    top = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert top == set(catalogue.MODULES)


@PAGES
def test_a_page_declares_one_example(page: str) -> None:
    source = SOURCES[f"keras_examples.{page}"]
    assert source.count("\nEXAMPLE = Example(") == source.count("= Example(") == 1


@PAGES
def test_a_page_reads_from_the_data_to_the_example(page: str) -> None:
    body = ast.parse(SOURCES[f"keras_examples.{page}"]).body
    kinds = [isinstance(node, (ast.Import, ast.ImportFrom)) for node in body[1:]]
    imports = sum(kinds)
    assert isinstance(body[0], ast.Expr)
    assert kinds == [True] * imports + [False] * (len(kinds) - imports)
    places = {name: place for place, node in enumerate(body) for name in names_of(node)}
    assert places["load_data"] < places["build_model"] < places["EXAMPLE"] == len(body) - 2
    assert SOURCES[f"keras_examples.{page}"].endswith(MAIN)


def names_of(node: ast.stmt) -> list[str]:
    """Returns the names that a statement defines."""
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    return [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []


@pytest.mark.parametrize("page", LAST_ARTICLE)
def test_a_network_of_the_last_article_is_a_page_of_60_to_80_lines(page: str) -> None:
    source = SOURCES[f"keras_examples.{page}"]
    assert 60 <= len(source.splitlines()) <= 80
    assert len(re.findall(r"^(?:from|import) keras_examples\b", source, re.M)) <= 3


@PAGES
def test_a_page_does_not_draw(page: str) -> None:
    imported = {found.module.partition(".")[0] for found in IMPORTS[f"keras_examples.{page}"]}
    assert "matplotlib" not in imported


def test_the_runner_names_no_example() -> None:
    names = "|".join(name for one in catalogue.names() for name in (one, one.replace("-", "_")))
    found = {
        f"{path.relative_to(PROJECT)}: {word}"
        for path in (PACKAGE / "runner").rglob("*.py")
        for word in re.findall(rf"\b(?:{names})\b", path.read_text(encoding="utf-8"))
    }
    assert not found


# What imports what


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        graphlib.TopologicalSorter(OURS).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@PAGES
def test_a_page_imports_only_what_an_example_is_made_of(page: str) -> None:
    allowed = ("core", "datasets", "figures", "inference.series", *catalogue.MODULES)
    assert {name for name in OURS[f"keras_examples.{page}"] if not within(name, *allowed)} == set()


def test_no_machinery_imports_an_example_but_the_demo() -> None:
    found = {name: ours & EXAMPLES for name, ours in OURS.items() if not within(name, "demo")}
    importing = {name for name, examples in found.items() if examples}
    assert importing <= EXAMPLES


def test_the_core_imports_nothing_of_the_rest() -> None:
    found = {name: ours for name, ours in OURS.items() if within(name, "core")}
    assert {
        other for ours in found.values() for other in ours if not within(other, "core")
    } == set()


def test_only_the_command_imports_the_command() -> None:
    found = {name for name, ours in OURS.items() if any(within(other, "cli") for other in ours)}
    assert {name for name in found if not within(name, "cli", "__main__")} == set()


def test_what_is_imported_is_declared() -> None:
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(
        r"^(?:dependencies|demo|notebook|tensorboard) = (\[.*?\])", project, re.M | re.S
    )
    declared = {name.lower() for found in lists for name in re.findall(r'"([\w.-]+)[<>=~]', found)}
    distributions = metadata.packages_distributions()
    imported = {found.module.partition(".")[0] for imports in IMPORTS.values() for found in imports}
    others = imported - sys.stdlib_module_names - {"keras_examples"}
    undeclared = {
        name
        for name in others
        if not declared & {one.lower() for one in distributions.get(name, [name])}
    }
    assert undeclared == set()


# The lesson of a page, as its docstring has it


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow) if page in LONG else page
        for page in catalogue.MODULES
    ],
)
def test_the_training_in_the_docstring_runs_with_the_numbers_of_the_example(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"keras_examples.{page}")
    example = module.EXAMPLE
    fitted = shorten_training(monkeypatch)
    give_stand_ins(module, monkeypatch)
    text, _, block = (module.__doc__ or "").partition("\nExample:\n")
    assert "From article" in text
    lines = DocTestParser().get_examples(block)
    assert lines
    exec("".join(line.source for line in lines), {})
    assert fitted == ([(example.epochs, example.batch_size)] if example.epochs else [])


def give_stand_ins(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a page's `load_data` take stand-ins, if there is a choice."""
    if "data" in module.EXAMPLE.data_arguments:
        load = functools.partial(module.load_data, data="stand-in")
        monkeypatch.setattr(module, "load_data", load)


def shorten_training(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Has `fit` train for an epoch on few samples; returns where epochs and batch size go."""
    fit, fitted = keras.Model.fit, []

    def short(
        model: keras.Model, x: Any, y: Any, batch_size: int = 32, epochs: int = 1, **options: Any
    ) -> Any:
        fitted.append((epochs, batch_size))
        if options.get("validation_data"):
            options["validation_data"] = [array[:500] for array in options["validation_data"]]
        return fit(model, x[:500], y[:500], batch_size, **options)

    monkeypatch.setattr(keras.Model, "fit", short)
    return fitted


# What is not public


def test_what_is_not_public_is_used_in_one_module_that_is_imported_when_needed() -> None:
    users = {name for name, source in SOURCES.items() if PRIVATE.search(source)}
    assert len(users) <= 1, users
    shared = "keras_examples.runner.distributed."  # which is imported when training is shared
    assert all(name.startswith(shared) for name in users)
    at_once = {
        name: {found.module for found in imports if found.at_once and shared in found.module}
        for name, imports in IMPORTS.items()
        if not name.startswith(shared)
    }
    assert {name: found for name, found in at_once.items() if found} == {}


HIDE = """
import builtins

kept = builtins.__import__

def hide(name, globals=None, locals=None, fromlist=(), level=0):
    private = name.startswith(("tensorflow.python", "keras.src"))
    if private and str((globals or {}).get("__name__")).startswith("keras_examples"):
        raise ImportError(f"{name} is hidden")
    return kept(name, globals, locals, fromlist, level)

builtins.__import__ = hide
"""


def start(
    program: str, *options: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own."""
    path = os.pathsep.join(map(str, [PROJECT, *([folder] if folder else [])]))
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # another test's run may have set it
    return subprocess.run(
        [sys.executable, *options, *(["-c", program] if program else [])],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_without_what_is_not_public_the_runner_is_imported() -> None:
    done = start(f"{HIDE}\nimport keras_examples.runner", "-W", "error")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_without_what_is_not_public_an_example_runs(tmp_path: Path) -> None:
    program = "from keras_examples import run; run('sine-rnn', epochs=1)"
    done = start(f"{HIDE}\n{program}", folder=tmp_path)
    assert done.returncode == 0, done.stderr


# What importing does

STATE = """
import json, logging, os, signal, sys

def streams():
    files = [(status.st_dev, status.st_ino) for status in map(os.fstat, (0, 1, 2))]
    return [files, [stream is kept for stream, kept in (
        (sys.stdin, sys.__stdin__), (sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)
    )]]

before = streams()
for name in MODULES:
    __import__(name)
names = ["root", *sorted(logging.root.manager.loggerDict)]
print(json.dumps({
    "streams": before == streams(),
    "signals": {one.name: str(signal.getsignal(one)) for one in signal.valid_signals() - {0}
                if isinstance(one, signal.Signals)},
    "environment": dict(os.environ),
    "levels": {name: logging.getLogger(name).level for name in names},
}))
"""


def state_after_importing(*modules: str) -> dict[str, Any]:
    """Returns what a process that imports modules is like afterwards."""
    done = start(f"MODULES = {modules!r}\n{STATE}")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_examples_changes_nothing_outside() -> None:
    usual = state_after_importing("keras", "tensorflow", "matplotlib.figure")
    ours = state_after_importing("keras_examples", *sorted(EXAMPLES))
    assert ours["streams"]
    assert ours["signals"] == usual["signals"]
    assert ours["environment"] == usual["environment"]
    # Packages that only we import may have loggers of their own.
    assert {name: ours["levels"].get(name) for name in usual["levels"]} == usual["levels"]


def test_a_program_that_imports_the_package_shows_its_lines_at_once(tmp_path: Path) -> None:
    package = tmp_path / "yourpackage"
    package.mkdir()
    (package / "__init__.py").write_text("import keras_examples\n")
    # It ends without a chance to put anything back.
    program = "import os, sys\nprint('epoch 1', file=sys.stderr, flush=True)\nos._exit(0)\n"
    (package / "train.py").write_text(program)
    assert start("", "-m", "yourpackage.train", folder=tmp_path).stderr == "epoch 1\n"
