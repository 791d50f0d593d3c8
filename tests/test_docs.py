from __future__ import annotations

import ast
import hashlib
import json
import re
import textwrap
from pathlib import Path

import pytest

import keras_examples
from keras_examples import InputError, cli
from keras_examples.core import LANGUAGES, catalogue
from tests.pages import DOCS, PAGES, ROOT, chapter_pages, read, script, without_blocks, without_code

ALL = pytest.mark.parametrize("name", catalogue.names())
each_language = pytest.mark.parametrize("lang", LANGUAGES)
RECORD = json.loads((DOCS / "experiments.json").read_text(encoding="utf-8"))


def section(name: str, lang: str = "en") -> str:
    """The text below an example's heading."""
    return str(SECTIONS[name].text[lang])


def declared_figures(name: str) -> set[str]:
    example = catalogue.load(name)
    files = {f"{figure.__name__}.png" for figure in example.figures}
    if example.animation:
        files.add(f"{example.animation.__name__}.gif")
    return {f"{name}-{file.replace('_', '-')}" for file in files}


def as_lines(code: str) -> str:
    """Code without its indentation."""
    return "".join(f"{line.strip()}\n" for line in code.splitlines())


experiments, overviews = script("experiments"), script("overviews")
EXPERIMENTS = {one.name: one for one in experiments.experiments()}
SECTIONS = {
    section.name: section
    for chapter in overviews.chapters(overviews.chapter_pages())
    for section in chapter.sections
}


def test_every_formula_is_on_a_line_of_its_own_or_within_one() -> None:
    for page in chapter_pages():
        for line in without_code(read(page)).splitlines():
            assert line.count("$") % 2 == 0, line


def test_the_code_beside_a_formula_is_the_examples() -> None:
    found = []
    for page in chapter_pages():
        for path, code in re.findall(
            r'^```python title="(keras_examples/\w+\.py)"\n(.*?)^```$', read(page), re.M | re.S
        ):
            source = (ROOT / path).read_text(encoding="utf-8")
            assert as_lines(code) in as_lines(source), code
            found.append(path)
    assert found


@each_language
def test_each_chapter_of_the_course_has_a_page_with_its_title(lang: str) -> None:
    titles = [read(page).partition("\n")[0] for page in chapter_pages(lang)]
    assert titles == [
        f"# {number}. {title[lang]}"
        for number, (title, _) in enumerate(catalogue.chapters(), start=1)
    ]


@each_language
def test_the_examples_stand_in_the_order_of_the_course_before_summary_and_exercises(
    lang: str,
) -> None:
    for page, (_, names) in zip(chapter_pages(lang), catalogue.chapters(), strict=True):
        anchors = re.findall(r"^## .*\{ #([\w-]+) \}$", read(page), re.MULTILINE)
        assert anchors == [*names, "summary", "exercises"]


@pytest.mark.parametrize("page", ["course/index.md", "zh/course/index.md", "zh/index.md"])
def test_an_overview_leads_to_every_example_in_order(page: str) -> None:
    assert re.findall(r"\d-\w+\.md#([\w-]+)\)", read(page)) == catalogue.names()
    for title, _ in catalogue.chapters():
        assert title["zh" if page.startswith("zh/") else "en"] in read(page)


def test_what_is_made_from_the_course_and_the_recorded_runs_is_up_to_date() -> None:
    stale = [
        path.name
        for path, page in overviews.up_to_date().items()
        if path.read_text(encoding="utf-8") != page
    ]
    assert stale == [], "run `python docs/overviews.py --write`"


def test_a_number_on_a_page_is_that_of_the_recorded_run_or_a_dash() -> None:
    page = "## A { #a }\n0.5<!-- loss:.2f --> and 7<!-- errors:g -->.\n"
    filled = "## A { #a }\n0.12<!-- loss:.2f --> and —<!-- errors:g -->.\n"
    assert overviews.fill_in(page, {"a": {"loss": "0.1234"}}) == filled
    assert overviews.fill_in(filled, {"a": {"loss": "0.5", "errors": "7"}}) == page.replace(
        "0.5<", "0.50<"
    )


