"""The pages in both languages have the same things in them, in the same order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
# Made from docstrings, or for whoever works on the project, whose language is English as its code.
ENGLISH_ONLY = ("api/", "development/")
# Pages that are not in Chinese yet. Empty when all are.
MISSING: set[str] = set()

_BLOCK = re.compile(r"^( *)(`{3,})(?P<head>.*)\n(?P<code>(?:.*\n)*?)\1\2$", re.MULTILINE)
_TITLED = re.compile(
    r'^(`{3,})\w+ title="(?P<title>[^"]+)"\n(?:.*\n)*?\1$(?:\n\n```text\n(?:.*\n)*?```$)?', re.M
)
_MARKER = re.compile(r"^<!-- code: (?P<title>.+?) -->$", re.MULTILINE)
_HEADING = re.compile(r"^(#+) .*?(?:\{ #([\w-]+) \})?$", re.MULTILINE)


def pages(folder: Path) -> set[str]:
    found = {page.relative_to(folder).as_posix() for page in folder.rglob("*.md")}
    return {name for name in found if not name.startswith((*ENGLISH_ONLY, "zh/"))}


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


ENGLISH, CHINESE = pages(DOCS), pages(DOCS / "zh")
BOTH = sorted(ENGLISH & CHINESE)
each_page = pytest.mark.parametrize("name", BOTH)


# What both have to have. Each of these works on a page in either language.


def prose(page: str) -> str:
    return _BLOCK.sub("", page)


def headings(page: str) -> list[str]:
    return [f"{level} #{anchor}" for level, anchor in _HEADING.findall(prose(page))]


def figures(page: str) -> list[str]:
    return [Path(link).name for link in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", prose(page))]


def networks(page: str) -> list[str]:
    """The networks that run in the page."""
    return re.findall(r"^<!-- network: (\w+) -->$", prose(page), re.MULTILINE)


def experiments(page: str) -> list[str]:
    """The titles of the blocks that have one, or of what stands for them on a Chinese page."""
    found = [*_TITLED.finditer(page), *_MARKER.finditer(page)]
    return [one["title"] for one in sorted(found, key=lambda one: one.start())]


def commands(page: str) -> list[str]:
    """The lines of the other blocks, but for comments, which are translated."""
    blocks = _BLOCK.finditer(_TITLED.sub("", page))
    lines = [line for block in blocks for line in block["code"].splitlines()]
    code = [re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines]
    return [line for line in code if line]


def formulas(page: str) -> list[str]:
    return re.findall(r"\$\$[^$]+\$\$", prose(page))


def numbers(page: str) -> list[str]:
    """The numbers of recorded runs, by section: sentences may have them in another order."""
    found = []
    for section in re.split(r"^(?=##+ )", prose(page), flags=re.MULTILINE):
        anchor = "".join(re.findall(r"\A#+ .*\{ (#[\w-]+) \}$", section, re.MULTILINE))
        shown = re.findall(r"[—\d.,e%+-]*<!-- \w+:\S+ -->", section)
        found += [f"{anchor} {number}" for number in sorted(shown)]
    return found


def folded(page: str) -> list[str]:
    """The boxes, of answers for example."""
    return re.findall(r"^ *(?:\?\?\?\+?|!!!) \w+", page, re.MULTILINE)


EVERYTHING: list[Callable[[str], list[str]]] = [
    headings,
    figures,
    networks,
    experiments,
    commands,
    formulas,
    numbers,
    folded,
]


def difference(name: str, english: str, chinese: str) -> str:
    """What one of the pages has and the other lacks, in words; empty where they agree."""
    found = []
    for things in EVERYTHING:
        changes = [*unified_diff(things(english), things(chinese), lineterm="", n=0)][2:]
        where = {"-": f"only docs/{name} has", "+": f"only docs/zh/{name} has"}
        found += [
            f"{things.__name__}: {where[line[0]]} {line[1:]!r} here"
            for line in changes
            if line[0] in where
        ]
    return "\n".join(found)


def test_every_page_is_in_both_languages_but_for_those_said_to_be_missing() -> None:
    assert CHINESE <= ENGLISH, "a Chinese page has no English one"
    assert ENGLISH - CHINESE == MISSING, "write the page in docs/zh/, or correct MISSING"


@each_page
def test_both_languages_have_the_same_on_a_page(name: str) -> None:
    differ = difference(name, read(DOCS, name), read(DOCS / "zh", name))
    assert not differ, f"docs/{name} and docs/zh/{name} differ\n{differ}"


@each_page
def test_code_and_its_output_are_written_down_once(name: str) -> None:
    page = read(DOCS / "zh", name)
    assert _TITLED.search(page) is None, f"docs/zh/{name}: write <!-- code: TITLE --> instead"
    assert len(_MARKER.findall(page)) == page.count("<!-- code:"), "a marker is a line of its own"
    assert not _MARKER.search(read(DOCS, name)), f"docs/{name} is where the code stands"


@each_page
def test_a_figure_of_a_chinese_page_is_the_chinese_one(name: str) -> None:
    up = "../" * (name.count("/") + 2)
    links = re.findall(r"\]\(([^)\s]*\b(?:plots|stills)/[^)\s]*)\)", prose(read(DOCS / "zh", name)))
    folders = f"{up}plots/zh/", f"{up}keras_examples/demo/pages/stills/zh/"
    assert [link for link in links if not link.startswith(folders)] == []


def targets(folder: str, name: str) -> set[str]:
    """The pages below `docs/` that a page links to."""
    links = re.findall(r"\]\(([^)\s:]+\.md)(?:#[\w-]*)?\)", prose(read(DOCS / folder, name)))
    here = posixpath.join(folder, posixpath.dirname(name))
    return {posixpath.normpath(posixpath.join(here, link)) for link in links}


@each_page
def test_a_link_leads_to_a_page_in_the_same_language(name: str) -> None:
    others = {link for link in targets("zh", name) if not link.startswith("zh/")}
    assert {link for link in others if not link.startswith(ENGLISH_ONLY)} == set()
    assert {link for link in targets(".", name) if link.startswith("zh/")} == set()


@each_page
def test_a_chinese_page_is_in_chinese(name: str) -> None:
    text = re.sub(r"`[^`\n]+`|\]\([^)]+\)|<[^>]+>|\$[^$]+\$", "", prose(read(DOCS / "zh", name)))
    for paragraph in re.split(r"\n\s*\n", text):
        english = re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){5,}", paragraph)
        assert not english, paragraph


PAGE = """# A page { #page }

