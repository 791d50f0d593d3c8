"""The Chinese text of the notebooks is whole, and agrees with the pages and with the course."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from keras_examples.core import catalogue
from keras_examples.notebook import chinese
from keras_examples.notebook.page import Page
from tests.pages import chapter_pages, read

PACKAGE = Path(chinese.__file__).parents[1]
FOLDER = PACKAGE / "notebook" / "zh"
HEADINGS = {"Args:": "参数：", "Returns:": "返回：", "Yields:": "产出：", "Raises:": "异常："}
# What a figure's module is called whose figures several examples draw.
SHARED = "shared"
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){3,}")

each_example = pytest.mark.parametrize("name", catalogue.names())


def source_of(name: str) -> str:
    return (PACKAGE / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    return re.findall(r"^## (.+)$", (FOLDER / f"{name}.md").read_text(encoding="utf-8"), re.M)


def docstrings(node: ast.AST, outer: str = "") -> Iterator[tuple[str, str]]:
    """The docstrings of functions, classes and methods, by name."""
    for child in getattr(node, "body", ()):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            docstring = ast.get_docstring(child)
            if docstring is not None:
                yield outer + child.name, docstring
            yield from docstrings(child, f"{outer}{child.name}.")


def without_docstrings(source: str) -> str:
    """What a source says to Python; not the docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
            node.body = node.body[ast.get_docstring(node) is not None :]
    return ast.dump(tree)


def figures(name: str) -> Iterator[tuple[str, str]]:
    """The module and the function of each figure, read from the page: it would import Keras."""
    tree = ast.parse(source_of(name))
    imported = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "keras_examples.figures"
        for alias in node.names
    }
    (drawn,) = (
        node.value.elts
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "figures"
        if isinstance(node.value, ast.Tuple)
    )
    for one in drawn:
        starred = isinstance(one, ast.Starred)
        module, _, function = ast.unparse(one).lstrip("*").rpartition(".")
        assert (module or function) in imported
        found = import_module(f"keras_examples.figures{'.' * bool(module)}{module}")
        several = getattr(found, function)
        for draw in several if starred else [several]:
            yield draw.__module__.rpartition(".")[2], draw.__name__


def sections(docstring: str) -> dict[str, set[str]]:
    """The names that each part of a docstring explains, by its English heading."""
    found: dict[str, set[str]] = {}
    names = {zh: en for en, zh in HEADINGS.items()} | {en: en for en in HEADINGS}
    heading = ""
    for line in docstring.splitlines():
        if line in names:
            heading = names[line]
            found[heading] = set()
        # What is returned has no name, though its text may begin with a word and a colon.
        elif heading in ("Args:", "Raises:"):
            found[heading] |= set(re.findall(r"^ {4}(\*{0,2}\w+)[:：]", line))
    return found


def quoted(text: str) -> set[str]:
    """The code that a text quotes."""
    return set(re.findall(r"`[^`]+`", re.sub(r"\s+", " ", text)))


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def test_every_example_has_its_chinese_text_and_nothing_else_has() -> None:
    files = {file.stem for file in FOLDER.iterdir()}
    assert files == {*catalogue.names(), SHARED}


@each_example
def test_everything_that_a_page_explains_is_explained_in_chinese(name: str) -> None:
    explained = [one for one in headings(name) if not one.startswith("图 ")]
    assert explained == [shown for shown, _ in docstrings(ast.parse(source_of(name)))]


@each_example
def test_every_figure_of_an_example_has_a_caption_of_its_own_or_a_shared_one(name: str) -> None:
    captions = chinese.read(name).captions
    drawn = {figure: module for module, figure in figures(name)}
    own = {one.removeprefix("图 ").partition("：")[0] for one in headings(name) if one[0] == "图"}
    assert own <= set(drawn), "no such figure"
    assert {figure for figure, module in drawn.items() if module != SHARED} <= own
    for figure in drawn:
        title, text = captions[figure]
        assert len(title) <= 16
        assert text.endswith("。")
        assert 1 <= text.count("。") <= 3


