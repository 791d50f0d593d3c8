from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from matplotlib.figure import Figure

import keras_examples
from keras_examples import InputError, cli
from keras_examples.compare import compare
from keras_examples.core import catalogue

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ALL = pytest.mark.parametrize("name", catalogue.names())
PAGES = [str(page.relative_to(DOCS)) for page in sorted(DOCS.rglob("*.md"))]
FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
RECORD = json.loads((DOCS / "experiments.json").read_text(encoding="utf-8"))


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def chapter_pages() -> list[str]:
    return sorted(page for page in PAGES if re.fullmatch(r"course/\d-\w+\.md", page))


def section(name: str) -> str:
    """The text below an example's heading."""
    return SECTIONS[name].text


def declared_figures(name: str) -> set[str]:
    example = catalogue.load(name)
    files = {f"{figure.__name__}.png" for figure in example.figures}
    if example.animation:
        files.add(f"{example.animation.__name__}.gif")
    return {f"{name}-{file.replace('_', '-')}" for file in files}


def without_blocks(text: str) -> str:
    """A page without what its blocks of code say."""
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)


def without_code(text: str) -> str:
    """A page without what stands in code."""
    return re.sub(r"`[^`\n]+`", "", without_blocks(text))


def as_lines(code: str) -> str:
    """Code without its indentation."""
    return "".join(f"{line.strip()}\n" for line in code.splitlines())


def script(name: str) -> ModuleType:
    """A script of the docs, as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


experiments, overviews = script("experiments"), script("overviews")
EXPERIMENTS = {one.name: one for one in experiments.experiments()}
SECTIONS = {
    section.name: section
    for chapter in overviews.chapters({DOCS / page: read(page) for page in chapter_pages()})
    for section in chapter.sections
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with an empty figure under each name that an example declares."""
    for needed in ("latex2mathml", "mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(needed, reason=f"needs {needed}: pip install '.[docs]'")
    plots, built = tmp_path_factory.mktemp("plots"), tmp_path_factory.mktemp("site")
    for name in catalogue.names():
        for figure in declared_figures(name):
            Figure(figsize=(1, 1)).savefig(plots / figure)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(built)],
        cwd=ROOT,
        env={**os.environ, "KERAS_EXAMPLES_PLOTS": str(plots), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return built


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(site: Path) -> None:
    assert (site / "index.html").exists()
    assert len(list(site.rglob("*.png"))) > len(catalogue.names())


@pytest.mark.slow
def test_the_site_shows_every_argument_of_run_and_compare(site: Path) -> None:
    page = (site / "api/run/index.html").read_text(encoding="utf-8")
    for function in (keras_examples.run, compare):
        for name in inspect.signature(function).parameters:
            assert f"<code>{name}</code>" in page


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=\"?(?:https?:)?//", html)
        assert not re.findall(r"<link[^>]+stylesheet[^>]+href=\"?(?:https?:)?//", html)


@pytest.mark.slow
def test_no_formula_of_the_course_is_left_as_tex(site: Path) -> None:
    for page in chapter_pages():
        html = (site / page.removesuffix(".md") / "index.html").read_text(encoding="utf-8")
        prose = re.sub(r"<code.*?</code>|<script.*?</script>", "", html, flags=re.DOTALL)
        assert html.count("<math") == len(FORMULA.findall(without_code(read(page))))
        assert not re.search(r"\$|\\frac|\\top", prose)


def test_a_formula_becomes_mathml_and_code_stays_as_it_is() -> None:
    for needed in ("latex2mathml", "mkdocs"):
        pytest.importorskip(needed, reason=f"needs {needed}: pip install '.[docs]'")
    typeset = script("hooks").typeset
    assert re.fullmatch(
        r'a <span><math [^>]*display="inline"><.*x</mi>.*</span> b', typeset("a $x$ b")
    )
    assert re.fullmatch(r'<math [^>]*display="block"><.*</math>', typeset(r"$$\frac{x}{2}$$"))
    for kept in ("`$x$`", "```sh\necho $a $b$\n```", "it costs $5", "$5 or $6"):
        assert typeset(kept) == kept