**Result.** 98.2%<!-- val_accuracy:.1% --> of 4<!-- errors:g -->.

```
keras-examples run xor  # quickly
```

![A figure](../../plots/xor-loss.png)

<!-- network: neuron -->
![A neuron](../../keras_examples/demo/pages/stills/neuron.png)

$$y = x$$

## An experiment { #experiment }

```python title="python docs/experiments.py xor-seeds"
# code
```

```text
output
```

??? success "Answer"

    ```python
    print(1)
    ```
"""
IN_CHINESE = """# 一页 { #page }

**结果。** 4<!-- errors:g --> 中的 98.2%<!-- val_accuracy:.1% -->。

```
keras-examples run xor  # 很快
```

![一张图](../../../plots/zh/xor-loss.png)

<!-- network: neuron -->
![一个神经元](../../../keras_examples/demo/pages/stills/zh/neuron.png)

$$y = x$$

## 实验 { #experiment }

<!-- code: python docs/experiments.py xor-seeds -->

??? success "答案"

    ```python
    print(1)
    ```
"""


def test_a_page_and_its_translation_agree() -> None:
    assert difference("page.md", PAGE, IN_CHINESE) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## 实验", "### 实验", "headings: only docs/page.md has '## #experiment' here"),
        ("{ #page }", "{ #seite }", "headings: only docs/zh/page.md has '# #seite' here"),
        ("xor-loss", "xor-regions", "figures: only docs/page.md has 'xor-loss.png' here"),
        ("work: neuron", "work: edges", "networks: only docs/page.md has 'neuron' here"),
        ("xor-seeds", "xor-longer", "experiments: only docs/zh/page.md has 'python docs/"),
        ("run xor", "run all", "commands: only docs/zh/page.md has 'keras-examples run all' here"),
        ("print(1)", "print(2)", "commands: only docs/page.md has 'print(1)' here"),
        ("y = x", "y = z", "formulas: only docs/page.md has '$$y = x$$' here"),
        ("98.2%<", "98.3%<", "numbers: only docs/page.md has '#page 98.2%<!-- val_accuracy:.1%"),
        ("4<!-- errors:g -->", "4", "numbers: only docs/page.md has '#page 4<!-- errors:g -->'"),
        ("??? success", "**答案**", "folded: only docs/page.md has '??? success' here"),
    ],
)
def test_what_one_language_lacks_is_named(old: str, new: str, said: str) -> None:
    assert said in difference("page.md", PAGE, IN_CHINESE.replace(old, new))