@ALL
def test_a_section_names_the_article_that_its_example_declares(name: str) -> None:
    assert catalogue.load(name).article in SECTIONS[name].articles.split(", ")


@ALL
def test_the_section_of_an_example_has_its_command_its_figures_and_what_to_look_at(
    name: str,
) -> None:
    text = section(name)
    assert f"\n```\nkeras-examples run {name}\n```\n" in text
    assert set(re.findall(r"\]\(\.\./\.\./plots/([^)]+)\)", text)) == declared_figures(name)
    assert "**What to look at.**" in text
    assert "**看什么、试什么。**" in section(name, "zh")


@ALL
def test_an_example_has_experiments_to_try(name: str) -> None:
    text = section(name)
    own = [one for one in EXPERIMENTS if f'experiments.py {one}"' in text]
    assert len(own) >= 2
    assert all(one.startswith(f"{name}-") for one in own)


def test_no_experiment_is_written_in_a_way_that_the_script_does_not_see() -> None:
    titles = [
        found
        for page in chapter_pages()
        for found in re.findall(r'title="python docs/experiments\.py (.+?)"', read(page))
    ]
    assert titles == list(EXPERIMENTS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_page_shows_what_the_code_on_it_has_printed(name: str) -> None:
    again = f"run `python docs/experiments.py {name} --write` again"
    assert name in RECORD, again
    code = EXPERIMENTS[name].code.encode()
    assert RECORD[name]["code_sha256"] == hashlib.sha256(code).hexdigest(), again
    assert RECORD[name]["output"] == EXPERIMENTS[name].output, again


@pytest.mark.parametrize("write", [False, True])
def test_an_experiment_is_put_on_the_page_only_when_asked_to(
    write: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page, record = tmp_path / "course/page.md", tmp_path / "experiments.json"
    page.parent.mkdir()
    title = 'title="python docs/experiments.py one"'
    page.write_text(f"```python {title}\nprint(1 + 1)\n```\n\n```text\n3\n```\n", "utf-8")
    before = page.read_text("utf-8")
    monkeypatch.setattr(experiments, "DOCS", tmp_path)
    monkeypatch.setattr(experiments, "RECORD", record)
    monkeypatch.setattr("sys.argv", ["experiments.py", "one", *(["--write"] if write else [])])
    experiments.main()
    assert page.read_text("utf-8") == (before.replace("3", "2") if write else before)
    assert record.exists() == write
    assert ("(other than on the page)" in capsys.readouterr().out) != write


def test_the_record_has_no_experiment_that_is_gone() -> None:
    assert set(RECORD) == set(EXPERIMENTS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_an_experiment_imports_is_there(name: str) -> None:
    for node in ast.walk(ast.parse(EXPERIMENTS[name].code)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("keras_examples"):
            exec(ast.unparse(node), {})


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("numpy-product", "[[19, 22], [43, 50]]"),
        ("numpy-product", "shapes (2,2) and (3,2) not aligned: 2 (dim 1) != 3 (dim 0)"),
        ("numpy-layer", "(3, 2) @ (2, 3) + (3,) is (3, 3)"),
        ("xor-seeds", "4 of 10 learn it"),
        ("xor-longer", "loss 0.347"),
        ("decision-boundary-best-line", "best line: 68.7%"),
        ("decision-boundary-best-line", "steepness 0: cross-entropy 0.693"),
        ("decision-boundary-corners", "seed 0: corners where each neuron's line crosses: 0 0 2"),
        ("decision-boundary-corners", "in all 12"),
    ],
)
def test_an_experiment_has_printed_the_number_that_the_text_speaks_of(
    name: str, printed: str
) -> None:
    assert printed in RECORD[name]["output"]


def test_an_experiment_needs_the_data_of_the_examples_that_it_imports() -> None:
    assert EXPERIMENTS["mnist-cnn-depth"].examples == {"mnist_cnn", "inductive_bias"}
    assert EXPERIMENTS["activations-depth"].examples == {"activations"}


def test_experiments_refuse_stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_EXAMPLES_DATA", str(tmp_path))
    experiments.require_data([EXPERIMENTS["sine-rnn-window"]])
    with pytest.raises(InputError, match="mnist"):
        experiments.require_data([EXPERIMENTS["mnist-cnn-depth"]])


@pytest.mark.parametrize("page", PAGES)
def test_the_python_on_a_page_compiles(page: str) -> None:
    text = re.sub(r"^````\w.*?^````$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    for _, code in re.findall(r"^( *)```python.*?\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        compile(textwrap.dedent(code), page, "exec")


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_on_a_page_is_one_that_an_example_declares(page: str) -> None:
    every = set().union(*map(declared_figures, catalogue.names()))
    assert set(re.findall(r"/plots/(?:zh/)?([\w.-]+)\)", without_blocks(read(page)))) <= every


def test_the_api_pages_have_all_that_the_package_offers() -> None:
    api = "".join(read(page) for page in PAGES if page.startswith("api/"))
    for name in keras_examples.__all__:
        assert f"::: keras_examples.{name}\n" in api
    for module in catalogue.MODULES:
        assert f"::: keras_examples.{module}\n" in api


def test_the_design_names_every_module_and_none_that_is_gone() -> None:
    described = set()
    for part in read("development/design.md").split("\n### `")[1:]:
        folder = part.partition("`")[0]
        names = re.findall(r"^\| `(\w+\.py)` \| \S", part, re.MULTILINE)
        described |= {f"{folder}{name}" for name in ["__init__.py", *names]}
    there = {file.relative_to(ROOT).as_posix() for file in ROOT.glob("keras_examples/*/**/*.py")}
    own = {f"keras_examples/figures/{name}.py" for name in catalogue.MODULES}
    assert described == there - own


def promised(text: str) -> list[str]:
    """The tests that a page of promises names: the last cell of each row of its tables."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells[-1].strip("`") for cells in rows if cells[-1] not in ("Test", "测试")]


def is_test(node_id: str) -> bool:
    path, _, name = node_id.partition("::")
    file = ROOT / path
    if not name.startswith("test_") or not file.is_file():
        return False
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return name in {node.name for node in body if isinstance(node, ast.FunctionDef)}


def test_each_promise_names_a_test_that_exists() -> None:
    tests = promised(read("promises.md"))
    assert len(tests) > 40
    assert [test for test in tests if not is_test(test)] == []


def test_no_test_is_named_for_two_promises() -> None:
    tests = promised(read("promises.md"))
    assert len(set(tests)) == len(tests)


def test_the_promises_are_the_same_in_both_languages() -> None:
    assert promised(read("zh/promises.md")) == promised(read("promises.md"))


@pytest.mark.parametrize(
    "named",
    [
        "tests/test_docs.py::test_that_nobody_wrote",
        "tests/test_docs.py::promised",
        "tests/test_docs.py",
        "tests/nowhere.py::test_each_promise_names_a_test_that_exists",
        "",
    ],
)
def test_a_promise_without_a_test_would_be_noticed(named: str) -> None:
    tests = promised(f"| Promise | Test |\n|---|---|\n| It works. | `{named}` |\n")
    assert tests == [named]
    assert not is_test(named)


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("page", ["commands.md", "zh/commands.md"])
def test_the_page_of_commands_has_every_command_and_every_option_of_run(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = re.findall(r"^    ([a-z]+) ", _help(capsys), re.MULTILINE)
    assert commands
    for command in commands:
        assert f"| `keras-examples {command}" in read(page)
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", _help(capsys, "run"), re.MULTILINE))
    described = set(re.findall(r"^\| `(--[\w-]+)", read(page), re.MULTILINE))
    assert described == options - {"--help"}