def test_a_formula_at_the_start_of_a_line_does_not_break_the_paragraph() -> None:
    for needed in ("latex2mathml", "mkdocs"):
        pytest.importorskip(needed, reason=f"needs {needed}: pip install '.[docs]'")
    markdown = pytest.importorskip("markdown").markdown
    html = markdown(script("hooks").typeset("$x$ is one of *two*\n$y$ letters."))
    assert html.startswith("<p>")
    assert html.endswith(" letters.</p>")
    assert html.count("<p>") == 1
    assert "<em>two</em>" in html


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


def test_each_chapter_of_the_course_has_a_page_with_both_titles() -> None:
    titles = [read(page).partition("\n")[0] for page in chapter_pages()]
    assert titles == [
        f"# {number}. {title['en']} · {title['zh']}"
        for number, (title, _) in enumerate(catalogue.chapters(), start=1)
    ]


def test_the_examples_stand_in_the_order_of_the_course() -> None:
    for page, (_, names) in zip(chapter_pages(), catalogue.chapters(), strict=True):
        assert re.findall(r"^## .*\{ #([\w-]+) \}$", read(page), re.MULTILINE) == names


@pytest.mark.parametrize("page", ["zh.md", "course/index.md"])
def test_an_overview_leads_to_every_example_in_order(page: str) -> None:
    assert re.findall(r"\.md#([\w-]+)\)", read(page)) == catalogue.names()
    for title, _ in catalogue.chapters():
        assert title["zh"] in read(page)


def test_what_is_made_from_the_course_and_the_recorded_runs_is_up_to_date() -> None:
    stale = [
        path.name
        for path, page in overviews.up_to_date().items()
        if path.read_text(encoding="utf-8") != page
    ]
    assert stale == [], "run `python docs/overviews.py --write`"


def test_a_number_on_a_page_is_that_of_the_recorded_run_or_a_dash() -> None:
    page = "## A · 甲 { #a }\n0.5<!-- loss:.2f --> and 7<!-- errors:g -->.\n"
    filled = "## A · 甲 { #a }\n0.12<!-- loss:.2f --> and —<!-- errors:g -->.\n"
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
    assert "**看什么、试什么。**" in text


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
    again = f"run `python docs/experiments.py {name}` again"
    assert name in RECORD, again
    code = EXPERIMENTS[name].code.encode()
    assert RECORD[name]["code_sha256"] == hashlib.sha256(code).hexdigest(), again
    assert RECORD[name]["output"] == EXPERIMENTS[name].output, again


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
    for code in re.findall(r"^```python.*?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        compile(code, page, "exec")


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_on_a_page_is_one_that_an_example_declares(page: str) -> None:
    every = set().union(*map(declared_figures, catalogue.names()))
    assert set(re.findall(r"/plots/([\w.-]+)\)", without_blocks(read(page)))) <= every


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
    return [cells[-1].strip("`") for cells in rows if cells[-1] != "Test"]


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


def test_each_promise_is_in_both_languages() -> None:
    for line in read("promises.md").splitlines():
        if line.startswith("| ") and not line.startswith("| Promise |"):
            english, chinese, _ = line.strip("| ").split(" | ")
            assert not re.search(r"[\u4e00-\u9fff]", english)
            assert re.search(r"[\u4e00-\u9fff]", chinese)


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
    tests = promised(
        f"| Promise | 承诺 | Test |\n|---|---|---|\n| It works. | 能用。 | `{named}` |\n"
    )
    assert tests == [named]
    assert not is_test(named)


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    return capsys.readouterr().out


def test_the_page_of_commands_has_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^    ([a-z]+) ", _help(capsys), re.MULTILINE)
    assert commands
    for command in commands:
        assert f"| `keras-examples {command}" in read("commands.md")


def test_the_page_of_commands_has_every_option_of_run(capsys: pytest.CaptureFixture[str]) -> None:
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", _help(capsys, "run"), re.MULTILINE))
    described = set(re.findall(r"^\| `(--[\w-]+)", read("commands.md"), re.MULTILINE))
    assert described == options - {"--help"}