def test_a_shared_caption_is_one_of_several_examples() -> None:
    users = [
        figure
        for name in catalogue.names()
        for module, figure in figures(name)
        if module == SHARED and f"图 {figure}：" not in "\n".join(headings(name))
    ]
    shared = [one.removeprefix("图 ").partition("：")[0] for one in headings(SHARED)]
    assert [figure for figure in shared if users.count(figure) > 1] == shared


@each_example
def test_a_chinese_docstring_explains_what_the_english_one_does(name: str) -> None:
    english = dict(docstrings(ast.parse(source_of(name))))
    for shown, text in chinese.read(name).docstrings.items():
        assert sections(text) == sections(english[shown]), shown
        assert quoted(text) == quoted(english[shown]), shown


@each_example
def test_a_chinese_introduction_quotes_the_code_that_the_english_one_quotes(name: str) -> None:
    assert quoted(chinese.read(name).introduction) == quoted(Page(source_of(name)).docstring())


@each_example
def test_the_code_is_the_same_in_both_languages_but_for_its_docstrings(name: str) -> None:
    source, text = source_of(name), chinese.read(name)
    translated = text.translated(source)
    assert without_docstrings(translated) == without_docstrings(source)
    assert dict(docstrings(ast.parse(translated))) == text.docstrings
    for own, other in zip(Page(source).groups(), Page(translated).groups(), strict=True):
        compile(other, name, "exec")
        assert without_docstrings(own) == without_docstrings(other)
        assert re.findall("#.*", own) == re.findall("#.*", other)


@each_example
def test_no_english_is_left_in_what_is_chinese(name: str) -> None:
    text = chinese.read(name)
    said = [
        text.introduction,
        *text.docstrings.values(),
        *(one.text for one in text.captions.values()),
    ]
    for one in said:
        assert re.search(r"[一-鿿]", one)
        plain = re.sub(r"`[^`]+`|《.+?》", "", one)
        assert ENGLISH.search(plain) is None, one


@each_example
def test_a_line_of_a_chinese_docstring_fits_beside_the_code(name: str) -> None:
    translated = chinese.read(name).translated(source_of(name))
    lines = translated.partition("EXAMPLE = ")[0].splitlines()
    assert [line for line in lines if width(line) > 100] == []


def test_a_docstring_is_replaced_where_it_stands() -> None:
    function = 'def f():\n    """Does.\n\n    More.\n    """\n    # why\n    return "x"\n\n\n'
    source = function + 'class A:\n    """Is."""\n'
    text = chinese.Chinese("", {"f": "做。", "A": "是。\n\n参数：\n    x：数。"}, {})
    assert text.translated(source) == (
        'def f():\n    """做。"""\n    # why\n    return "x"\n\n\n'
        'class A:\n    """是。\n\n    参数：\n        x：数。\n    """\n'
    )


@pytest.mark.parametrize("page", chapter_pages("zh"))
def test_the_course_describes_a_figure_as_the_notebook_does(page: str) -> None:
    figure = re.compile(r"^!\[(?P<said>.+)\]\(.*/plots/zh/(?P<file>[\w-]+)\.png\)$", re.M)
    shown = {found["file"]: found["said"] for found in figure.finditer(read(page))}
    for name in catalogue.names():
        captions = chinese.read(name).captions
        for _, drawn in figures(name):
            said = shown.pop(f"{name}-{drawn.replace('_', '-')}", None)
            assert said in (None, captions[drawn].text.partition("。")[0]), drawn
    assert not shown, "figures of no example"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_chapter_says_how_to_get_its_examples_as_notebooks(lang: str) -> None:
    ending = {"en": "", "zh": " --lang zh"}[lang]
    for page, (_, names) in zip(chapter_pages(lang), catalogue.chapters(), strict=True):
        said = [f"`keras-examples notebook {name}{ending}`" for name in (*names, "NAME")]
        assert any(one in read(page) for one in said), page
